//! Devices.

use crate::finding::{Code, Finding, Object};
use crate::platforms::product::{Certificates, Trait};
use crate::source::{At, Span};
use crate::spec::{self, Kind, MaxTls};
use crate::topology::resolve::certificate::certificate;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::host::single;
use crate::topology::resolve::list;
use crate::topology::{Device, LocationId, Method, SendsAs, SendsTo};
use crate::values::{Address, BadValue, Network, Pattern, is_private_address};
use crate::yaml::{Slot, Word};
use std::net::IpAddr;

/// One device. Where the location that takes its mail is not known there is an error, and it stands at the first.
pub(super) fn device(name: &At<String>, written: &spec::Device, scope: &mut Scope<'_>) -> Device {
    if written.via.is_absent() {
        scope.require("via", "via: LOCATION", name, Object::Device);
    }
    let via = written
        .via
        .at()
        .and_then(|at| scope.location(&at.value, at.span));
    let method = method(&written.method, name.span);
    if let Some(via) = via {
        check_method(name, &method, &via, scope);
    }
    let certificate_slot = match &written.certificate {
        Slot::Present(At {
            value: Some(value),
            span,
        }) => Slot::Present(At::new(value.clone(), *span)),
        Slot::Present(At { value: None, .. }) | Slot::Absent => Slot::Absent,
        Slot::Bad(span) => Slot::Bad(*span),
    };
    if method.value == Method::Relay
        && !written.addresses.is_written()
        && certificate_slot.is_absent()
    {
        let kind = via.and_then(|via| scope.kind(via.value));
        scope.require("addresses", known_by(kind), name, Object::Device);
    }
    Device {
        name: name.value.clone(),
        span: name.span,
        addresses: list::egress(&written.addresses, scope),
        sends_as: sends_as(written, scope),
        login: scope.slot(&written.login, Address::parse),
        sends_to: sends_to(&written.sends_to, scope),
        method,
        via: via.unwrap_or_else(|| At::new(LocationId::from_index(0), name.span)),
        certificate: certificate(&certificate_slot, scope),
        max_tls: written
            .max_tls
            .at()
            .map(|at| At::new(max_tls(at.value).to_owned(), at.span)),
        nat: nat(written, scope),
        trusted: written.trusted.or(false),
        renamed_from: crate::topology::resolve::renamed_from(&written.renamed_from, scope),
    }
}

/// What lets a place of a kind know a device.
fn known_by(kind: Option<Kind>) -> &'static str {
    match kind.map_or(Certificates::ByName, |kind| kind.certificates) {
        Certificates::OfServers | Certificates::ByFingerprint => "addresses: [ADDRESS]",
        Certificates::ByName => "addresses: [ADDRESS]`, or `certificate: NAME",
    }
}

fn method(slot: &Slot<spec::Method>, default: Span) -> At<Method> {
    At::new(slot.or(spec::Method::Relay), slot.span().unwrap_or(default))
}

/// High Volume Email is a service of Exchange Online; a gateway takes no logins.
fn check_method(
    name: &At<String>,
    method: &At<Method>,
    via: &At<LocationId>,
    scope: &mut Scope<'_>,
) {
    let Some(kind) = scope.kind(via.value) else {
        return;
    };
    let fits = match method.value {
        Method::Relay | Method::DirectSend => true,
        Method::ClientSubmission => kind.holds_mailboxes(),
        Method::HighVolume => kind.is(Trait::HighVolume),
    };
    if !fits {
        let place = scope.location_name(via.value).to_owned();
        scope.findings.push(
            Finding::error(
                Code::S022,
                format!(
                    "`{place}` is `{}`, which takes no mail by `{}`",
                    kind.word,
                    method.value.keyword()
                ),
            )
            .at(method.span, "")
            .at(via.span, "its mail goes here")
            .help(match method.value {
                Method::HighVolume => "only `exchange-online` knows this method",
                _ => "name a location that holds mailboxes, or write `method: relay`",
            })
            .on(Object::Device(name.value.clone())),
        );
    }
}

fn sends_as(written: &spec::Device, scope: &mut Scope<'_>) -> Vec<At<SendsAs>> {
    let senders = list::values(&written.sends_as, "address", sender, scope);
    list::once(senders, "sender", scope.findings)
}

fn sender(text: &str) -> Result<SendsAs, BadValue> {
    if text.contains('@') {
        Address::parse(text).map(SendsAs::Address)
    } else {
        Pattern::parse(text).map(SendsAs::Pattern)
    }
}

fn sends_to(slot: &Slot<spec::SendsTo>, scope: &mut Scope<'_>) -> SendsTo {
    match slot.get() {
        None | Some(Word::Word(spec::Audience::Internal)) => SendsTo::Internal,
        Some(Word::Word(spec::Audience::Anyone)) => SendsTo::Anyone,
        Some(Word::List(listed)) => SendsTo::Patterns(list::patterns(listed, scope)),
    }
}

const fn max_tls(version: MaxTls) -> &'static str {
    match version {
        MaxTls::None => "none",
        MaxTls::V1_0 => "1.0",
        MaxTls::V1_1 => "1.1",
        MaxTls::V1_2 => "1.2",
        MaxTls::V1_3 => "1.3",
    }
}

fn nat(written: &spec::Device, scope: &mut Scope<'_>) -> Vec<At<IpAddr>> {
    let Some(At {
        value: Some(text),
        span,
    }) = written.nat.at()
    else {
        return Vec::new();
    };
    let network = scope.value(text, *span, Network::parse);
    let addresses = single(network.into_iter().collect(), "a public address", scope);
    for address in &addresses {
        if is_private_address(address.value) {
            scope.error_help(
                Code::S019,
                format!(
                    "`{}` is a private address, which no cloud ever sees",
                    address.value
                ),
                address.span,
                "write the public address that the device's connections leave from",
            );
        }
    }
    addresses
}
