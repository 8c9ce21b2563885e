#!/usr/bin/env bash
# Checks, compares and holds a committed output against the spec. Each part runs, whatever another one found; the worst
# exit code is the one of the step.
set -uo pipefail
work=$(mktemp -d "$RUNNER_TEMP/mailtopo.XXXXXX")
worst=0
note() { (($1 > worst)) && worst=$1; return 0; }

forms="github,json=$work/report.json,markdown=$work/report.md"
[[ -z $SARIF ]] || forms+=",sarif=$SARIF"
"$MAILTOPO" check --fail-on "$FAIL_ON" --output-format "$forms" -- "$SPEC"
note $?
[[ ! -f $work/report.md ]] || cat "$work/report.md" >>"$GITHUB_STEP_SUMMARY"
for level in errors warnings notes; do
  count=$(sed -n "s/^    \"$level\": \([0-9]*\),*$/\1/p" "$work/report.json" 2>/dev/null | tail -n 1)
  echo "$level=$count" >>"$GITHUB_OUTPUT"
done

if [[ -n $DIFF_BASE ]]; then
  # What the pull request announces stands in a block of its text, and everything else fails.
  announced=()
  awk '/^ *```mailtopo[ \r]*$/ { inside = 1; next } inside && /^ *```/ { exit } inside' <<<"${ANNOUNCEMENT:-}" >"$work/announced.yaml"
  [[ ! -s $work/announced.yaml ]] || announced=(--announced "$work/announced.yaml")
  # `./` because the base is named by a commit, and the path from this folder.
  "$MAILTOPO" diff --exit-code --fail-on "$DIFF_FAIL_ON" ${announced[@]+"${announced[@]}"} --output-format "markdown=$work/diff.md,json=$work/diff.json" -- \
    "git:$DIFF_BASE:./$SPEC" "$SPEC"
  code=$?
  [[ $code -eq 3 ]] || note "$code"
  # A spec with errors is compared with nothing.
  if [[ -f $work/diff.md ]]; then
    differs=true
    [[ $code -ne 0 ]] || differs=false
    echo "differs=$differs" >>"$GITHUB_OUTPUT"
    for direction in lost worse; do
      count=$(grep -c "^ *\"direction\": \"$direction\"" "$work/diff.json")
      echo "$direction=$count" >>"$GITHUB_OUTPUT"
    done
    cat "$work/diff.md" >>"$GITHUB_STEP_SUMMARY"
    if [[ $COMMENT == true && -n $PULL_REQUEST ]]; then
      # The first line of the comparison, which is not shown, names the spec: by it an earlier comment is found again.
      mark=$(head -n 1 "$work/diff.md")
      comments=repos/$GITHUB_REPOSITORY/issues
      earlier=$(MARK=$mark gh api --paginate "$comments/$PULL_REQUEST/comments" \
        --jq '.[] | select(.body | startswith(env.MARK)) | .id' | head -n 1)
      if [[ -n $earlier ]]; then
        gh api --silent --method PATCH "$comments/comments/$earlier" --field "body=@$work/diff.md"
      elif [[ $differs == true ]]; then
        gh api --silent "$comments/$PULL_REQUEST/comments" --field "body=@$work/diff.md"
      fi
      note $?
    fi
  fi
fi

if [[ -n $COMPILE_CHECK ]]; then
  "$MAILTOPO" compile --check --fail-on never --out "$COMPILE_CHECK" -- "$SPEC"
  code=$?
  [[ $code -ne 3 ]] || echo "::error::\`$COMPILE_CHECK\` is not what the spec compiles to: run \`mailtopo compile\` and commit it"
  note "$code"
fi
exit "$worst"
