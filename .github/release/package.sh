#!/usr/bin/env bash
# package.sh TARGET FOLDER: builds the program for one system and puts its archive into the folder. The archive holds the
# program, the manual pages, the completion scripts and the licences, all in one folder that is named like the archive.
set -euo pipefail
target=$1
folder=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# Paths of the building machine do not belong into the program.
export CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$root=mailtopo"$'\x1f'"--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
cargo build --locked --release --target "$target"

ending=
[[ $target == *windows* ]] && ending=.exe
name="mailtopo-$target"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
mkdir -p "$staging/$name/man" "$staging/$name/completions" "$folder"
program=$staging/$name/mailtopo$ending
cp "target/$target/release/mailtopo$ending" "$program"
cp LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "$staging/$name/"
"$program" man >"$staging/$name/man/mailtopo.1"
# Each command has a page of its own; the last one, `help`, is the parser's.
for command in $("$program" --help | sed -n '/^Commands:/,/^$/ s/^  \([a-z-]*\) .*/\1/p' | grep -vx help); do
  "$program" man "$command" >"$staging/$name/man/mailtopo-$command.1"
done
for shell in bash elvish fish powershell zsh; do
  "$program" completions "$shell" >"$staging/$name/completions/mailtopo.$shell"
done

folder=$(cd "$folder" && pwd)
cd "$staging"
if [[ -n $ending ]]; then
  7z a -bso0 "$folder/$name.zip" "$name"
else
  tar -czf "$folder/$name.tar.gz" "$name"
fi
