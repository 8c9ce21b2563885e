//! Partners.

use crate::finding::{Code, Finding, Object};
use crate::source::At;
use crate::spec;
use crate::topology::resolve::certificate::certificate;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::dns::mx_record;
use crate::topology::resolve::host::hosts;
use crate::topology::resolve::location::location_refs;
use crate::topology::resolve::{list, text};
use crate::topology::{BounceName, BounceRecords, Partner, PartnerEnvelope, SendsInOurName};
use crate::values::{Address, BadValue, DomainName, HostName, OwnerName, Pattern, TlsLevel};
use crate::yaml::Form;

/// One partner.
pub(super) fn partner(
    name: &At<String>,
    written: &spec::Partner,
    domains: &[DomainName],
    scope: &mut Scope<'_>,
) -> Partner {
    let (inbound, outbound) = match written.tls.at() {
        None => (None, None),
        Some(At {
            value: Form::Short(level),
            span,
        }) => {
            let level = At::new(*level, *span);
            (Some(level), Some(level))
        }
        Some(At {
            value: Form::Long(each),
            ..
        }) => (each.inbound.at().copied(), each.outbound.at().copied()),
    };
    let certificate_of = certificate(&written.certificate, scope);
    let client_certificate = certificate(&written.client_certificate, scope);
    let missing = written.certificate.is_absent();
    for (level, enough, direction) in [
        (
            inbound,
            !missing || !written.client_certificate.is_absent(),
            "from",
        ),
        (outbound, !missing, "to"),
    ] {
        if let Some(level) = level.filter(|level| level.value == TlsLevel::Verified && !enough) {
            scope.findings.push(
                Finding::error(
                    Code::S018,
                    format!(
                        "`{}` has no `certificate`, so mail {direction} it cannot be verified",
                        name.value
                    ),
                )
                .at(level.span, "")
                .help("write the name on its certificate, or demand `ca-verified` or `encrypted`")
                .on(Object::Partner(name.value.clone())),
            );
            break;
        }
    }
    let domains_of = partner_domains(written, scope);
    let test_recipient = test_recipient(name, written, &domains_of, scope);
    let bounce = bounce_name(written, domains, scope);
    Partner {
        name: name.value.clone(),
        span: name.span,
        domains: domains_of,
        tls_inbound: inbound,
        tls_outbound: outbound,
        certificate: certificate_of,
        client_certificate,
        addresses: list::egress(&written.addresses, scope),
        hosts: hosts(&written.hosts, scope),
        via: location_refs(&written.via, scope),
        sends_as: sends_as(written, domains, scope),
        spf: scope.slot(&written.spf, text::spf_terms),
        envelope: envelope_of(written, bounce.as_ref(), scope),
        bounce,
        signs_as: list::values(&written.signs_as, "domain", DomainName::parse, scope),
        auth: scope.slot(&written.auth, text::credential),
        test_recipient,
        shared: written.shared.or(false),
        managed: written.managed.or(true),
        relays: false,
        renamed_from: crate::topology::resolve::renamed_from(&written.renamed_from, scope),
    }
}

fn partner_domains(written: &spec::Partner, scope: &mut Scope<'_>) -> Vec<At<Pattern>> {
    let mut patterns = list::patterns(&written.domains, scope);
    patterns.retain(|pattern| {
        let names_others = pattern.value != Pattern::AcceptedDomains;
        if !names_others {
            scope.error(
                Code::S019,
                "`accepted-domains` are our own, a partner has others",
                pattern.span,
            );
        }
        names_others
    });
    patterns
}

/// The partner's connector is validated with mail to an address of theirs; another would try another connector.
fn test_recipient(
    name: &At<String>,
    written: &spec::Partner,
    domains: &[At<Pattern>],
    scope: &mut Scope<'_>,
) -> Option<At<Address>> {
    let address = scope.slot(&written.test_recipient, Address::parse)?;
    let domain = address.value.domain();
    // Of domains that could not be read nothing is known.
    let unknown = domains.is_empty() || written.domains.list.incomplete;
    if unknown || domains.iter().any(|at| at.value.matches(domain)) {
        return Some(address);
    }
    scope.findings.push(
        Finding::error(
            Code::S019,
            format!("`{}` is no address of `{}`", address.value, name.value),
        )
        .at(address.span, "")
        .help("write an address in one of the partner's `domains`: what is sent to another domain tries another connector")
        .on(Object::Partner(name.value.clone())),
    );
    None
}

