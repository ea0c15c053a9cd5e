"""A request for Python with the SDK of Segmind."""

from assets.ready_requests.call import MAX_WAIT, POLL_INTERVAL, Call
from assets.ready_requests.writers.literals import fill, write_json
from assets.ready_requests.writers.python import describe_body

INSTALL = 'pip install "segmind>=1.1"'
V2 = """
import json

from segmind import InferenceFailed, InferenceTimeout, SegmindClient  # @install@

body = @body@
@guard@client = SegmindClient()  # reads SEGMIND_API_KEY

# @never_again@
job = client.submit_async(@slug@, **body)
print("Submitted:", job.response_url)
try:
    print(json.dumps(job.wait(timeout=@max_wait@, interval=@interval@), indent=2))
except InferenceFailed as failure:
    raise SystemExit(f"The job failed and is not billed: {failure.detail}")
except InferenceTimeout:
    raise SystemExit(f"Still running. Segmind keeps the result for about an hour: {job.response_url}")
"""
V1 = """
import json

from segmind import SegmindClient  # @install@

body = @body@
@guard@client = SegmindClient(timeout=300)  # reads SEGMIND_API_KEY

# @never_again@
response = client.run_sync(@slug@, **body)
@save@"""


def write(call: Call) -> str:
    return fill(
        V1 if call.version == "v1" else V2,
        **describe_body(call),
        install=INSTALL,
        slug=write_json(call.slug),
        max_wait=MAX_WAIT,
        interval=POLL_INTERVAL,
    )
