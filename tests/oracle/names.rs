//! Names, patterns and networks as plain text: one comparison after the other, nothing clever.

use mailtopo::testing::values::{Network, Pattern};
use std::net::IpAddr;

/// Whether `name` lies strictly below `base`.
pub(crate) fn is_below(name: &str, base: &str) -> bool {
    name.strip_suffix(base)
        .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

/// The part after the at sign.
pub(crate) fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// The part before the at sign.
pub(crate) fn local_of(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(local, _)| local)
}

/// Whether the pattern, as the language means it, holds the name.
pub(crate) fn holds(pattern: &Pattern, name: &str) -> bool {
    match pattern {
        Pattern::Exact(exact) => exact.as_str() == name,
        Pattern::Below(base) => is_below(name, base.as_str()),
        Pattern::Any => true,
        Pattern::AcceptedDomains => false,
    }
}

/// How near the pattern is to a name that it holds: the name itself, then the longest base, then everything.
pub(crate) fn nearness(pattern: &Pattern) -> usize {
    match pattern {
        Pattern::Exact(_) => usize::MAX,
        Pattern::Below(base) => base.as_str().len(),
        Pattern::Any | Pattern::AcceptedDomains => 0,
    }
}

/// As [`holds`], where the product lets `*.d` stand for d too.
pub(crate) fn holds_with_apex(pattern: &Pattern, name: &str) -> bool {
    holds(pattern, name) || matches!(pattern, Pattern::Below(base) if base.as_str() == name)
}

/// Whether a name on a certificate stands for `wanted` (RFC 6125: a star stands for one label).
pub(crate) fn certifies(name: &str, wanted: &str) -> bool {
    name == wanted
        || name.strip_prefix('*').is_some_and(|tail| {
            wanted
                .strip_suffix(tail)
                .is_some_and(|label| !label.is_empty() && !label.contains('.'))
        })
}

/// Whether any of the networks holds the address.
pub(crate) fn any_contains(networks: &[Network], address: Option<IpAddr>) -> bool {
    address.is_some_and(|address| {
        networks
            .iter()
            .any(|network| network.contains_address(address))
    })
}
