#!/usr/bin/env bash
# Runs every test: the suite, the lints and the format. Programs that the tests ask for a second opinion are installed
# where that is allowed; a missing one is a failure that says how to install it, never a test that is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# The program that is looked for, and the Debian package it is in.
needed=(
  cc gcc
  git git
  ip iproute2
  knotd knot
  named-checkzone bind9-utils
  node nodejs
  nsd nsd
  nsd-checkzone nsd
  nsenter util-linux
  openssl openssl
  perl perl
  kzonecheck knot-dnssecutils
  postconf postfix
  python3 python3
  script bsdutils
  shellcheck shellcheck
)

PATH="$PATH:/usr/sbin:/sbin"
export PATH

missing=()
for ((i = 0; i < ${#needed[@]}; i += 2)); do
  if ! command -v "${needed[i]}" >/dev/null; then
    missing+=("${needed[i + 1]}")
  fi
done

# A receiver's library, which is no program.
perl -MMail::SPF -e 1 2>/dev/null || missing+=(libmail-spf-perl)

# A type of table that Debian has in a package of its own.
if ! { command -v postconf >/dev/null && postconf -m | grep -qx lmdb; }; then
  missing+=(postfix-lmdb)
fi

if ((${#missing[@]} > 0)); then
  install="apt-get install --yes --no-install-recommends ${missing[*]}"
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "The tests need programs that are not installed. Install them with:" >&2
    echo "    sudo $install" >&2
    exit 1
  fi
  echo "== installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet >/dev/null
  $install >/dev/null
fi

if [[ $(id -u) -ne 0 ]]; then
  echo "Postfix starts for root only, and its tests start it: run sudo -E env \"PATH=\$PATH\" ./test.sh" >&2
  exit 1
fi

# Receivers that judge records and messages, and a reader of Terraform: Python packages.
peers=(authheaders checkdmarc dkimpy dnspython octodns octodns-bind pynacl pyspf tfparse)
if ! python3 -c 'import authheaders, authres, checkdmarc, dkim, dns, nacl, octodns, octodns_bind, spf, tfparse' 2>/dev/null; then
  install="python3 -m pip install ${peers[*]}"
  echo "== $install"
  if ! $install >/dev/null; then
    echo "The tests need ${peers[*]}. Install them with:" >&2
    echo "    $install" >&2
    exit 1
  fi
fi

if ! command -v cargo >/dev/null; then
  echo "There is no cargo: install Rust from https://rustup.rs" >&2
  exit 1
fi

log=$(mktemp)
beside=$(mktemp)
trap 'rm -f "$log" "$beside"' EXIT
results=()
failed=0

# Runs one step and keeps its name and how it ended.
step() {
  local name=$1
  shift
  echo "== $name"
  if "$@" 2>&1 | tee -a "$log"; then
    results+=("ok      $name")
  else
    results+=("FAILED  $name")
    failed=1
  fi
}

# The unit tests are many and small. All others follow millions of mails, so that for them the compiler itself is optimized a
# little too: that takes minutes to build and saves more. `cargo test` alone leaves it out, for whoever edits and tries.
optimized=(--config 'profile.test.package.mailtopo.opt-level=1')

others=()
for test in tests/*.rs tests/*/main.rs; do
  name=${test#tests/}
  name=${name%/main.rs}
  name=${name%.rs}
  [[ $name == postfix ]] || others+=(--test "$name")
done

step "cargo test, compiled" cargo test --locked --no-run "${optimized[@]}" --test postfix "${others[@]}"
step "cargo test, units" cargo test --locked --lib
# Receivers written in Rust, which the tests of records ask: a crate of its own, built once.
step "cargo build, receivers" cargo build --locked --quiet --manifest-path tests/receivers/Cargo.toml --target-dir target/receivers

# The tests with a real Postfix wait more than they work, so they run beside all others.
cargo test --locked "${optimized[@]}" --test postfix >"$beside" 2>&1 &
postfix=$!
step "cargo test" cargo test --locked "${optimized[@]}" "${others[@]}"
verdict=true
wait "$postfix" || verdict=false
tee -a "$log" <"$beside"
step "cargo test --test postfix" "$verdict"

if cargo clippy --version >/dev/null 2>&1; then
  step "cargo clippy" cargo clippy --locked --quiet --all-targets -- -D warnings
fi
if cargo fmt --version >/dev/null 2>&1; then
  step "cargo fmt" cargo fmt --check
fi

echo
echo "== results"
grep -E '^test result:|^test .* FAILED$' "$log" || echo "the suite did not get as far as running"
printf '%s\n' "${results[@]}"
exit "$failed"
