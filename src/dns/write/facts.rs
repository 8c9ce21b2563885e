//! `dns/facts.sh`: asks for the records of others that proofs rest on, and prints them as the facts file has them.
//!
//! An answer that did not come leaves the key out: what nobody knows is never written as if there were nothing.

use crate::dns::{RecordType, exchanges, foreign_reports, managed};
use crate::plan::Plan;
use crate::values::OwnerName;
use crate::writer::{Refused, shell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const HEAD: &str = r#"
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
"#;

/// The script; nothing where no proof rests on records of others.
pub(crate) fn script(plan: &Plan) -> Result<Option<String>, Refused> {
    let topology = &plan.topology;
    let is_ours = |name: &str| plan.zone_around(name).is_some();
    let mut wanted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    // Of zones that are written from here we are asked, and of a top level nobody in the spec is a part.
    let is_theirs = |name: &str| {
        let top = name.strip_prefix("_dmarc.").unwrap_or(name);
        OwnerName::parse(name).is_ok_and(|owner| top.contains('.') && !is_ours(owner.as_str()))
    };
    for (name, kind) in plan.asked.iter().filter(|(name, _)| is_theirs(name)) {
        let line = match kind {
            RecordType::Txt => "TXT txt",
            RecordType::Mx => "MX mx",
            RecordType::A | RecordType::Aaaa => "A a",
            _ => continue,
        };
        wanted.entry(name.clone()).or_default().insert(line);
    }
    for (receiver, senders) in foreign_reports(plan) {
        for sender in senders {
            let name = format!("{}._report._dmarc.{receiver}", sender.domain);
            wanted.entry(name).or_default().insert("TXT txt");
        }
    }
    for domain in managed(topology) {
        if domain.dane.is_none_or(|dane| !dane.value) || !domain.receives() {
            continue;
        }
        for exchange in exchanges(topology, domain).unwrap_or_default() {
            let ours = is_ours(exchange.host.as_str());
            let location = topology.location(exchange.location);
            if !ours && location.tenant().is_none() {
                wanted
                    .entry(exchange.host.to_string())
                    .or_default()
                    .insert("signed");
                let name = format!("_25._tcp.{}", exchange.host);
                wanted.entry(name).or_default().insert("TLSA tlsa");
            }
        }
    }
    let mut text = "#!/bin/sh\n".to_owned();
    text.push_str(&shell::comment(
        "Prints the records of others that proofs of this spec rest on, as the facts file has them: join it with what facts.ps1 prints.",
    )?);
    text.push_str(HEAD);
    let mut any = false;
    for (name, lines) in wanted {
        any = true;
        let word = shell::word(&name)?;
        let _ = writeln!(text, "\nname {word}");
        for line in lines {
            let _ = match line.split_once(' ') {
                None => writeln!(text, "signed {word}"),
                Some(("A", key)) => writeln!(text, "ask {word} 'A AAAA' {key}"),
                Some((kind, key)) => writeln!(text, "ask {word} {kind} {key}"),
            };
        }
    }
    text.push_str("\nexit \"$lost\"\n");
    Ok(any.then_some(text))
}
