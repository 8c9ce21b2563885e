//! An Exchange organization on servers, as its documents describe it.
//!
//! Sources: <https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors>,
//! <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>,
//! <https://learn.microsoft.com/exchange/mail-flow/accepted-domains/accepted-domains>.

use crate::mail::{Answer, Client, Mail, Move, Session};
use crate::names::{certifies, domain_of, holds_with_apex, is_below, local_of, nearness};
use crate::simulate::{by_mx, deliver, session_from, to_hosts};
use crate::world::{World, target};
use mailtopo::testing::platforms::exchange_server::{
    Configuration, Grant, ReceiveConnector, TlsAuthLevel,
};
use mailtopo::testing::topology::AcceptedType;
use mailtopo::testing::values::{Pattern, TlsLevel};
use std::cmp::Reverse;

fn accepted(world: &World<'_>, here: usize, domain: &str) -> Option<AcceptedType> {
    let all = world.plan.place(world.places[here].id).accepted.iter();
    all.filter(|it| {
        let name = it.domain.as_str();
        name == domain || it.subdomains && is_below(domain, name)
    })
    .max_by_key(|it| it.domain.as_str().len())
    .map(|it| it.kind)
}

/// What the organization says to a connection.
pub(crate) fn answer(
    world: &World<'_>,
    here: usize,
    organization: &Configuration,
    session: &Session,
    mail: &Mail,
) -> Answer {
    let mut mail = mail.clone();
    mail.from_premises = false;
    let place = &world.places[here];
    let connector = receive_connector(organization, session);
    let encrypted = session.tls > TlsLevel::None;
    let hybrid = connector.is_some_and(|connector| {
        encrypted
            && session.crosses
            && connector
                .accept_cloud_services_mail_from
                .as_ref()
                .is_some_and(|wanted| {
                    session
                        .certificate
                        .iter()
                        .any(|name| name == wanted || certifies(name, wanted))
                })
    });
    let grant = connector.map_or(Grant::AcceptedDomains, |connector| connector.grant);
    if grant == Grant::Nothing {
        return None;
    }
    // What a mailbox of the tenant has forwarded its own connector brings out by the servers (MC649482).
    let promoted = hybrid && (mail.inside || mail.forwarded.is_some());
    mail.inside &= hybrid || grant == Grant::Trusted;
    if connector.is_none()
        && !session.early
        && let Some(only) = place.only_from
    {
        let listed = match session.client {
            // An Exchange Server knows by addresses alone whom it still takes mail from.
            Client::Place(from) => {
                only.contains(&world.places[from].id)
                    && (place.is_tenant || session.address.is_some())
            }
            _ => false,
        };
        if !listed {
            return None;
        }
    }
    let level = if connector.is_some_and(|connector| connector.require_tls) {
        TlsLevel::Encrypted
    } else {
        TlsLevel::None
    };
    if level > TlsLevel::None && !encrypted {
        return None;
    }
    match accepted(world, here, domain_of(&mail.recipient)) {
        None if promoted || grant != Grant::AcceptedDomains => {}
        None => return None,
        Some(AcceptedType::Authoritative) if !knows(world, here, &mail) => return None,
        Some(_) => {}
    }
    Some((mail, level))
}

/// The connector with the narrowest range that holds the client.
fn receive_connector<'a>(
    organization: &'a Configuration,
    session: &Session,
) -> Option<&'a ReceiveConnector> {
    let address = session.address?;
    let mut best: Option<(u8, &ReceiveConnector)> = None;
    for connector in organization.receive.iter().filter(|c| c.enabled) {
        for range in &connector.remote_ip_ranges {
            if range.contains_address(address)
                && best.is_none_or(|(length, _)| range.prefix_len() > length)
            {
                best = Some((range.prefix_len(), connector));
            }
        }
    }
    best.map(|(_, connector)| connector)
}

fn knows(world: &World<'_>, here: usize, mail: &Mail) -> bool {
    mail.home == Some(world.places[here].id)
        || (mail.home.is_some() && world.knows_everybody(here, domain_of(&mail.recipient)))
        || written_address(world, mail).is_some()
}

