//! Hosts, in their short and their long form.

use crate::finding::Code;
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::list;
use crate::values::{BadValue, Host, HostTarget, Network};
use crate::yaml::{Form, List};
use std::net::IpAddr;

/// Hosts in the order written; one that stands twice is reported.
pub(super) fn hosts(list: &List<spec::Host>, scope: &mut Scope<'_>) -> Vec<At<Host>> {
    let mut seen: Once<(HostTarget, u16)> = Once::default();
    let mut kept = Vec::new();
    for item in &list.items {
        let Some(host) = host(&item.value, item.span, scope) else {
            continue;
        };
        let key = (host.target.clone(), host.port);
        if !scope.first(&mut seen, key, item.span, || {
            format!("the host `{host}` stands twice in this list")
        }) {
            continue;
        }
        kept.push(At::new(host, item.span));
    }
    kept
}

/// One host.
pub(super) fn host(written: &spec::Host, span: Span, scope: &mut Scope<'_>) -> Option<Host> {
    match written {
        Form::Short(text) => scope.value(text, span, Host::parse).map(|at| at.value),
        Form::Long(long) => long_host(long, span, scope),
    }
}

/// A host of a service with a port of its own, which stands for a port that is not written.
pub(super) fn service_host(
    written: &spec::Host,
    port: u16,
    span: Span,
    scope: &mut Scope<'_>,
) -> Option<Host> {
    let without_port = match written {
        Form::Short(text) => HostTarget::parse(text).is_ok(),
        Form::Long(long) => long.port.is_absent(),
    };
    let mut host = host(written, span, scope)?;
    if without_port {
        host.port = port;
    }
    if host.name().is_none_or(|name| !name.is_qualified()) {
        scope.error_help(
            Code::S019,
            format!("`{}` cannot be announced by an SRV record", host.target),
            span,
            "write the full name of a host",
        );
        return None;
    }
    Some(host)
}

fn long_host(long: &spec::HostLong, span: Span, scope: &mut Scope<'_>) -> Option<Host> {
    if long.name.is_absent() {
        scope.error_help(
            Code::S018,
            "this host has no `name`",
            span,
            "write `name: mail.contoso.com`",
        );
    }
    let addresses = list::networks(&long.addresses, scope);
    let addresses: Vec<IpAddr> = single(addresses, "the address of a host", scope)
        .into_iter()
        .map(|at| at.value)
        .collect();
    let port = port(&long.port, scope);
    let target = scope.slot(&long.name, target)?;
    let by_mx = long.mx.at().filter(|at| at.value);
    if let (Some(mx), Some(_)) = (by_mx, target.value.ip()) {
        let text = format!("`{}` is an address and has no MX", target.value);
        scope.error_help(Code::S019, text, mx.span, "leave `mx` out");
    }
    if let (Some(_), [_, ..]) = (target.value.ip(), addresses.as_slice()) {
        scope.error(
            Code::S019,
            format!(
                "`{}` is an address itself and needs no `addresses`",
                target.value
            ),
            target.span,
        );
    }
    Some(Host {
        target: target.value,
        port,
        by_mx: by_mx.is_some(),
        preference: long.preference.get().copied(),
        addresses,
    })
}

/// The long form has a key for the port.
fn target(text: &str) -> Result<HostTarget, BadValue> {
    HostTarget::parse(text).map_err(|bad| match Host::parse(text) {
        Ok(host) => BadValue::new(format!(
            "`{host}` holds a port, which has a key of its own here"
        ))
        .help(format!(
            "write `name: {}` and `port: {}`",
            host.target, host.port
        )),
        Err(_) => bad,
    })
}

fn port(slot: &crate::yaml::Slot<u16>, scope: &mut Scope<'_>) -> u16 {
    match slot.at() {
        Some(at) if at.value == 0 => {
            scope.error(Code::S019, "a port is a number from 1 to 65535", at.span);
            25
        }
        Some(at) => at.value,
        None => 25,
    }
}

/// Networks of which each must be one address.
pub(super) fn single(
    networks: Vec<At<Network>>,
    what: &str,
    scope: &mut Scope<'_>,
) -> Vec<At<IpAddr>> {
    networks
        .into_iter()
        .filter_map(|network| {
            let address = network.value.single();
            if address.is_none() {
                scope.error(
                    Code::S019,
                    format!("`{}` is a network, {what} is one address", network.value),
                    network.span,
                );
            }
            Some(At::new(address?, network.span))
        })
        .collect()
}
