//! Exchange Online and Exchange Online Protection, as their documents describe them.
//!
//! Sources: New-InboundConnector, New-OutboundConnector, Set-AcceptedDomain, New-TransportRule in
//! <https://learn.microsoft.com/powershell/module/exchange/>, and the articles on connectors, transport routing and
//! directory-based edge blocking beside them.

use crate::mail::{Answer, Client, Login, Mail, Move, Session};
use crate::names::{any_contains, certifies, domain_of, holds_with_apex, is_below};
use crate::readings::{Open, Readings};
use crate::rules;
use crate::simulate::{by_mx, deliver, session_from, to_hosts};
use crate::world::World;
use mailtopo::testing::plan::Configuration as Configured;
use mailtopo::testing::platforms::exchange_online::{
    Configuration, ConnectorType, InboundConnector, OutboundConnector, TlsSettings,
};
use mailtopo::testing::topology::{AcceptedType, SmtpAuth};
use mailtopo::testing::values::{Pattern, TlsLevel};

/// The type of an accepted domain, and whether the name itself is listed.
fn accepted(world: &World<'_>, here: usize, domain: &str) -> Option<(AcceptedType, bool)> {
    let all = &world.plan.place(world.places[here].id).accepted;
    if is_own_name(world, here, domain) {
        return Some((AcceptedType::Authoritative, true));
    }
    if let Some(named) = all.iter().find(|it| it.domain.as_str() == domain) {
        return Some((named.kind, true));
    }
    all.iter()
        .filter(|it| it.subdomains && is_below(domain, it.domain.as_str()))
        .max_by_key(|it| it.domain.as_str().len())
        .map(|it| (it.kind, false))
}

fn is_own_name(world: &World<'_>, here: usize, domain: &str) -> bool {
    let accepted = &world.plan.place(world.places[here].id).accepted;
    accepted.iter().any(|accepted| {
        accepted.why == mailtopo::testing::routes::Acceptance::TenantName
            && accepted.domain.as_str() == domain
    })
}

/// The tenant that a session belongs to: that of the domain on the certificate, else of the envelope sender, else of the
/// recipient, among those whose own connectors know the client (MC1226222).
pub(crate) fn attributed(world: &World<'_>, to: usize, session: &Session, mail: &Mail) -> usize {
    let from_tenant = match session.client {
        Client::Place(at) => world.places[at].is_tenant,
        _ => false,
    };
    if !world.places[to].is_tenant || from_tenant || session.login != Login::None {
        return to;
    }
    let encrypted = session.tls > TlsLevel::None && session.vouched;
    let certified = |at: usize| {
        let mut names = session.certificate.iter();
        encrypted
            && names.any(|name| {
                let parent = name.split_once('.').map_or("", |(_, parent)| parent);
                let mut names = [name.as_str(), parent].into_iter();
                names.any(|name| matches!(accepted(world, at, name), Some((_, true))))
            })
    };
    if certified(to) {
        return to;
    }
    let knows = |at: &usize| match world.places[*at].configuration {
        Configured::ExchangeOnline(tenant) => tenant.inbound.iter().any(|connector| {
            let named = connector.tls_sender_certificate_name.as_ref();
            let by_certificate = named.is_some_and(|wanted| shows(&session.certificate, wanted));
            connector.enabled
                && connector.connector_type == ConnectorType::OnPremises
                && ((encrypted && by_certificate)
                    || any_contains(&connector.sender_ip_addresses, session.address))
        }),
        _ => false,
    };
    let others: Vec<usize> = (0..world.places.len())
        .filter(|at| *at != to)
        .filter(knows)
        .collect();
    if let Some(at) = others.iter().find(|at| certified(**at)) {
        return *at;
    }
    for domain in [domain_of(&mail.sender), domain_of(&mail.recipient)] {
        let accepts = |at: usize| accepted(world, at, domain).is_some();
        if accepts(to) {
            return to;
        }
        if let Some(at) = others.iter().find(|at| accepts(**at)) {
            return *at;
        }
    }
    to
}

