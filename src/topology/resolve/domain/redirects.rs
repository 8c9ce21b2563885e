//! Mail that goes elsewhere than its address says.

use crate::finding::{Code, Finding, Object};
use crate::platforms::product::{Trait, words_of};
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::mailboxes;
use crate::topology::{Forward, Holder, RemoteMailbox};
use crate::values::{Address, DomainName};
use crate::yaml::{AddressText, List, Slot};

pub(super) fn catch_all(
    name: &At<DomainName>,
    written: &spec::Domain,
    holders: &[Holder],
    scope: &mut Scope<'_>,
) -> Option<At<Address>> {
    let address = scope.slot(&written.catch_all, Address::parse)?;
    let knows = mailboxes::kinds_of(holders, scope)
        .iter()
        .any(|kind| kind.is(Trait::CatchesAll));
    if !holders.is_empty() && !knows {
        let places = mailboxes::names_of(holders, scope);
        scope.findings.push(
            Finding::error(
                Code::S022,
                format!(
                    "{places} cannot catch mail for unlisted addresses of `{}`",
                    name.value
                ),
            )
            .at(address.span, "")
            .help(format!(
                "leave `catch_all` out: only `{}` know it",
                words_of(Trait::CatchesAll).join("` and `")
            ))
            .on(Object::Domain(name.value.to_string())),
        );
    }
    Some(address)
}

pub(super) fn forwards(
    name: &At<DomainName>,
    list: &List<spec::Forward>,
    scope: &mut Scope<'_>,
) -> Vec<Forward> {
    let mut seen = Once::default();
    let mut forwards = Vec::new();
    for At { value, span } in &list.items {
        let ends = redirect(
            name,
            (&value.address, &value.target),
            *span,
            &mut seen,
            scope,
        );
        forwards.extend(ends.map(|(address, target)| Forward {
            address,
            target,
            keep_copy: value.keep_copy.or(false),
            span: *span,
        }));
    }
    forwards
}

pub(super) fn remote_mailboxes(
    name: &At<DomainName>,
    list: &List<spec::RemoteMailbox>,
    scope: &mut Scope<'_>,
) -> Vec<RemoteMailbox> {
    let mut seen = Once::default();
    let mut remote = Vec::new();
    for At { value, span } in &list.items {
        let ends = redirect(
            name,
            (&value.address, &value.target),
            *span,
            &mut seen,
            scope,
        );
        remote.extend(ends.map(|(address, target)| RemoteMailbox {
            address,
            target,
            span: *span,
        }));
    }
    remote
}

fn redirect(
    name: &At<DomainName>,
    (address, target): (&Slot<AddressText>, &Slot<AddressText>),
    span: Span,
    seen: &mut Once<Address>,
    scope: &mut Scope<'_>,
) -> Option<(Address, Address)> {
    for (key, slot) in [("address", address), ("target", target)] {
        if slot.is_absent() {
            scope.error_help(
                Code::S018,
                format!("this redirect has no `{key}`"),
                span,
                "write `{address: A, target: B}`",
            );
        }
    }
    let address = scope.slot(address, Address::parse);
    let target = scope.slot(target, Address::parse);
    let (address, target) = (address?, target?);
    if *address.value.domain() != name.value {
        scope.error_help(
            Code::S019,
            format!("`{}` is no address of `{}`", address.value, name.value),
            address.span,
            format!("write it under `{}`", address.value.domain()),
        );
        return None;
    }
    if address.value == target.value {
        scope.error(
            Code::S008,
            format!("`{}` is redirected to itself", address.value),
            target.span,
        );
        return None;
    }
    if !scope.first(seen, address.value.clone(), address.span, || {
        format!("`{}` is redirected twice", address.value)
    }) {
        return None;
    }
    Some((address.value, target.value))
}