/// Whoever sends in our name does so with domains that the spec knows, because their records change.
fn sends_as(
    written: &spec::Partner,
    domains: &[DomainName],
    scope: &mut Scope<'_>,
) -> Vec<At<SendsInOurName>> {
    let names = list::values(&written.sends_as, "address", name_of_ours, scope);
    let names = list::once(names, "name", scope.findings);
    for name in &names {
        let domain = match &name.value {
            SendsInOurName::Domain(domain) => domain,
            SendsInOurName::Address(address) => address.domain(),
        };
        if domains.binary_search(domain).is_err() {
            crate::topology::resolve::unknown_domain(domain, name.span, domains, true, scope);
        }
    }
    names
}

/// The name that a service takes bounces at, with what stands there.
fn bounce_name(
    written: &spec::Partner,
    domains: &[DomainName],
    scope: &mut Scope<'_>,
) -> Option<At<BounceName>> {
    let At { value, span } = written.bounce_domain.at()?;
    let form = "write `{name: bounces.contoso.com, mx: [\"10 mx.sender.example\"]}`, or `cname` in place of `mx`";
    if value.name.is_absent() {
        scope.error_help(
            Code::S018,
            "this `bounce_domain` has no `name`",
            *span,
            form,
        );
    }
    let name = scope.slot(&value.name, DomainName::parse)?;
    if domains.binary_search(&name.value).is_ok() {
        let words = format!("`{}` has records of its own under `domains`", name.value);
        let help = format!(
            "write `envelope: {}` in its place, or a name below it that nothing else uses",
            name.value
        );
        scope.error_help(Code::S019, words, name.span, help);
        return None;
    }
    if !domains.iter().any(|domain| name.value.is_below(domain)) {
        let words = format!(
            "`{}` lies in no domain of the spec, so nothing can be written there",
            name.value
        );
        let help = format!(
            "write `envelope: {}`, or a name below one of your domains",
            name.value
        );
        scope.error_help(Code::S019, words, name.span, help);
        return None;
    }
    let hosts = list::inline(&value.mx, exchanger, scope);
    let alias = scope.slot(&value.cname, OwnerName::parse);
    let at = match (alias, value.mx.span) {
        (Some(alias), None) => BounceRecords::Alias(alias.value),
        (None, Some(_)) => BounceRecords::Mx(hosts.into_iter().map(|at| at.value).collect()),
        (Some(_), Some(mx)) => {
            scope.error_help(
                Code::S019,
                "nothing stands beside an alias, and these hosts would",
                mx,
                "keep `mx` or `cname`",
            );
            return None;
        }
        (None, None) => {
            if value.cname.is_absent() {
                scope.error_help(
                    Code::S018,
                    "nothing says who takes the bounces",
                    *span,
                    form,
                );
            }
            return None;
        }
    };
    let name = name.value;
    Some(At::new(BounceName { name, at }, *span))
}

fn exchanger(text: &str) -> Result<(u16, HostName), BadValue> {
    let (preference, host) = mx_record(text)?;
    HostName::parse(&host).map(|host| (preference, host))
}

/// The domain of the envelope senders, which is that of bounces where the service has one.
fn envelope_of(
    written: &spec::Partner,
    bounce: Option<&At<BounceName>>,
    scope: &mut Scope<'_>,
) -> Option<At<PartnerEnvelope>> {
    let said = scope.slot(&written.envelope, envelope);
    let Some(At { value, span }) = bounce else {
        return said;
    };
    let name = PartnerEnvelope::Domain(value.name.clone());
    if let Some(said) = said.filter(|said| said.value != name) {
        scope.error_help(
            Code::S019,
            format!(
                "its envelope senders are of `{}`, where it takes bounces",
                value.name
            ),
            said.span,
            "leave `envelope` out: `bounce_domain` says it",
        );
    }
    Some(At::new(name, *span))
}

fn envelope(text: &str) -> Result<PartnerEnvelope, BadValue> {
    if text == "same" {
        return Ok(PartnerEnvelope::Same);
    }
    DomainName::parse(text).map(PartnerEnvelope::Domain)
}

fn name_of_ours(text: &str) -> Result<SendsInOurName, BadValue> {
    if text.contains('@') {
        Address::parse(text).map(SendsInOurName::Address)
    } else {
        DomainName::parse(text).map(SendsInOurName::Domain)
    }
}
