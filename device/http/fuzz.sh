#!/bin/sh
# Asks the built daemon, on its built-in clip, at least 20,000 questions made from its own OpenAPI document, right and wrong
# ones, and fails where an answer is a 5xx or not as described. Python 3.10 or newer; what it needs stays below
# .mien/schemathesis.   npm run build && npm run api:fuzz [-- --max-examples 100]
set -eu
cd "$(dirname "$0")/../.."
home=.mien/schemathesis
[ -x "$home/bin/schemathesis" ] || { python3 -m venv "$home" && "$home/bin/pip" install -q schemathesis==4.32.5; }

data=$(mktemp -d)
token=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
MIEN_HTTP_TOKEN=$token node device/dist/cli.js run --set camera.source=demo --set mqtt.enabled=false --set http.port=0 \
  --set "dataDir=$data" --set log.format=text 2> "$data/log" &
daemon=$!
trap 'kill $daemon 2> /dev/null || true; wait $daemon || true; rm -rf "$data"' EXIT
until url=$(sed -n 's/.*Kiosk page: http:\/\/localhost:\([0-9]*\).*/http:\/\/127.0.0.1:\1/p' "$data/log") && [ -n "$url" ] &&
  curl -sf -o /dev/null "$url/api/v1/reading"; do
  kill -0 $daemon 2> /dev/null || { cat "$data/log"; exit 1; }
  sleep 1
done

asked=0
ask() {
  { "$home/bin/schemathesis" run "$url/api/v1/openapi.json" -H "Authorization: Bearer $token" --continue-on-failure \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance \
    --suppress-health-check all --generation-database none --request-timeout 60 "$@" || : > "$data/failed"; } | tee "$data/asked"
  [ ! -e "$data/failed" ] || exit 1
  asked=$((asked + $(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$data/asked")))
}

# Left out at first: streams, which do not end, and what stops the camera or takes seconds.
ask --phases examples,coverage,fuzzing --workers 2 --max-examples 2200 \
  --exclude-path /stream.mjpeg --exclude-path /api/v1/events \
  --exclude-path-regex '/control/' --exclude-path /api/v1/support-bundle "$@"
ask --phases examples,fuzzing --max-examples 5 --include-path-regex '/control/|/support-bundle'
echo "$asked questions asked."
[ $# -gt 0 ] || [ "$asked" -ge 20000 ] || { echo "Expected 20000 at least; raise --max-examples."; exit 1; }
grep -i ' error ' "$data/log" && { echo "The daemon logged errors."; exit 1; } || echo "The daemon logged no error."
