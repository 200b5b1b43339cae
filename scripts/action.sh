#!/usr/bin/env bash
# What action.yml runs: install sepconv, check, tell later steps the verdict, comment.
# Inputs come in the environment and are never read as shell, nor as options of a command.
set -euo pipefail

marker='<!-- sepconv -->' # the first line of sepconv's comments
report="$RUNNER_TEMP/sepconv-report"
paths=()
code=0

install() {
  [ "$INPUT_REQUIREMENT" != none ] || return 0
  python3 -m venv "$RUNNER_TEMP/sepconv" || return
  PATH="$RUNNER_TEMP/sepconv/bin:$PATH"
  pip install --quiet --disable-pip-version-check -- "${INPUT_REQUIREMENT:-$GITHUB_ACTION_PATH}"
}

read_paths() {
  local line
  while IFS= read -r line; do
    [ -z "$line" ] || paths+=("$line")
  done <<<"$INPUT_PATHS"
  [ "${#paths[@]}" -gt 0 ] || paths=(.)
}

check() {
  local options=("--fail-on=$INPUT_FAIL_ON")
  [ -z "$INPUT_BASELINE" ] || options+=("--baseline=$INPUT_BASELINE")
  sepconv check "${options[@]}" "$@" -- "${paths[@]}"
}

# The same verdict in another format. Another exit code is one that says what went wrong.
write() {
  local again=0
  check "--format=$1" "--output=$2" || again=$?
  [ "$again" -eq "$code" ] || code=$again
}

pull_request() {
  python3 -c 'import json, sys; print(json.load(sys.stdin).get("pull_request", {}).get("number", ""))' \
    <"$GITHUB_EVENT_PATH"
}

# Update the comment that begins with the marker, or write the first.
comment() {
  local number ids body="$RUNNER_TEMP/sepconv-comment.md" issues="repos/$GITHUB_REPOSITORY/issues"
  number=$(pull_request) || return
  [[ $number =~ ^[0-9]+$ ]] || return 0
  write markdown "$body"
  [ "$code" -le 1 ] || return 0
  ids=$(gh api --paginate "$issues/$number/comments" --jq \
    ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id") || return
  if [ -n "$ids" ]; then
    gh api --silent --method PATCH "$issues/comments/${ids%%$'\n'*}" --field "body=@$body"
  else
    gh api --silent --method POST "$issues/$number/comments" --field "body=@$body"
  fi
}

outputs() {
  case $code in
    0) echo "verdict=passed" ;;
    1) echo "verdict=failed" ;;
    *) echo "verdict=error" && report="" ;;
  esac
  echo "exit-code=$code"
  echo "report=$report"
}

install || code=2
read_paths
[ "$code" -ne 0 ] || check --format=github || code=$?
[ "$code" -gt 1 ] || write "$INPUT_FORMAT" "$report"
if [ "$code" -le 1 ] && [ "$INPUT_COMMENT" = true ]; then
  comment || echo "::warning::no comment: the job needs the permission pull-requests: write"
fi
outputs >>"$GITHUB_OUTPUT"
exit "$code"