/// What the organization does with a message that it holds.
pub(crate) fn moves(
    world: &World<'_>,
    here: usize,
    organization: &Configuration,
    mail: &Mail,
) -> Vec<Move> {
    let place = &world.places[here];
    let domain = domain_of(&mail.recipient);
    let kind = accepted(world, here, domain);
    // Recipients are looked for in the directory before anything is asked of their domain.
    if mail.home == Some(place.id) {
        return deliver(world, here, mail);
    }
    if kind == Some(AcceptedType::Authoritative) && !knows(world, here, mail) {
        return vec![Move::End(format!("bounced {}", place.name))];
    }
    if kind.is_some()
        && let Some(target) = remote_address(world, here, mail)
        && target != mail.recipient
    {
        return redirected(world, mail, &target);
    }
    let mut found: Vec<(usize, Reverse<u32>, Reverse<String>, usize)> = Vec::new();
    for (index, connector) in organization.send.iter().enumerate() {
        if !connector.enabled || is_for_rules(world, connector.route) {
            continue;
        }
        for (space, cost) in &connector.address_spaces {
            if holds_with_apex(space, domain) && !matches!(space, Pattern::AcceptedDomains) {
                let name = connector.name.to_lowercase();
                found.push((nearness(space), Reverse(*cost), Reverse(name), index));
            }
        }
    }
    let Some((.., index)) = found.into_iter().max() else {
        // The Unreachable queue.
        return vec![Move::End(format!("deferred {}", place.name))];
    };
    let connector = &organization.send[index];
    let tls = match (
        connector.ignore_starttls,
        connector.require_tls,
        connector.tls_auth_level,
    ) {
        (true, ..) => TlsLevel::None,
        (_, _, Some(TlsAuthLevel::DomainValidation)) => TlsLevel::Verified,
        (_, _, Some(TlsAuthLevel::CertificateValidation)) => TlsLevel::CaVerified,
        (_, true, _) | (_, _, Some(TlsAuthLevel::EncryptionOnly)) => TlsLevel::Encrypted,
        _ => TlsLevel::Opportunistic,
    };
    let mut session = session_from(world, here, tls);
    session.crosses = connector.cloud_services_mail_enabled == Some(true);
    if let Some(certificate) = &connector.tls_certificate {
        session.certificate = vec![certificate.name.clone()];
    }
    // The wizard's own connector looks the MX up, and keeps the headers all the same.
    let mut expects: Vec<String> = connector.tls_domain.iter().cloned().collect();
    if connector.smart_hosts.is_empty() {
        // Without `TlsDomain` the certificate is compared with the recipient's domain (New-SendConnector).
        if expects.is_empty() {
            expects.push(domain.to_owned());
        }
        return by_mx(world, here, mail, &session, &expects);
    }
    to_hosts(
        world,
        here,
        &connector.smart_hosts,
        &session,
        &expects,
        mail,
    )
}

fn is_for_rules(world: &World<'_>, route: mailtopo::testing::routes::RouteId) -> bool {
    world.plan.route(route).only_by_rule
}

/// The message under the address of a mailbox elsewhere. Where its mailbox does not have that address, it is for whoever
/// has it.
fn redirected(world: &World<'_>, mail: &Mail, target: &str) -> Vec<Move> {
    let mut mail = mail.clone();
    target.clone_into(&mut mail.recipient);
    if world.is_address_of(target, &mail.person) {
        return vec![Move::Again(mail)];
    }
    let meant = world.meant(target).into_iter();
    meant
        .map(|(person, home)| {
            let mut mail = mail.clone();
            mail.person = person;
            mail.home = home;
            Move::Again(mail)
        })
        .collect()
}

/// The address that the spec or a list writes for a mailbox elsewhere.
fn written_address(world: &World<'_>, mail: &Mail) -> Option<String> {
    mail.home?;
    let domains = &world.topology().domains;
    let mut remote = domains.iter().flat_map(|domain| &domain.remote_mailboxes);
    if let Some(remote) = remote.find(|remote| remote.address.to_string() == mail.person) {
        return Some(remote.target.to_string());
    }
    let (mailbox, _) = world.mailbox(&mail.person)?;
    target(mailbox).map(ToString::to_string)
}

/// The address under which the directory knows a mailbox that is elsewhere.
fn remote_address(world: &World<'_>, here: usize, mail: &Mail) -> Option<String> {
    // What is written of a mailbox elsewhere its directory has, whatever else it has not.
    if let Some(written) = written_address(world, mail) {
        return Some(written);
    }
    let own = domain_of(&mail.person);
    // Under a tenant's own name the directory has the mailbox by its address.
    let recipient = domain_of(&mail.recipient);
    let asked = if world.is_tenant_name(recipient) {
        own
    } else {
        recipient
    };
    if !world.knows_everybody(here, asked) {
        return None;
    }
    let home = mail.home?;
    let domains = &world.topology().domains;
    let domain = domains.iter().find(|domain| domain.name.as_str() == own)?;
    let tenant = world.topology().location(home).tenant()?;
    domain
        .is_split()
        .then(|| format!("{}@{}", local_of(&mail.person), tenant.routing_domain()))
}
