#!/bin/sh
# Asks every question of a PowerShell and compares with what the design counts on.
#   ./run.sh OUTPUT     OUTPUT is what compile wrote for examples/02-split-mailboxes; needs pwsh on the path (or PWSH=/path/to/pwsh)
# With Windows PowerShell the same: ask.ps1
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { sed -n '2,4p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
pwsh=${PWSH:-$(command -v pwsh || true)}
[ -n "$pwsh" ] || { echo 'There is no pwsh on the path; PWSH names one elsewhere.' >&2; exit 2; }
export POWERSHELL_TELEMETRY_OPTOUT=1 NO_COLOR=1
MAILTOPO_OUTPUT=$(cd "$1" && pwd); export MAILTOPO_OUTPUT
yes=0; no=0
for script in "$here"/q*.ps1; do
    ask=$(sed -n 's/^# ASK: //p' "$script"); expect=$(sed -n 's/^# EXPECT: //p' "$script")
    all=$("$pwsh" -NoProfile -NonInteractive -File "$script" 2>&1) || true
    answer=$(printf '%s\n' "$all" | sed '/^[[:space:]]*$/d' | tail -n 1 | tr -d '\r')
    name=$(basename "$script" .ps1)
    if [ "$answer" = "$expect" ]; then yes=$((yes + 1)); echo "yes  $name: $ask"; printf '%s\n' "$all" | grep '^seconds:' || true
    elif [ "$answer" = 'left out' ]; then echo "-    $name: left out"
    else no=$((no + 1)); echo "NO   $name: $ask"; echo "       expected: $expect"; printf '%s\n' "$all" | tail -n 12 | sed 's/^/       got: /'; sed -n 's/^# FOR: /       decides: /p' "$script"; fi
done
echo "$yes as expected, $no otherwise"
[ "$no" = 0 ]