/// What the tenant says to a connection.
pub(crate) fn answer(
    world: &World<'_>,
    here: usize,
    tenant: &Configuration,
    session: &Session,
    mail: &Mail,
) -> Answer {
    let written_inside = mail.inside;
    let mut mail = mail.clone();
    mail.inside = false;
    mail.from_premises = false;
    mail.by_connector = false;
    mail.known = false;
    let encrypted = session.tls > TlsLevel::None;
    let restricts = |c: &InboundConnector| {
        c.restrict_domains_to_certificate || c.restrict_domains_to_ip_addresses
    };
    let by_certificate = |connector: &InboundConnector| {
        encrypted
            && session.vouched
            && connector
                .tls_sender_certificate_name
                .as_ref()
                .is_some_and(|wanted| shows(&session.certificate, wanted))
    };
    let by_address = |connector: &InboundConnector| {
        any_contains(&connector.sender_ip_addresses, session.address)
    };
    let on_premises = |connector: &&InboundConnector| {
        connector.enabled && connector.connector_type == ConnectorType::OnPremises
    };
    let ours = tenant
        .inbound
        .iter()
        .filter(on_premises)
        .find(|connector| by_certificate(connector))
        .or_else(|| {
            tenant
                .inbound
                .iter()
                .filter(on_premises)
                .find(|connector| by_address(connector))
        });
    let mut level = TlsLevel::None;
    let mut known = ours.is_some() || session.login != Login::None;
    if let Some(connector) = ours {
        mail.from_premises =
            connector.cloud_services_mail_enabled && session.crosses && by_certificate(connector);
        mail.inside =
            (mail.from_premises && written_inside) || connector.treat_messages_as_internal;
        // A connector with a certificate that does not keep the headers removes the mark of the detour.
        mail.by_connector = !mail.from_premises
            && (connector.cloud_services_mail_enabled || !by_certificate(connector));
        mail.known = mail.from_premises || mail.by_connector;
    } else if session.login == Login::None {
        let sender = domain_of(&mail.sender);
        let concerned: Vec<&InboundConnector> = tenant
            .inbound
            .iter()
            .filter(|c| c.enabled && c.connector_type == ConnectorType::Partner)
            .filter(|c| c.sender_domains.iter().any(|p| holds_with_apex(p, sender)))
            // What takes everybody's mail from a few alone waits for the records to lead to these.
            .filter(|c| {
                !(session.early && restricts(c) && c.sender_domains.contains(&Pattern::Any))
            })
            .collect();
        let satisfied = |c: &InboundConnector| {
            (c.restrict_domains_to_certificate && by_certificate(c))
                || (c.restrict_domains_to_ip_addresses && by_address(c))
        };
        let taken = concerned.iter().find(|c| restricts(c) && satisfied(c));
        let shut = concerned.iter().any(|c| restricts(c));
        let open = concerned.iter().find(|c| !restricts(c));
        if let Some(connector) = taken {
            known = true;
            level = demanded_inbound(connector);
        } else {
            if let Some(connector) = open {
                level = demanded_inbound(connector);
            }
            // "You can't have an allow by sender domain connector when there is a restrict by IP or certificate connector.
            // The restrict connector will take precedence" (article on connectors, since pull request 1041 of 2019).
            if shut {
                return None;
            }
        }
    }
    if session.login != Login::None {
        if !encrypted {
            return None;
        }
        mail.inside = true;
        mail.known = true;
        let allowed = match session.login {
            Login::Mailbox => {
                tenant.settings.smtp_auth.unwrap_or(SmtpAuth::Disabled) != SmtpAuth::Disabled
            }
            _ => true,
        };
        if !allowed {
            return None;
        }
    }
    if level > TlsLevel::None && !encrypted {
        return None;
    }
    let domain = domain_of(&mail.recipient).to_owned();
    let sender_is_ours = accepted(world, here, domain_of(&mail.sender)).is_some();
    match accepted(world, here, &domain) {
        None => {
            // The name itself, or what is left of it without its first label, is an accepted domain.
            let certified = encrypted
                && session.vouched
                && session.certificate.iter().any(|name| {
                    let parent = name.split_once('.').map_or("", |(_, parent)| parent);
                    [name.as_str(), parent]
                        .iter()
                        .any(|name| matches!(accepted(world, here, name), Some((_, true))))
                });
            let relays = match session.login {
                Login::Mailbox => true,
                Login::InternalOnly => false,
                Login::None => ours.is_some() && (sender_is_ours || certified),
            };
            if !relays {
                return None;
            }
        }
        Some((kind, _)) => {
            if !known && tenant.settings.reject_direct_send == Some(true) && sender_is_ours {
                return None;
            }
            if kind == AcceptedType::Authoritative && !knows(world, here, &mail) {
                return None;
            }
        }
    }
    Some((mail, level))
}

/// A certificate name of a connector, against the names that a client shows.
fn shows(names: &[String], wanted: &str) -> bool {
    names
        .iter()
        .any(|name| name == wanted || certifies(wanted, name))
}

