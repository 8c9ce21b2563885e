#!/bin/sh
# Tests an output of mailtopo in a real PowerShell, against simulated Exchange cmdlets.
#   ./run.sh OUTPUT [-Standalone FOLDER] [-Rounds N] [-Wire live|clixml] [-Location NAME] [-Jobs N] [-Results FOLDER]
# OUTPUT       a folder that compile wrote, or a folder of such folders
# -Standalone  what compile --standalone wrote for the same spec or specs: the single files are tested, too
# -Rounds      how many properties of an object are changed by hand, and at how many changes an apply is made to fail; 0, the default: all
# -Wire        live: objects as the local shell has them; clixml: as they come over a remote session
# -Location    this location alone
# -Jobs        how many processes at a time (2)
# -Results     where the NUnit files go (a temporary folder, which is printed)
# Needs python3, and pwsh with Pester 5.3 or newer or the dotnet SDK, which gets both. Exit code 0: all passed; 1: something failed; 2: it could not run.
set -eu
# Paths as PowerShell knows them: in a shell of Windows these are others.
native() { if command -v cygpath >/dev/null; then cygpath -m "$1"; else printf '%s\n' "$1"; fi; }
folder() { native "$(cd "$1" && pwd)"; }
here=$(folder "$(dirname "$0")")
[ $# -ge 1 ] || { sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
output=$(folder "$1"); shift
rounds=0; wire=live; only=; jobs=2; results=; single=
while [ $# -gt 1 ]; do
    case $1 in
        -Rounds) rounds=$2 ;; -Wire) wire=$2 ;; -Location) only=$2 ;; -Jobs) jobs=$2 ;; -Results) results=$2 ;; -Standalone) single=$(folder "$2") ;;
        *) echo "There is no option $1." >&2; exit 2 ;;
    esac
    shift 2
done
[ $# -eq 0 ] || { echo "$1 needs a value." >&2; exit 2; }
case $wire in live|clixml) ;; *) echo '-Wire is live or clixml.' >&2; exit 2 ;; esac

export POWERSHELL_TELEMETRY_OPTOUT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1
# A third less time for many short scripts in one process: no profiling of code, and garbage collected less often.
export DOTNET_TieredPGO=0 DOTNET_GCgen0size=0x6000000
tools=${MAILTOPO_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/mailtopo-powershell}
work=$(native "$(mktemp -d "${TMPDIR:-/tmp}/mailtopo-run.XXXXXX")")
[ -n "$results" ] || results=$work/results
mkdir -p "$results"
results=$(folder "$results")

# PowerShell: the one on the path, or as a tool of dotnet.
pwsh=${PWSH:-$(command -v pwsh || true)}
if [ -z "$pwsh" ]; then
    command -v dotnet >/dev/null || { echo 'Neither pwsh nor dotnet is on the path: the scripts cannot be run here.' >&2; exit 2; }
    [ -x "$tools/pwsh/pwsh" ] || dotnet tool install --tool-path "$tools/pwsh" PowerShell --version "${PWSH_VERSION:-7.6.9}" >&2 || { echo 'dotnet could not get PowerShell.' >&2; exit 2; }
    pwsh=$tools/pwsh/pwsh
fi
if [ -z "${DOTNET_ROOT:-}" ] && command -v dotnet >/dev/null; then DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")"); export DOTNET_ROOT; fi
# Without ICU the runtime starts only so.
if ! "$pwsh" -NoProfile -Command 1 >/dev/null 2>&1; then export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1; echo 'no ICU: invariant globalization'; fi

# Pester: an installed one of version 5 or newer, or as a package of dotnet.
pester=$("$pwsh" -NoProfile -NonInteractive -Command '(Get-Module -ListAvailable -Name Pester | Where-Object Version -GE 5.3 | Sort-Object Version | Select-Object -Last 1).Path' | tr -d '\r')
if [ -z "$pester" ]; then
    pester=$tools/packages/pester/${PESTER_VERSION:-6.2.0}/tools/Pester.psd1
    if [ ! -f "$pester" ]; then
        command -v dotnet >/dev/null || { echo 'Pester 5 or newer is not installed, and there is no dotnet to get it: Install-Module Pester.' >&2; exit 2; }
        mkdir -p "$work/pester"
        cat > "$work/pester/restore.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
