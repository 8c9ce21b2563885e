#!/usr/bin/env bash
# try.sh PROGRAM: what README shows, done with a program that was built for this system.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$program" version
"$program" routes -q docs/samples/first.yaml
"$program" check docs/samples/first.yaml

# The same spec gives the same bytes on every system: the manifest holds a hash of each file.
golden=golden/02-split-mailboxes
today=$(sed -n 's/.* made this page on \([0-9-]*\) .*/\1/p' "$golden/AS-BUILT.html")
for mode in "" --check; do
  "$program" compile examples/02-split-mailboxes/mailtopo.yaml --today "$today" --out "$out/out" ${mode:+"$mode"}
done
diff "$out/out/manifest.json" "$golden/manifest.json"

# A slip is named and ends with 1.
code=0
"$program" check docs/samples/slip.yaml --output-format "concise=$out/slip" || code=$?
[[ $code -eq 1 ]]
grep -q S001 "$out/slip"
