//! Where the mailboxes of a domain are: one place, counts, lists, files, and everybody else.

mod doubles;
mod file;

pub(super) use doubles::refuse_double_aliases;
use doubles::{refuse_double_addresses, refuse_two_rests};
use file::{Places, from_file, located};

use crate::finding::{Code, Finding, Object};
use crate::source::{At, Span};
use crate::spec::{self, Mailboxes, Share};
use crate::topology::resolve::context::{Scope, listed};
use crate::topology::{Holder, Holds, LocationId, Recipient};
use crate::values::{Addresses, DomainName};
use crate::yaml::{List, Slot};

/// The holders of a domain, by location.
pub(super) fn holders(
    domain: &DomainName,
    slot: &Slot<Box<Mailboxes>>,
    scope: &mut Scope<'_>,
) -> Vec<Holder> {
    let Some(At { value, span }) = slot.at() else {
        return Vec::new();
    };
    let mut holders = match &**value {
        Mailboxes::All(name) => holding_place(name, *span, domain, scope)
            .map(|location| Holder {
                location,
                holds: Holds::Rest,
                span: *span,
            })
            .into_iter()
            .collect(),
        Mailboxes::File(path) => located(domain, path, scope),
        Mailboxes::Parts(map) => {
            let named: Vec<(At<LocationId>, At<&Share>)> = map
                .entries
                .iter()
                .filter_map(|(name, share)| {
                    let location = holding_place(&name.value, name.span, domain, scope)?;
                    Some((
                        At::new(location, name.span),
                        At::new(&share.value, share.span),
                    ))
                })
                .collect();
            parts(domain, &named, scope)
        }
    };
    holders.sort_by_key(|holder| holder.location);
    refuse_two_rests(&holders, scope);
    refuse_double_addresses(&mut holders, scope);
    holders
}

/// A location that can hold mailboxes.
fn holding_place(
    name: &str,
    span: Span,
    domain: &DomainName,
    scope: &mut Scope<'_>,
) -> Option<LocationId> {
    let place = scope.location(name, span)?;
    let kind = scope.kind(place.value);
    match kind.and_then(|kind| Some((kind.word, kind.holds_none_unlike?))) {
        Some((word, instead)) => {
            scope.findings.push(
                Finding::error(Code::S022, format!("`{name}` is `{word}`, which holds no mailboxes"))
                    .at(span, "")
                    .help(format!("name the location that the mail ends at, or write `kind: {instead}` if it is `{name}`"))
                    .on(Object::Domain(domain.as_str().to_owned()))
                    .on(Object::Location(name.to_owned())),
            );
            None
        }
        _ => Some(place.value),
    }
}

fn parts(
    domain: &DomainName,
    named: &[(At<LocationId>, At<&Share>)],
    scope: &mut Scope<'_>,
) -> Vec<Holder> {
    let places = Places::of(named);
    named
        .iter()
        .map(|(location, share)| Holder {
            location: location.value,
            holds: match share.value {
                Share::Count(count) => Holds::Count(*count),
                Share::Rest => Holds::Rest,
                Share::Addresses(list) => Holds::Listed(inline(domain, list, scope)),
                Share::File(path) => {
                    Holds::Listed(from_file(domain, location.value, &places, path, scope))
                }
            },
            span: location.span,
        })
        .collect()
}

fn inline(
    domain: &DomainName,
    list: &List<crate::yaml::AddressText>,
    scope: &mut Scope<'_>,
) -> Vec<Recipient> {
    let mut addresses = Addresses::default();
    let mut recipients = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let Some(address) = scope.value(&item.value, item.span, |text| addresses.parse(text))
        else {
            continue;
        };
        if address.value.domain() != domain {
            scope.error_help(
                Code::S019,
                format!("`{}` is no address of `{domain}`", address.value),
                item.span,
                format!("list it under `mailboxes` of `{}`", address.value.domain()),
            );
            continue;
        }
        recipients.push(Recipient {
            address: address.value,
            span: item.span,
            details: None,
        });
    }
    recipients.sort_by(|a, b| a.address.cmp(&b.address));
    recipients
}

/// The parts and the total beside them must agree, as far as they are known.
pub(super) fn check_total(
    domain: &DomainName,
    holders: &[Holder],
    total: Option<&At<u64>>,
    scope: &mut Scope<'_>,
) {
    let Some(total) = total else {
        return;
    };
    // The parts of a domain may be more than any of them can be.
    let mut sum: u128 = 0;
    let wanted = u128::from(total.value);
    let mut open = holders.is_empty();
    for holder in holders {
        match &holder.holds {
            Holds::Count(count) => sum += u128::from(*count),
            Holds::Listed(recipients) => sum += recipients.len() as u128,
            Holds::Rest => open = true,
        }
    }
    let difference = if sum > wanted {
        format!("{} more than the total", sum - wanted)
    } else if sum < wanted && !open {
        format!("{} fewer than the total", wanted - sum)
    } else {
        return;
    };
    let help = match u64::try_from(sum) {
        Ok(sum) => format!("write `total: {sum}`, or give the missing mailboxes a location"),
        Err(_) => "write the numbers that the locations really hold".to_owned(),
    };
    scope.findings.push(
        Finding::warning(
            Code::S009,
            format!(
                "the locations of `{domain}` hold {sum} mailboxes, {difference} of {}",
                total.value
            ),
        )
        .at(total.span, "")
        .help(help)
        .on(Object::Domain(domain.as_str().to_owned())),
    );
}

/// The kinds of the holders.
pub(super) fn kinds_of(holders: &[Holder], scope: &Scope<'_>) -> Vec<spec::Kind> {
    holders
        .iter()
        .filter_map(|holder| scope.kind(holder.location))
        .collect()
}

/// Names of the places, for messages.
pub(super) fn names_of(holders: &[Holder], scope: &Scope<'_>) -> String {
    let names: Vec<&str> = holders
        .iter()
        .map(|holder| scope.location_name(holder.location))
        .collect();
    listed(&names)
}