<ItemGroup><PackageReference Include="Pester" Version="${PESTER_VERSION:-6.2.0}" ExcludeAssets="all" /></ItemGroup></Project>
XML
        dotnet restore "$work/pester/restore.csproj" --packages "$tools/packages" >&2 || { echo 'dotnet could not get Pester.' >&2; exit 2; }
    fi
fi

python=$(command -v python3 || command -v python || true)
[ -n "$python" ] || { echo 'There is no python3 on the path.' >&2; exit 2; }
"$python" "$here/mock/make_mock.py" "$here/../../schemas/exchange-cmdlets.json" "$work/mocks"

# What is to be tested: OUTPUT<tab>LOCATION lines. Without a location: the scripts of the output; with * instead: its library, which is the same in all.
ls "$output"/*/desired.psd1 >/dev/null 2>&1 && outputs=$output || outputs=$(for folder in "$output"/*/; do folder=${folder%/}; ls "$folder"/*/desired.psd1 >/dev/null 2>&1 && echo "$folder"; done)
[ -n "$outputs" ] || { echo "There is no LOCATION/desired.psd1 in $output. What compile --standalone wrote goes with -Standalone." >&2; exit 2; }
number=0; seen=
printf '%s\n' "$outputs" > "$work/outputs"
while IFS= read -r one; do
    [ -f "$one/lib/mailtopo-exchange.ps1" ] || { echo "There is no library in $one. It was compiled with --standalone: compile it without." >&2; exit 2; }
    # The single files stand beside the others where the tests look for them.
    if [ -n "$single" ]; then
        own=$single
        [ "$one" = "$output" ] || own=$single/$(basename "$one")
        [ -d "$own" ] || { echo "There is no folder $own." >&2; exit 2; }
        number=$((number + 1))
        copy=$work/outputs-made/$number/$(basename "$one")
        mkdir -p "$copy"
        cp -R "$one/." "$copy/"
        cp -R "$own" "$copy/standalone"
        one=$copy
    fi
    if [ -z "$only" ]; then
        [ -n "$seen" ] || printf '%s\t*\n' "$one"
        printf '%s\t\n' "$one"
        seen=yes
    fi
    for data in "$one"/*/desired.psd1; do
        location=$(basename "$(dirname "$data")")
        [ "$location" != standalone ] || continue
        if [ -z "$only" ] || [ "$location" = "$only" ]; then printf '%s\t%s\n' "$one" "$location"; fi
    done
done < "$work/outputs" > "$work/list"
[ -s "$work/list" ] || { echo "There is no location $only in $output." >&2; exit 2; }
awk -v jobs="$jobs" -v base="$work/list-" '{ print > (base (NR % jobs)) }' "$work/list"

start=$(date +%s)
for part in "$work"/list-*; do
    # What PowerShell prints for -WhatIf goes to the screen whatever is done about it.
    {
        "$pwsh" -NoProfile -NonInteractive -File "$here/tests/run.ps1" -Mocks "$work/mocks" -Pester "$pester" -Results "$results" -List "$part" -Wire "$wire" -Rounds "$rounds" 2>&1 || echo "$part" >> "$work/not-well"
    } | grep --line-buffered -v '^What if: ' &
done
wait
awk -F '|' -v seconds=$(($(date +%s) - start)) '
    { passed += $3; failed += $4; skipped += $5; if ($2 == "") outputs++; else if ($2 != "*") locations++ }
    END { printf "%d locations, %d outputs: %d checks passed, %d failed, %d skipped; %d seconds\n", locations, outputs, passed, failed, skipped, seconds }' "$results/summary.txt"
echo "Results as NUnit: $results"
rm -rf "$work/mocks" "$work/outputs-made" "$work/pester" "$work"/list* "$work/outputs"
[ ! -f "$work/not-well" ] || exit 1