fn demanded_inbound(connector: &InboundConnector) -> TlsLevel {
    if connector.restrict_domains_to_certificate {
        TlsLevel::Verified
    } else if connector.require_tls {
        TlsLevel::Encrypted
    } else {
        TlsLevel::None
    }
}

/// Whether the directory has the recipient.
fn knows(world: &World<'_>, here: usize, mail: &Mail) -> bool {
    let place = &world.places[here];
    let domain = domain_of(&mail.recipient);
    if is_own_name(world, here, domain) {
        return mail.home == Some(place.id);
    }
    mail.home == Some(place.id) || (mail.home.is_some() && world.knows_everybody(here, domain))
}

/// What the tenant does with a message that it holds.
pub(crate) fn moves(
    world: &World<'_>,
    here: usize,
    tenant: &Configuration,
    mail: &Mail,
    readings: &Readings,
) -> Result<Vec<Move>, Open> {
    let place = &world.places[here];
    let domain = domain_of(&mail.recipient);
    let kind = accepted(world, here, domain);
    let detour = tenant
        .outbound
        .iter()
        .find(|c| c.enabled && c.route_all_messages_via_on_premises && !c.is_transport_rule_scoped);
    if let Some((AcceptedType::Authoritative, _)) = kind
        && !knows(world, here, mail)
    {
        return Ok(vec![Move::End(format!("bounced {}", place.name))]);
    }
    let mut moves = Vec::new();
    for (mail, chosen) in rules::choices(world, here, tenant, mail, kind.is_some()) {
        moves.extend(route(
            world, here, tenant, &mail, chosen, kind, detour, readings,
        )?);
    }
    Ok(moves)
}

#[expect(
    clippy::too_many_arguments,
    reason = "one question, all that it depends on"
)]
fn route(
    world: &World<'_>,
    here: usize,
    tenant: &Configuration,
    mail: &Mail,
    chosen: Option<&OutboundConnector>,
    kind: Option<(AcceptedType, bool)>,
    detour: Option<&OutboundConnector>,
    readings: &Readings,
) -> Result<Vec<Move>, Open> {
    let at_home = mail.home == Some(world.places[here].id);
    let makes_detour = match detour {
        Some(_) if mail.from_premises => false,
        Some(_) if mail.by_connector && readings.ask("R11")? == "attributed" => false,
        // Mail from outside sees our own servers before the mailbox does.
        Some(_) if at_home => mail.by_connector || !mail.known,
        Some(_) if mail.forwarded.is_some() => readings.ask("R6")? == "detour",
        Some(_) => true,
        None => false,
    };
    match (chosen, detour) {
        (Some(chosen), Some(detour)) if makes_detour => {
            let winner = if readings.ask("R10")? == "rule" {
                chosen
            } else {
                detour
            };
            return Ok(through(world, here, winner, mail));
        }
        (Some(chosen), _) => return Ok(through(world, here, chosen, mail)),
        (None, Some(detour)) if makes_detour => return Ok(through(world, here, detour, mail)),
        _ if at_home => return Ok(deliver(world, here, mail)),
        _ => {}
    }
    let domain = domain_of(&mail.recipient);
    let winners = select(
        tenant,
        domain,
        kind,
        detour.map(|c| c.name.as_str()),
        readings,
    )?;
    if winners.is_empty() {
        return Ok(by_mx(
            world,
            here,
            &rewritten(world, here, mail),
            &session_from(world, here, TlsLevel::Opportunistic),
            &[],
        ));
    }
    Ok(winners
        .into_iter()
        .flat_map(|connector| through(world, here, connector, mail))
        .collect())
}

/// How well a connector fits, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Everything,
    Second(usize),
    First(usize),
}

