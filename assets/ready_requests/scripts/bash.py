"""Many requests, for bash and curl: one after the other, because bash cannot look at several jobs."""

from math import ceil

from assets.ready_requests.scripts.batch_call import FATAL, MAX_REFUSED, PAUSE, POLL_INTERVAL, BatchCall
from assets.ready_requests.writers.curl import GUARD
from assets.ready_requests.writers.literals import fill, write_json

SCRIPT = r"""
#!/usr/bin/env bash
@about@
# Here each job ends before the next is sent; the scripts in Python and JavaScript do not wait for that.
set -u
: "${SEGMIND_API_KEY:?is not set. Run: export SEGMIND_API_KEY=…}"
results=@results@
interval=@submit_interval@ # seconds from one submit to the next: @rate@ a minute
refused=0
next=0

ask() { curl --silent --show-error --max-time 60 --header "x-api-key: $SEGMIND_API_KEY" "$@"; }
find() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1; }
stop() { printf '%s\n' "$1" >&2; exit 1; }
last() { { grep -F "{\"asset\":\"$1\"," "$results" || :; } | tail -n 1; }
part() { sed -n "s/^{\"asset\":\"[^\"]*\",\"state\":\"\([A-Z]*\)\"\(,\"request_id\":\"\([^\"]*\)\"\)\{0,1\}.*/\\$1/p"; }
note() {
  printf '{"asset":"%s","state":"%s"%s}\n' "$1" "$2" "${3-}" >>"$results"
  printf '%s %s\n' "$1" "$2"
}

submit() {
  # What is sent twice is billed twice. Without an answer, nobody knows: so this is noted first.
  note "$asset" SENDING
  answer=$(ask --header 'content-type: application/json' --data-binary "$body" --write-out '\n%{http_code}' @url@) ||
    stop "No answer from Segmind, which may have the job of $asset."
  code=${answer##*$'\n'}
  if [ "${code%??}" = 2 ]; then
    request=$(printf %s "$answer" | find request_id)
    note "$asset" SUBMITTED ",\"request_id\":\"$request\""
    refused=0
    return 0
  fi
  note "$asset" REFUSED ",\"status\":$code"
  printf '%s\n' "$answer" >&2
  case $code in @fatal@) stop "Stopped: Segmind answered $code." ;; esac
  return 1
}

pace() {
  now=$(date +%s)
  [ "$now" -ge "$next" ] || sleep $((next - now))
  next=$(($(date +%s) + interval))
}

wait_for() {
  url=@api@/requests/$request
  while sleep @interval@; do
    state=$(ask "$url/status" --write-out '\n{"status":"%{http_code}"}' | find status)
    # An answer without a state is known by the status of HTTP, in the line behind it.
    case $state in
      401) stop "Stopped: Segmind does not take the key." ;;
      404) note "$asset" EXPIRED ",\"request_id\":\"$request\""; return ;;
      COMPLETED | FAILED)
        note "$asset" "$state" ",\"request_id\":\"$request\",\"answer\":$(ask "$url" | tr -d '\n')"
        return ;;
    esac
  done
}

touch "$results"
while IFS=$'\t' read -r asset body; do
  @guard@  line=$(last "$asset")
  request=$(printf '%s\n' "$line" | part 3)
  case $(printf '%s\n' "$line" | part 1) in
    COMPLETED | FAILED | EXPIRED) continue ;;
    SENDING) printf '%s: no answer came last time, not sent again.\n' "$asset" >&2; continue ;;
    SUBMITTED) wait_for; continue ;;
  esac
  pace
  until submit; do
    if [ "$code" = 429 ]; then sleep @pause@; continue; fi
    refused=$((refused + 1))
    [ "$refused" -lt @max_refused@ ] || stop "Stopped: $refused refused one after the other."
    continue 2
  done
  wait_for
done <<'FILES'
@files@
FILES
"""


def write(batch: BatchCall) -> str:
    bodies = {pk: {**batch.body, batch.input_name: value} for pk, value in batch.values.items()}
    return fill(
        SCRIPT,
        about="\n".join(f"# {line}" for line in batch.about),
        results=batch.results,
        rate=batch.rate,
        submit_interval=ceil(60 / batch.rate),
        api=batch.call.api,
        url=batch.call.url,
        fatal=" | ".join(map(str, FATAL)),
        guard=GUARD if batch.blanks else "",
        pause=PAUSE,
        interval=POLL_INTERVAL,
        max_refused=MAX_REFUSED,
        files="\n".join(f"{pk}\t{write_json(body, indent=None)}" for pk, body in bodies.items()),
    )
