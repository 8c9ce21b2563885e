#!/bin/sh
# Compiles every example and every report from the field that has no errors, for run.sh.
#   ./compile.sh MAILTOPO FOLDER     MAILTOPO is the program; FOLDER/thin and FOLDER/single get a folder for each spec
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 2 ] || { sed -n '2,3p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
program=$1
mkdir -p "$2/thin" "$2/single"
to=$(cd "$2" && pwd)
for spec in "$here"/../../examples/*/mailtopo.yaml "$here"/../field/*/mailtopo.yaml; do
    name=$(basename "$(dirname "$spec")")
    # Some are there to show errors: those write nothing.
    "$program" compile "$spec" --out "$to/thin/$name" --quiet >/dev/null 2>&1 || continue
    "$program" compile "$spec" --out "$to/single/$name" --standalone --quiet >/dev/null
    # Nothing for Exchange is nothing to run.
    [ -d "$to/thin/$name/lib" ] || rm -r "$to/thin/$name" "$to/single/$name"
done
count=$(find "$to/thin" -mindepth 1 -maxdepth 1 | wc -l)
echo "$count specs are compiled"
[ "$count" -ge 20 ]
