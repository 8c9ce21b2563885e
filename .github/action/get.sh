#!/usr/bin/env bash
# Downloads the released program for this system, holds it against its SHA-256, and says where it is. With BINARY that
# file is taken in place of a download.
set -euo pipefail

if [[ -n ${BINARY:-} ]]; then
  program=$(cd "$GITHUB_WORKSPACE" && realpath "$BINARY")
  echo "program=$program" >>"$GITHUB_OUTPUT"
  exit
fi

# The action's own files say which release it belongs to.
of_manifest() { sed -n "s/^$1 = \"\(.*\)\"$/\1/p" Cargo.toml | head -n 1; }
version=${VERSION:-$(of_manifest version)}
version=${version#v}
if ! [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]]; then
  echo "::error::\`version\` is a number such as 1.2.3"
  exit 1
fi

case $RUNNER_ARCH in
  X64) machine=x86_64 ;;
  ARM64) machine=aarch64 ;;
  *) echo "::error::no release for $RUNNER_ARCH"; exit 1 ;;
esac
case $RUNNER_OS in
  Linux) archive=mailtopo-$machine-unknown-linux-musl.tar.gz ;;
  macOS) archive=mailtopo-$machine-apple-darwin.tar.gz ;;
  Windows) archive=mailtopo-$machine-pc-windows-msvc.zip ;;
  *) echo "::error::no release for $RUNNER_OS"; exit 1 ;;
esac

from=$(of_manifest repository)/releases/download/v$version
cd "$(mktemp -d "$RUNNER_TEMP/mailtopo.XXXXXX")"
for file in "$archive" SHA256SUMS; do
  if ! curl --fail --silent --show-error --location --retry 3 --proto '=https' --output "$file" "$from/$file"; then
    echo "::error::cannot download $from/$file"
    exit 1
  fi
done
wanted=$(awk -v file="$archive" '$2 == file || $2 == "*" file {print $1}' SHA256SUMS)
if command -v sha256sum >/dev/null; then found=$(sha256sum "$archive"); else found=$(shasum -a 256 "$archive"); fi
if [[ -z $wanted || ${found%% *} != "$wanted" ]]; then
  echo "::error::$archive is not the file that SHA256SUMS of version $version lists"
  exit 1
fi
case $archive in
  *.zip) unzip -q "$archive" ;;
  *) tar -xzf "$archive" ;;
esac
folder=${archive%.zip}
echo "program=$PWD/${folder%.tar.gz}/mailtopo" >>"$GITHUB_OUTPUT"
