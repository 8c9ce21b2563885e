//! Nobody is in two places, and no address belongs to two mailboxes.

use crate::finding::{Code, Finding, Findings};
use crate::source::Span;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::twice;
use crate::topology::resolve::table::RowFindings;
use crate::topology::{Domain, Holder, Holds, LocationId, Recipient};
use crate::values::Address;

pub(super) fn refuse_two_rests(holders: &[Holder], scope: &mut Scope<'_>) {
    let rests: Vec<&Holder> = holders
        .iter()
        .filter(|holder| matches!(holder.holds, Holds::Rest))
        .collect();
    if let [first, second, ..] = rests.as_slice() {
        let (first, second) = if first.span <= second.span {
            (first, second)
        } else {
            (second, first)
        };
        scope.findings.push(
            Finding::error(
                Code::S010,
                "two locations hold all mailboxes that are not listed elsewhere",
            )
            .at(second.span, "")
            .at(first.span, "the other")
            .help("write `rest` at one location, and a count or a list at the others"),
        );
    }
}

/// An address is at one place, once. The lists are sorted, so that equal ones stand together.
pub(super) fn refuse_double_addresses(holders: &mut [Holder], scope: &mut Scope<'_>) {
    let mut mistakes = RowFindings::default();
    for holder in holders.iter_mut() {
        if let Holds::Listed(recipients) = &mut holder.holds {
            drop_repeated(recipients, &mut mistakes, scope.findings);
        }
    }
    let lists: Vec<(LocationId, &[Recipient])> = holders
        .iter()
        .filter_map(|holder| match &holder.holds {
            Holds::Listed(recipients) => Some((holder.location, recipients.as_slice())),
            Holds::Count(_) | Holds::Rest => None,
        })
        .collect();
    for (index, (location, recipients)) in lists.iter().enumerate() {
        for (other, others) in lists.iter().skip(index + 1) {
            for (a, b) in common(recipients, others) {
                let (at, elsewhere) = (
                    scope.location_name(*location).to_owned(),
                    scope.location_name(*other).to_owned(),
                );
                mistakes.push(
                    Finding::error(
                        Code::S010,
                        format!(
                            "the mailbox `{}` is at two locations, `{at}` and `{elsewhere}`",
                            a.address
                        ),
                    )
                    .at(b.span, format!("at `{elsewhere}`"))
                    .at(a.span, format!("at `{at}`"))
                    .help("keep one of them"),
                    scope.findings,
                );
            }
        }
    }
    mistakes.finish(scope.findings);
}

pub(super) fn drop_repeated(
    recipients: &mut Vec<Recipient>,
    mistakes: &mut RowFindings,
    findings: &mut Findings,
) {
    let mut first: Option<(Address, Span)> = None;
    recipients.retain(|recipient| {
        if let Some((address, span)) = &first
            && *address == recipient.address
        {
            mistakes.push(
                twice(
                    format!(
                        "the address `{}` stands twice in this list",
                        recipient.address
                    ),
                    recipient.span,
                    *span,
                ),
                findings,
            );
            return false;
        }
        first = Some((recipient.address.clone(), recipient.span));
        true
    });
}

/// Pairs with the same address of two sorted lists.
pub(super) fn common<'r>(
    a: &'r [Recipient],
    b: &'r [Recipient],
) -> Vec<(&'r Recipient, &'r Recipient)> {
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut pairs = Vec::new();
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x.address.cmp(&y.address) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                pairs.extend(left.next().zip(right.next()));
            }
        }
    }
    pairs
}

/// Every address belongs to one mailbox, whatever list and domain it stands in.
pub(in crate::topology::resolve) fn refuse_double_aliases(
    domains: &[Domain],
    findings: &mut Findings,
) {
    let mut aliases: Vec<(&Address, &Recipient)> = Vec::new();
    for recipient in domains.iter().flat_map(recipients) {
        let of = recipient
            .details
            .as_deref()
            .and_then(|details| details.aliases.as_deref());
        aliases.extend(
            of.unwrap_or_default()
                .iter()
                .map(|alias| (alias, recipient)),
        );
    }
    aliases.sort_by(|a, b| (a.0, a.1.span).cmp(&(b.0, b.1.span)));
    let mut mistakes = RowFindings::default();
    let mut refuse =
        |alias: &Address, first: &Recipient, second: &Recipient, findings: &mut Findings| {
            mistakes.push(
                Finding::error(
                    Code::S011,
                    format!(
                        "`{alias}` is an address of two mailboxes, `{}` and `{}`",
                        first.address, second.address
                    ),
                )
                .at(second.span, "")
                .at(first.span, "the other")
                .help("leave it to one of them"),
                findings,
            );
        };
    for pair in aliases.windows(2) {
        if let [(alias, first), (again, second)] = pair
            && alias == again
            && first.address != second.address
        {
            refuse(alias, first, second, findings);
        }
    }
    for (alias, owner) in aliases {
        if *alias != owner.address
            && let Some(other) = mailbox(domains, alias)
        {
            refuse(alias, other, owner, findings);
        }
    }
    mistakes.finish(findings);
}

pub(super) fn recipients(domain: &Domain) -> impl Iterator<Item = &Recipient> {
    domain
        .holders
        .iter()
        .flat_map(|holder| match &holder.holds {
            Holds::Listed(recipients) => recipients.as_slice(),
            Holds::Count(_) | Holds::Rest => &[],
        })
}

/// The listed mailbox with this address as its own.
pub(super) fn mailbox<'d>(domains: &'d [Domain], address: &Address) -> Option<&'d Recipient> {
    let at = domains
        .binary_search_by(|domain| domain.name.cmp(address.domain()))
        .ok()?;
    let (_, recipient) = domains.get(at)?.listed(address)?;
    Some(recipient)
}
