#!/bin/sh
# Takes tasks of an activity of Step Functions, AWS' or kiln's, and runs a script for each of them.
# docs/reference/worker-script.md says what it does, and with which variables. It needs aws, curl, awk, sha256sum and setsid.
# `try` and `trap` call functions by name (SC2317); awk's program, and sh's, are in single quotes (SC2016).
# shellcheck disable=SC2317,SC2016
set -u
LC_ALL=C
export LC_ALL
# The first version of AWS' command line knows the second name alone.
[ -z "${AWS_REGION:-}" ] || export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-$AWS_REGION}"

activity=${ACTIVITY_ARN:-}
polls=${WORKER_EMPTY_POLLS:-10}
beat=${WORKER_HEARTBEAT:-5}
grace=${WORKER_GRACE:-10}
pause=${WORKER_PAUSE:-10}
power_off=${WORKER_POWER_OFF:-poweroff}
instance=${WORKER_INSTANCE:-}
folder=$(mktemp -d "${TMPDIR:-/tmp}/worker.XXXXXX") || exit 1
received=0
task=    # the name of the one that runs
token=
group=   # its process group

say() {
  printf '%s worker: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

# A wait that ends at once with the subshell that waits.
nap() {
  sleep "$1" >/dev/null 2>&1 &
  napping=$!
  wait "$napping"
}

# Repeated until it happens: a power-off may be called off by others.
switch_off() {
  while [ "$power_off" != none ]; do
    say "power-off: $power_off"
    sh -c "$power_off" || true
    sleep 120
  done
}

# Also where the init script ends the shell.
finish() {
  trap - EXIT
  trap '' TERM INT
  if command -v cleanup >/dev/null; then
    say 'cleanup'
    cleanup || say "cleanup ended with $?"
  fi
  rm -rf "$folder"
  switch_off
  exit "$1"
}

fail() {
  say "$*"
  finish 1
}

# up to five times
try() {
  tries=1
  until "$@"; do
    [ "$tries" -lt 5 ] || return 1
    tries=$((tries + 1))
    say "$1: once more in $pause s"
    sleep "$pause"
  done
}

# fetch URL FILE SHA256
fetch() {
  case $1 in
    http://* | https://*) curl -fsSL --max-time 300 --retry 2 -o "$2" "$1" || return 1 ;;
    file://*) cp "${1#file://}" "$2" || return 1 ;;
    *) cp "$1" "$2" || return 1 ;;
  esac
  [ -z "$3" ] || echo "$3  $2" | sha256sum -c - >/dev/null || {
    say "$1 has another SHA-256 than $3"
    return 1
  }
}

own_instance() {
  service=http://169.254.169.254/latest
  key=$(curl -sf -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$service/api/token") || return 1
  curl -sf -m 2 -H "X-aws-ec2-metadata-token: $key" "$service/meta-data/instance-id"
}

# The machine's Name, as far as it can be had: w, w waiting or a active, tasks so far, the task.
tag() {
  case $instance in
    i-*) aws ec2 create-tags --resources "$instance" --tags "Key=Name,Value=w$1-$received-$2" >/dev/null 2>&1 & ;;
  esac
}

