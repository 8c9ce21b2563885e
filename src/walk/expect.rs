//! Whether what the user expects of a way is true of it, and who is meant by `from`.

use crate::finding::nearest;
use crate::topology::{Expectation, Party, Sender, Topology};
use crate::values::Address;
use crate::walk::state::Ends;
use crate::walk::way::Way;

/// What a way does otherwise than expected, in words; `None` where it keeps the expectation.
pub(crate) fn broken(topology: &Topology, way: &Way, expected: &Expectation) -> Option<String> {
    let ends = way.end.ends.words(topology);
    if let Some(expected) = &expected.ends
        && !meets(&ends, &expected.value, &way.end.ends)
    {
        return Some(format!("it ends `{ends}`: {}", way.end.why));
    }
    let name = |at: crate::topology::LocationId| topology.location(at).name.as_str();
    let mut left = way.places.iter();
    for via in &expected.via {
        if !left.any(|at| *at == via.value) {
            let order = if expected.via.len() > 1 {
                " in this order"
            } else {
                ""
            };
            return Some(format!("it does not pass `{}`{order}", name(via.value)));
        }
    }
    if let Some(not) = expected
        .not_via
        .iter()
        .find(|not| way.places.contains(&not.value))
    {
        return Some(format!("it passes `{}`", name(not.value)));
    }
    if let Some(tls) = expected.tls
        && way.tls < tls.value
    {
        let weak = way
            .hops
            .iter()
            .find(|hop| hop.tls.as_deref() == Some(way.tls.as_str()));
        return Some(match weak {
            Some(hop) => format!(
                "only `{}` is guaranteed between `{}` and `{}`",
                way.tls, hop.at, hop.to
            ),
            None => format!("only `{}` is guaranteed", way.tls),
        });
    }
    if !expected.egress.is_empty() {
        let other = way
            .egress
            .iter()
            .find(|network| !expected.egress.iter().any(|at| at.value.contains(network)));
        if let Some(other) = other {
            return Some(format!("it may leave from {other}"));
        }
        if way.egress.is_empty() {
            return Some("the spec does not say which addresses it leaves from".to_owned());
        }
    }
    None
}

/// `rejected` meets every `rejected PLACE`; the places of a loop may stand in any order.
fn meets(ends: &str, expected: &str, kind: &Ends) -> bool {
    if ends == expected {
        return true;
    }
    let (word, rest) = expected.split_once(' ').unwrap_or((expected, ""));
    let (kind_word, places) = ends.split_once(' ').unwrap_or((ends, ""));
    if word != kind_word {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    let mut wanted: Vec<&str> = rest.split(',').map(str::trim).collect();
    wanted.sort_unstable();
    matches!(kind, Ends::Loop(_)) && wanted.join(",") == places
}

/// Who writes, in the words of `expect`.
pub(crate) fn who(topology: &Topology, from: &Sender) -> String {
    match from {
        Sender::Party(party) => topology.party_name(*party).to_owned(),
        Sender::Address(address) => address.to_string(),
        Sender::As(party, Some(address)) => format!("{}:{address}", topology.party_name(*party)),
        Sender::As(party, None) => format!("{}:<>", topology.party_name(*party)),
    }
}

/// Who can be named as a sender, apart from the Internet.
fn senders(topology: &Topology) -> impl Iterator<Item = Party> {
    topology
        .locations()
        .map(|(id, _)| Party::Location(id))
        .chain(topology.partners().map(|(id, _)| Party::Partner(id)))
        .chain(topology.devices().map(|(id, _)| Party::Device(id)))
}

/// The names of those.
pub(crate) fn sender_names(topology: &Topology) -> impl Iterator<Item = &str> {
    senders(topology).map(|party| topology.party_name(party))
}

/// Who is meant: `internet`, a location, a partner, a device or an address; one of these names with `:ADDRESS` or `:<>` writes
/// with that envelope sender. Else the nearest name.
pub fn sender(topology: &Topology, text: &str) -> Result<Sender, String> {
    let address = |text: &str| Address::parse(text).map_err(|error| error.message);
    if let Some((name, sender)) = Sender::parts(text)
        && let Sender::Party(party) = self::sender(topology, name)?
    {
        return Ok(Sender::As(party, sender.map(address).transpose()?));
    }
    if text == "internet" {
        return Ok(Sender::Party(Party::Internet));
    }
    let mut names = vec!["internet"];
    for party in senders(topology) {
        let name = topology.party_name(party);
        if name == text {
            return Ok(Sender::Party(party));
        }
        names.push(name);
    }
    if text.contains('@') {
        return address(text).map(Sender::Address);
    }
    Err(match nearest(text, names.iter().copied()) {
        Some(name) => format!("nobody is called `{text}`; did you mean `{name}`?"),
        None => format!(
            "nobody is called `{text}`; write an address or one of `{}`",
            names.join("`, `")
        ),
    })
}