/// The connectors for a domain: one, or several that the documents do not choose between.
fn select<'a>(
    tenant: &'a Configuration,
    domain: &str,
    kind: Option<(AcceptedType, bool)>,
    detour: Option<&str>,
    readings: &Readings,
) -> Result<Vec<&'a OutboundConnector>, Open> {
    let candidates: Vec<&OutboundConnector> = tenant
        .outbound
        .iter()
        .filter(|c| c.enabled && !c.is_transport_rule_scoped)
        // The detour for mail to others has been made, or is none that forwarded mail makes.
        .filter(|c| kind.is_some() || !c.route_all_messages_via_on_premises)
        .collect();
    let exact: Vec<&OutboundConnector> = candidates
        .iter()
        .copied()
        .filter(|c| {
            c.recipient_domains
                .iter()
                .any(|p| matches!(p, Pattern::Exact(name) if name.as_str() == domain))
        })
        .collect();
    if !exact.is_empty() {
        return Ok(exact);
    }
    let mut fits: Vec<(Fit, &OutboundConnector)> = Vec::new();
    let mut wildcards: Vec<(usize, &OutboundConnector)> = Vec::new();
    let mut accepted: Vec<&OutboundConnector> = Vec::new();
    for connector in &candidates {
        for pattern in &connector.recipient_domains {
            match pattern {
                Pattern::Below(base) if is_below(domain, base.as_str()) => {
                    let label = &domain[..domain.len() - base.as_str().len() - 1];
                    if !label.contains('.') || readings.ask("R9")? == "any-depth" {
                        wildcards.push((base.as_str().len(), connector));
                    }
                }
                Pattern::Below(base)
                    if base.as_str() == domain && readings.ask("R2")? == "included" =>
                {
                    wildcards.push((base.as_str().len(), connector));
                }
                Pattern::Any => {
                    if !(connector.all_accepted_domains && detour != Some(&connector.name)) {
                        fits.push((Fit::Everything, connector));
                    } else if readings.ask("R5")? == "everything" {
                        return Ok(vec![connector]);
                    } else {
                        fits.push((Fit::Everything, connector));
                    }
                }
                _ => {}
            }
        }
        if connector.all_accepted_domains {
            let counts = match kind {
                Some((_, true)) => true,
                Some((_, false)) => readings.ask("R8")? == "accepted",
                None => false,
            };
            if counts {
                accepted.push(connector);
            }
        }
    }
    let list = wildcards.is_empty() || accepted.is_empty() || readings.ask("R1")? == "list";
    // Only of wildcards it is said that the longer is the more specific.
    let longest = |wildcards: &[(usize, &OutboundConnector)]| -> Result<bool, Open> {
        let mut lengths: Vec<usize> = wildcards.iter().map(|(length, _)| *length).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Ok(lengths.len() < 2 || readings.ask("R3")? == "longest")
    };
    for connector in accepted {
        fits.push((if list { Fit::First(0) } else { Fit::Second(0) }, connector));
    }
    let wildcards_win = !wildcards.is_empty()
        && fits
            .iter()
            .all(|(fit, _)| matches!(fit, Fit::Everything | Fit::Second(_)));
    if wildcards_win {
        let by_length = longest(&wildcards)?;
        for (length, connector) in wildcards {
            fits.push((Fit::First(if by_length { length } else { 1 }), connector));
        }
    }
    let best = fits.iter().map(|(fit, _)| *fit).max();
    let mut winners: Vec<&OutboundConnector> = Vec::new();
    for (fit, connector) in fits {
        if Some(fit) == best && !winners.iter().any(|known| known.name == connector.name) {
            winners.push(connector);
        }
    }
    Ok(winners)
}

/// What mailboxes forward to others leaves with a sender in the domain of the mailbox (article on SRS).
fn rewritten(world: &World<'_>, here: usize, mail: &Mail) -> Mail {
    let mut mail = mail.clone();
    let leaves = accepted(world, here, domain_of(&mail.recipient)).is_none();
    if let Some(domain) = mail.forwarded.as_ref().filter(|_| leaves)
        && !mail.sender.is_empty()
    {
        mail.sender = format!("srs@{domain}");
    }
    mail
}

/// Hands a message over through a connector.
fn through(
    world: &World<'_>,
    here: usize,
    connector: &OutboundConnector,
    mail: &Mail,
) -> Vec<Move> {
    let tls = match connector.tls_settings {
        None => TlsLevel::Opportunistic,
        Some(TlsSettings::EncryptionOnly) => TlsLevel::Encrypted,
        Some(TlsSettings::CertificateValidation) => TlsLevel::CaVerified,
        Some(TlsSettings::DomainValidation) => TlsLevel::Verified,
    };
    let mut session = session_from(world, here, tls);
    session.crosses = connector.cloud_services_mail_enabled;
    // Toward our own servers the sender stays, unless the connector says otherwise (Set-OutboundConnector).
    let changed;
    let stays = connector.connector_type == ConnectorType::OnPremises
        && connector.sender_rewriting_enabled != Some(true);
    let mail = if stays {
        mail
    } else {
        changed = rewritten(world, here, mail);
        &changed
    };
    let expects: Vec<String> = connector.tls_domain.iter().cloned().collect();
    if connector.smart_hosts.is_empty() {
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