# Reads JSON. `take`: a task's token, and its input into a file. `input`: assignments for a shell.
reader='
function fault(why) { bad = 1; print "worker: not JSON: " why >"/dev/stderr"; exit 1 }
function blank() { while (substr(s, at, 1) ~ /^[ \t\r\n]$/) at++ }
function utf8(n) {
  if (n < 128) return sprintf("%c", n)
  if (n < 2048) return sprintf("%c%c", 192 + int(n / 64), 128 + n % 64)
  if (n < 65536) return sprintf("%c%c%c", 224 + int(n / 4096), 128 + int(n / 64) % 64, 128 + n % 64)
  return sprintf("%c%c%c%c", 240 + int(n / 262144), 128 + int(n / 4096) % 64, 128 + int(n / 64) % 64, 128 + n % 64)
}
function hex(  n, i) {
  n = 0
  for (i = 0; i < 4; i++) n = n * 16 + index("0123456789abcdef", tolower(substr(s, at + i, 1))) - 1
  at += 4
  return n
}
function text(  out, c, n) {
  out = ""
  for (at++; (c = substr(s, at, 1)) != "\""; ) {
    if (at > length(s)) fault("a string without an end")
    at++
    if (c != "\\") { out = out c; continue }
    c = substr(s, at++, 1)
    if (c == "n") out = out "\n"
    else if (c == "t") out = out "\t"
    else if (c == "r") out = out "\r"
    else if (c == "b") out = out "\b"
    else if (c == "f") out = out "\f"
    else if (c == "u") {
      n = hex()
      if (n >= 55296 && n < 56320 && substr(s, at, 2) == "\\u") { at += 2; n = (n - 55296) * 1024 + hex() - 56320 + 65536 }
      if (n == 0) fault("a NUL, which no variable can hold")
      out = out utf8(n)
    } else out = out c
  }
  at++
  return out
}
function quoted(value) { gsub(/\047/, "\047\\\047\047", value); return "\047" value "\047" }
function found(path, value) {
  if (mode == "take") {
    if (path == ".taskToken") print value >token_file
    if (path == ".input") printf "%s", value >input_file
  } else if (path == ".name") print "task=" quoted(value)
  else if (path == ".error") print "error_name=" quoted(value)
  else if (path == ".heartbeat") print "beat=" quoted(value)
  else if (path ~ /^\.env\.[A-Za-z_][A-Za-z0-9_]*$/) print "export " substr(path, 6) "=" quoted(value) >env_file
  else if (path ~ /^\.env\./) fault("\"" substr(path, 6) "\" is no variable")
}
function value(path,  key, c, start) {
  blank()
  c = substr(s, at, 1)
  if (c == "{") {
    at++; blank()
    if (substr(s, at, 1) == "}") { at++; return }
    for (;;) {
      blank(); key = text(); blank()
      if (substr(s, at++, 1) != ":") fault("no colon")
      value(path "." key); blank()
      c = substr(s, at++, 1)
      if (c == "}") return
      if (c != ",") fault("no comma")
    }
  }
  if (c == "[") {
    at++; blank()
    if (substr(s, at, 1) == "]") { at++; return }
    for (;;) {
      value(path "[]"); blank()
      c = substr(s, at++, 1)
      if (c == "]") return
      if (c != ",") fault("no comma")
    }
  }
  if (c == "\"") { found(path, text()); return }
  for (start = at; substr(s, at, 1) ~ /^[-+.0-9a-zA-Z]$/; at++);
  if (at == start) fault("something else at " at)
  found(path, substr(s, start, at - start))
}
{ s = s $0 "\n" }
END { if (!bad) { at = 1; value(""); blank(); if (at <= length(s)) fault("text after its end") } }'

# As a JSON string.
json_text() {
  awk 'function put(c) { printf "%s", c }
    BEGIN { for (i = 1; i < 32; i++) code[sprintf("%c", i)] = sprintf("\\u%04x", i); code["\""] = "\\\""; code["\\"] = "\\\\" }
    { if (NR > 1) put("\\n"); n = length($0)
      for (i = 1; i <= n; i++) { c = substr($0, i, 1); put(c in code ? code[c] : c) } }'
}

