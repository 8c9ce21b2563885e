#!/bin/sh
# Prints the records of others that proofs of this spec rest on, as the facts file has them: join it with what facts.ps1 prints.
set -u
command -v dig >/dev/null || { echo 'dig is missing: sudo apt-get install bind9-dnsutils' >&2; exit 1; }
today=$(date -u +%F)
lost=0

# An answer, without its header: NAME TYPE. Fails where no server gave one.
answer() {
  reply=$(dig +noall +comments +answer +time=5 +tries=2 "$1" "$2") || return 1
  case $reply in
  *'status: NOERROR'* | *'status: NXDOMAIN'*) ;;
  *) return 1 ;;
  esac
  printf '%s\n' "$reply" | awk -v type="$2" '$1 !~ /^;/ && $4 == type { sub(/^([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)/, ""); print }'
}

# The values of some types as a list: NAME TYPES KEY.
ask() {
  if ! values=$(for type in $2; do answer "$1" "$type" || exit 1; done); then
    echo "no answer for $1 $2: the key is left out" >&2
    lost=1
    return
  fi
  list=
  while IFS= read -r value; do
    [ -n "$value" ] || continue
    case $2 in
    TXT) value=$(printf '%s' "$value" | sed -e 's/^"//' -e 's/"$//' -e 's/" "//g' -e 's/\\\([";\\]\)/\1/g') ;;
    *) value=${value%.} ;;
    esac
    list="$list${list:+, }'$(printf '%s' "$value" | sed "s/'/''/g")'"
  done <<VALUES
$values
VALUES
  printf '    %s: [%s]\n' "$3" "$list"
}

# Whether a zone is signed: only a resolver that checks the root can tell.
signed() {
  case $(dig +noall +comments +time=5 . SOA) in
  *' ad;'* | *' ad '*) ;;
  *) return ;;
  esac
  case $(dig +noall +comments +time=5 "$1" SOA) in
  *' ad;'* | *' ad '*) echo '    dnssec: true' ;;
  *'status: NOERROR'* | *'status: NXDOMAIN'*) echo '    dnssec: false' ;;
  esac
}

name() {
  printf "  '%s':\n    date: %s\n" "$1" "$today"
}

printf 'version: 1\ngathered: %s\nrecords:\n' "$today"

name 'spf.protection.outlook.com'
ask 'spf.protection.outlook.com' TXT txt

exit "$lost"
