"""A request for bash and curl.

It runs in a subshell, so that it can be pasted into a terminal, which a refusal then leaves open. In a quoted
here-document the shell takes every character of the body as it is.
"""

from assets.ready_requests.call import MAX_WAIT, NEVER_AGAIN, POLL_INTERVAL, Call
from assets.ready_requests.writers.literals import FILL_IN, WRITTEN_BLANK, fill, write_json

START = """
(
: "${SEGMIND_API_KEY:?is not set. Run: export SEGMIND_API_KEY=…}"
IFS= read -r -d '' body <<'JSON'
@body@
JSON
@guard@ask() { curl --silent --show-error --max-time @seconds@ --header "x-api-key: $SEGMIND_API_KEY" "$@"; }
submit() { ask --header 'content-type: application/json' --data-binary "$body" "$@" @url@; }

# @never_again@
"""
V2 = r"""
answer=$(submit --write-out '\n%{http_code}')
case $answer in *2??) ;; *) printf 'Segmind answered: %s\n' "$answer" >&2; exit 1 ;; esac
find() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1; }
url=@api@/requests/$(printf %s "$answer" | find request_id)
printf 'Submitted: %s\n' "$url" >&2

for look in $(seq @looks@); do
  sleep @interval@
  state=$(ask "$url/status" | find status)
  case $state in COMPLETED | FAILED) break ;; esac
done
# A failed job is answered with 422 and its error. Segmind keeps this for about an hour.
ask "$url"
[ "$state" = COMPLETED ]
)
"""
V1 = """
code=$(submit --output @file@ --write-out '%{http_code}')
[ "${code%??}" = 2 ] || { printf 'Segmind answered %s: ' "$code" >&2; cat @file@ >&2; exit 1; }
@show@)
"""
GUARD = f"case $body in *'{WRITTEN_BLANK}'*) echo '{FILL_IN}' >&2; exit 1 ;; esac\n"


def write(call: Call) -> str:
    is_v1 = call.version == "v1"
    start = fill(
        START,
        body=write_json(call.body.fields),
        guard=GUARD if call.body.blanks else "",
        seconds=300 if is_v1 else 60,
        url=call.url,
        never_again=NEVER_AGAIN,
    )
    return start + (_run_v1(call) if is_v1 else _run_v2(call))


def _run_v2(call: Call) -> str:
    return fill(V2, api=call.api, looks=MAX_WAIT // POLL_INTERVAL, interval=POLL_INTERVAL)


def _run_v1(call: Call) -> str:
    file = call.output_file or "result.txt"
    return fill(V1, file=file, show="" if call.output_file else f"cat {file}\n")