# outcome SECONDS [STATUS]
outcome() {
  printf '{"worker":"%s","instance":"%s","seconds":%d,"log":"%s"' "$name" "$instance" "$1" "${WORKER_LOG:-$name}"
  [ $# -lt 2 ] || printf ',"status":%d,"tail":"%s"' "$2" "$(json_text <"$folder/tail")"
  printf '}'
}

# The answer says that nobody waits for this task any more.
is_gone() {
  grep -Eq 'TaskTimedOut|TaskDoesNotExist|InvalidToken' "$folder/answer"
}


succeed() {
  aws stepfunctions send-task-success --task-token "$token" --task-output "$1" >/dev/null 2>"$folder/answer" || is_gone
}

give_up() {
  aws stepfunctions send-task-failure --task-token "$token" --error "$1" --cause "$2" >/dev/null 2>"$folder/answer" || is_gone
}

# Signs of life, until the task is gone: then all that its script started is asked to end, and killed.
keep_alive() {
  trap 'kill "$napping" 2>/dev/null; exit' TERM
  while nap "$beat"; do
    if ! aws stepfunctions send-task-heartbeat --task-token "$token" >/dev/null 2>"$folder/answer" && is_gone; then
      say "$task is not waited for any more"
      : >"$folder/gone"
      kill -TERM "-$group" 2>/dev/null
      sleep "$grace"
      kill -KILL "-$group" 2>/dev/null
      return
    fi
  done
}

hand_back() {
  trap '' TERM INT
  say 'asked to end'
  [ -n "$started" ] || finish 1
  if [ -n "$task" ]; then
    if [ -n "$group" ]; then
      kill -TERM "-$group" 2>/dev/null
      ( sleep "$grace"; kill -KILL "-$group" ) 2>/dev/null &
      killer=$!
      wait "$group"
      kill -KILL "-$group" "$killer" 2>/dev/null
    fi
    give_up Worker.Terminated "$(: >"$folder/tail"; outcome 0 143)" || true
  fi
  finish 0
}

run_task() {
  rm -rf "$folder/task" "$folder/gone"
  mkdir "$folder/task"
  rm -f "$folder/output" "$folder/rest"
  mkfifo "$folder/output" "$folder/rest"
  tail -c 2048 <"$folder/rest" >"$folder/tail" &
  tail_reader=$!
  tee "$folder/rest" <"$folder/output" &
  fifo_reader=$!
  began=$(date +%s)
  # Nothing of the worker's own but these; its process group is its own, too.
  (cd "$folder/task" && exec setsid env -i PATH="$PATH" HOME="${HOME:-/root}" LANG="${LANG:-C.UTF-8}" \
    TASK_TOKEN="$token" TASK_NAME="$task" sh -c '. "$1"; exec "$2"' - "$folder/env" "$folder/script") \
    >"$folder/output" 2>&1 </dev/null &
  group=$!
  keep_alive &
  keeper=$!
  wait "$group"
  status=$?
  kill "$keeper" 2>/dev/null
  wait "$keeper" 2>/dev/null
  kill -KILL "-$group" 2>/dev/null  # what it left behind
  group=
  # Who left the group may hold the pipe open.
  ( sleep "$grace"; kill "$fifo_reader" "$tail_reader" ) 2>/dev/null &
  closer=$!
  wait "$fifo_reader" "$tail_reader" 2>/dev/null
  kill "$closer" 2>/dev/null
  seconds=$(($(date +%s) - began))
  if [ -e "$folder/gone" ]; then
    say "$task was given up"
  elif [ "$status" -eq 0 ]; then
    try succeed "$(outcome "$seconds")" || fail "the end of $task could not be told"
    say "$task succeeded in $seconds s"
  else
    say "$task failed with $status"
    try give_up "${error_name:-Worker.ScriptFailed}" "$(outcome "$seconds" "$status")" || true
    fail 'no further task after a failure'
  fi
  rm -rf "$folder/task"
}

# --- the life

started=
napping=
trap 'finish 1' EXIT
trap hand_back TERM INT
(
  trap 'kill "$napping" 2>/dev/null; exit' TERM
  trap - EXIT
  nap "${WORKER_WATCHDOG:-600}"
  say 'start-up takes too long'
  kill -TERM $$
  nap "$grace"
  # The worker hangs in a command, and hears nothing: this process does what it cannot.
  rm -rf "$folder"
  switch_off
  kill -KILL $$
) &
watchdog=$!

[ -n "$activity" ] || fail 'ACTIVITY_ARN is missing'
[ -n "${SCRIPT_URL:-}" ] || fail 'SCRIPT_URL is missing'
for program in aws curl awk sha256sum setsid; do
  command -v "$program" >/dev/null || fail "there is no $program here"
done
[ -n "$instance" ] || instance=$(own_instance) || instance=$(hostname)
name=${WORKER_NAME:-w_$instance}
say "$name takes tasks of $activity"
try fetch "$SCRIPT_URL" "$folder/script" "${SCRIPT_SHA256:-}" || fail "no script from $SCRIPT_URL"
chmod 0700 "$folder/script"
if [ -n "${INIT_URL:-}" ]; then
  try fetch "$INIT_URL" "$folder/init" "${INIT_SHA256:-}" || fail "no init script from $INIT_URL"
  set +u
  # shellcheck disable=SC1091
  . "$folder/init" || fail "the init script ended with $?"
  set -u
fi
kill "$watchdog" 2>/dev/null
started=yes
tag w "${activity##*:}"

empty=0
while [ "$empty" -lt "$polls" ]; do
  empty=$((empty + 1))
  say "waiting for a task ($empty/$polls)"
  # In the background, so that a signal is heard at once.
  aws stepfunctions get-activity-task --activity-arn "$activity" --worker-name "$name" --cli-read-timeout 75 \
    --output json >"$folder/answer" &
  poll=$!
  wait "$poll" || {
    say 'the poll failed'
    sleep "$pause"
    continue
  }
  rm -f "$folder/token" "$folder/input" "$folder/env"
  awk -v mode=take -v token_file="$folder/token" -v input_file="$folder/input" "$reader" "$folder/answer" || continue
  [ -s "$folder/token" ] || continue
  token=$(cat "$folder/token")
  received=$((received + 1))
  task="task $received" error_name='' beat=${WORKER_HEARTBEAT:-5}
  : >"$folder/env"
  if ! awk -v mode=input -v env_file="$folder/env" "$reader" "$folder/input" >"$folder/words" 2>"$folder/tail"; then
    give_up Worker.BadInput "$(outcome 0 1)" || true
    fail "the input of $task cannot be read: $(cat "$folder/tail")"
  fi
  # shellcheck disable=SC1091
  . "$folder/words"
  say "takes $task"
  tag a "$task"
  run_task
  tag w "$task"
  task=
  empty=0
done
say 'no more tasks for me, good bye'
finish 0
