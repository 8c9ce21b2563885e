#!/bin/sh
# Opens every AS-BUILT.html of the given folders in Chromium: errors, requests, accessibility, print.
#   ./run.sh PICTURES FOLDER...
#   ./run.sh -paths MAILTOPO PICTURES SPEC...   the page of `graph --format html` for each spec, held against `trace`
# PICTURES gets a screenshot and an A4 PDF of each page, to look at. Needs a Chromium (CHROMIUM, or chromium or google-chrome
# on the path), node and npm; puppeteer-core and axe-core are installed into a temporary folder. Exit code 0: nothing found;
# 1: something was found; 2: it could not run. It is no part of ./test.sh: a browser and its packages are some hundred
# megabytes, and what a browser does not have to judge is tested in tests/it/as_built.rs.
set -eu
[ $# -ge 2 ] || { sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
mailtopo=
if [ "$1" = -paths ]; then
    [ $# -ge 4 ] || { sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
    mailtopo=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
    shift 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
pictures=$(cd "$1" && pwd)
shift
chromium=${CHROMIUM:-$(command -v chromium || command -v google-chrome || command -v chromium-browser || true)}
[ -n "$chromium" ] || { echo 'There is no Chromium: install the Debian package chromium, or name it in CHROMIUM.' >&2; exit 2; }
command -v npm >/dev/null || { echo 'There is no npm: install node.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-save --no-audit --no-fund --ignore-scripts puppeteer-core@24 axe-core@4 >/dev/null) || { echo 'npm could not install puppeteer-core and axe-core.' >&2; exit 2; }
first=
for folder in "$@"; do
    folder=$(cd "$(dirname "$folder")" && pwd)/$(basename "$folder")
    if [ -z "$first" ]; then set --; first=no; fi
    set -- "$@" "$folder"
done
cd "$work"
if [ -n "$mailtopo" ]; then
    node "$here/paths.mjs" "$chromium" "$mailtopo" "$pictures" "$@"
else
    node "$here/check.mjs" "$chromium" "$pictures" "$@"
fi
