//! Postfix, by its tables.
//!
//! Sources: <https://www.postfix.org/transport.5.html>, <https://www.postfix.org/virtual.5.html>,
//! <https://www.postfix.org/access.5.html>, <https://www.postfix.org/ADDRESS_CLASS_README.html>,
//! <https://www.postfix.org/TLS_README.html>.

use crate::mail::{Answer, Mail, Move, Session};
use crate::names::{any_contains, domain_of, holds, is_below, local_of};
use crate::simulate::{by_mx, deliver_plainly, session_from, to_hosts};
use crate::world::World;
use mailtopo::testing::platforms::postfix::{
    Configuration, Demands, HopId, Key, Right, SenderAccess, TlsPolicyLevel,
};
use mailtopo::testing::routes::Recognition;
use mailtopo::testing::values::{Network, TlsLevel};
use std::collections::BTreeMap;

/// The address, then without its extension.
fn by_address<'a, V>(
    tables: &Configuration,
    table: &'a BTreeMap<Key, V>,
    address: &str,
) -> Option<&'a V> {
    let find = |wanted: &str| {
        table
            .iter()
            .find(|(key, _)| matches!(key, Key::Address(known) if known.to_string() == wanted))
            .map(|(_, value)| value)
    };
    find(address).or_else(|| {
        let delimiter = tables.recipient_delimiter.chars().next()?;
        let (plain, _) = local_of(address).split_once(delimiter)?;
        find(&format!("{plain}@{}", domain_of(address)))
    })
}

fn by_name<'a, V>(table: &'a BTreeMap<Key, V>, name: &str) -> Option<&'a V> {
    table
        .iter()
        .find(|(key, _)| matches!(key, Key::Domain(known) if known.as_str() == name))
        .map(|(_, value)| value)
}

/// The longest parent of which every name below is meant.
fn by_parent<'a, V>(table: &'a BTreeMap<Key, V>, name: &str) -> Option<&'a V> {
    table
        .iter()
        .filter_map(|(key, value)| match key {
            Key::Below(base) if is_below(name, base.as_str()) => Some((base.as_str().len(), value)),
            _ => None,
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, value)| value)
}

fn by_domain<'a, V>(table: &'a BTreeMap<Key, V>, name: &str) -> Option<&'a V> {
    by_name(table, name).or_else(|| by_parent(table, name))
}

fn is_mailbox_domain(tables: &Configuration, name: &str) -> bool {
    tables
        .mailbox_domains
        .keys()
        .any(|known| known.as_str() == name)
}

/// Three tables, in this order: the names themselves, those that are not, and names below.
fn is_relay_domain(tables: &Configuration, name: &str) -> bool {
    by_name(&tables.relay_domains, name).is_some()
        || (by_domain(&tables.not_relayed, name).is_none()
            && by_parent(&tables.relay_domains, name).is_some())
}

fn alias(tables: &Configuration, address: &str) -> Option<Vec<String>> {
    by_address(tables, &tables.aliases, address)
        .or_else(|| by_name(&tables.aliases, domain_of(address)))
        .map(|alias| alias.targets.iter().map(ToString::to_string).collect())
}

/// What the server says to a connection.
pub(crate) fn answer(tables: &Configuration, session: &Session, mail: &Mail) -> Answer {
    let mut mail = mail.clone();
    mail.from_premises = false;
    // Without a certificate of its own it offers no TLS.
    let encrypted = session.tls > TlsLevel::None && tables.certificate.is_some();
    if let Some(admitted) = tables.admitted.as_ref().filter(|_| !session.early) {
        let networks: Vec<Network> = admitted.keys().copied().collect();
        if !any_contains(&networks, session.address) {
            return None;
        }
    }
    let mut level = TlsLevel::None;
    let sender = by_address(tables, &tables.senders, &mail.sender)
        .or_else(|| by_domain(&tables.senders, domain_of(&mail.sender)));
    match sender {
        Some(SenderAccess::Parked(_)) => return None,
        Some(SenderAccess::RequireTls(_) | SenderAccess::Partner(_)) if !encrypted => return None,
        Some(SenderAccess::Partner(at)) => {
            let servers = tables.partners.get(*at)?;
            if !any_contains(&servers.networks, session.address) {
                return None;
            }
            level = TlsLevel::Encrypted;
        }
        Some(SenderAccess::RequireTls(_)) => level = TlsLevel::Encrypted,
        Some(SenderAccess::Open(_)) | None => {}
    }
    let domain = domain_of(&mail.recipient);
    if by_name(&tables.refused_recipients, domain).is_some() {
        return None;
    }
    let is_ours = is_mailbox_domain(tables, domain) || is_relay_domain(tables, domain);
    match right(tables, session, &mail) {
        Some(true) => {}
        None if is_ours => {}
        Some(false) | None => return None,
    }
    if is_ours && !is_put_off(tables, &mail.recipient) && !is_listed(tables, &mail.recipient) {
        return None;
    }
    Some((mail, level))
}

/// What the table of clients says, read from the top, the narrowest network first: the client may, or it may not, or it
/// is anybody.
fn right(tables: &Configuration, session: &Session, mail: &Mail) -> Option<bool> {
    let address = session.address?;
    let (_, client) = tables
        .clients
        .iter()
        .filter(|(network, _)| network.contains_address(address))
        .max_by_key(|(network, _)| network.prefix_len())?;
    let Right::Limited(at) = client.right else {
        return Some(true);
    };
    let limit = tables.limits.get(at)?;
    let allows = |list: &[mailtopo::testing::values::Pattern], address: &str| {
        list.is_empty() || list.iter().any(|p| holds(p, domain_of(address)))
    };
    if allows(&limit.senders, &mail.sender) && allows(&limit.recipients, &mail.recipient) {
        return Some(true);
    }
    (!limit.else_stranger).then_some(false)
}

/// Whether somebody who may write to everybody is let in with this recipient.
pub(crate) fn takes(tables: &Configuration, address: &str) -> bool {
    let domain = domain_of(address);
    let is_ours = is_mailbox_domain(tables, domain) || is_relay_domain(tables, domain);
    !is_ours || is_put_off(tables, address) || is_listed(tables, address)
}

/// Whether the next hop is not known yet, so that nobody is told anything about recipients.
fn is_put_off(tables: &Configuration, address: &str) -> bool {
    let entry = by_address(tables, &tables.transport, address)
        .or_else(|| by_domain(&tables.transport, domain_of(address)));
    // Mail for mailboxes is handed to their own service, whatever the default is.
    let default = tables
        .default
        .filter(|_| !is_mailbox_domain(tables, domain_of(address)));
    entry.copied().or(default).is_some_and(|entry| {
        let hop = tables.hops.get(entry.hop.index());
        hop.is_some_and(|hop| hop.service == "retry")
    })
}

/// `reject_unlisted_recipient`.
fn is_listed(tables: &Configuration, address: &str) -> bool {
    let domain = domain_of(address);
    let table = if is_mailbox_domain(tables, domain) {
        &tables.mailboxes
    } else {
        &tables.relay_recipients
    };
    alias(tables, address).is_some()
        || by_address(tables, table, address).is_some()
        || by_name(table, domain).is_some()
        // The pattern for unnamed subdomains passes over those that have a name.
        || (by_name(&tables.relay_domains, domain).is_none() && by_parent(table, domain).is_some())
}

/// The cleanup service asks postsrsd about every sender, and that leaves those alone that are ours: it puts an address of its
/// own domain in the place of the others, which is by default the domain that the host is in.
fn rewritten(world: &World<'_>, here: usize, mail: &Mail) -> Mail {
    let mut mail = mail.clone();
    let location = world.topology().location(world.places[here].id);
    let sender = domain_of(&mail.sender).to_owned();
    let mut ours = world.topology().domains.iter();
    let is_ours = ours.any(|it| it.name.as_str() == sender || is_below(&sender, it.name.as_str()));
    let rewrites = location.rewrites_sender.is_some_and(|at| at.value);
    if !rewrites || sender.is_empty() || is_ours {
        return mail;
    }
    let written = location.bounce_domain.as_ref();
    let domain = written.map(|at| at.value.to_string()).or_else(|| {
        let mut hosts = location.hosts.iter();
        let host = hosts.find_map(|at| at.value.name().map(ToString::to_string))?;
        let host = location
            .helo
            .as_ref()
            .map_or(host, |at| at.value.to_string());
        host.split_once('.').map(|(_, above)| above.to_owned())
    });
    mail.sender = format!(
        "bounce@{}",
        domain.as_deref().unwrap_or("elsewhere.example")
    );
    mail
}

/// What the server does with a message that it holds.
pub(crate) fn moves(
    world: &World<'_>,
    here: usize,
    tables: &Configuration,
    mail: &Mail,
) -> Vec<Move> {
    let place = &world.places[here];
    let mut moves = Vec::new();
    let mail = &rewritten(world, here, mail);
    let Some(expanded) = expand(world, tables, mail, 0) else {
        return vec![Move::End(format!("loop {}", place.name))];
    };
    for mail in expanded {
        let domain = domain_of(&mail.recipient).to_owned();
        let entry = by_address(tables, &tables.transport, &mail.recipient)
            .or_else(|| by_domain(&tables.transport, &domain));
        let hop = match entry {
            Some(entry) => Some(entry.hop),
            None if is_mailbox_domain(tables, &domain) => {
                if !is_listed(tables, &mail.recipient) {
                    moves.push(Move::End(format!("bounced {}", place.name)));
                    continue;
                }
                if let Some(hop) = tables.mailbox_hop {
                    Some(hop)
                } else {
                    moves.push(Move::End(format!("deferred {}", place.name)));
                    continue;
                }
            }
            None => {
                let of_sender = by_address(tables, &tables.sender_relay, &mail.sender)
                    .or_else(|| by_name(&tables.sender_relay, domain_of(&mail.sender)));
                of_sender
                    .copied()
                    .flatten()
                    .or(tables.default)
                    .map(|entry| entry.hop)
            }
        };
        moves.extend(onward(world, here, tables, &mail, hop));
    }
    moves
}

/// `virtual_alias_maps`, again and again until nothing changes; `None` where that never ends.
fn expand(
    world: &World<'_>,
    tables: &Configuration,
    mail: &Mail,
    depth: usize,
) -> Option<Vec<Mail>> {
    if depth > 20 {
        return None;
    }
    let Some(targets) = alias(tables, &mail.recipient) else {
        return Some(vec![mail.clone()]);
    };
    let mut all = Vec::new();
    for target in targets {
        if target == mail.recipient {
            all.push(mail.clone());
            continue;
        }
        for (person, home) in world.meant(&target) {
            let mut mail = mail.clone();
            // The address of a mailbox in its tenant's own name means the same person.
            if !(world.is_tenant_name(domain_of(&target)) && home == mail.home) {
                mail.person = person;
            }
            mail.recipient.clone_from(&target);
            mail.home = home;
            all.extend(expand(world, tables, &mail, depth + 1)?);
        }
    }
    Some(all)
}

fn onward(
    world: &World<'_>,
    here: usize,
    tables: &Configuration,
    mail: &Mail,
    hop: Option<HopId>,
) -> Vec<Move> {
    let place = &world.places[here];
    let id = hop;
    let Some(hop) = id.and_then(|hop| tables.hops.get(hop.index())) else {
        let (level, names) = policy(&tables.smtp, &[domain_of(&mail.recipient)]);
        let session = session_by(world, here, tables, None, level);
        return by_mx(world, here, mail, &session, &names);
    };
    // Two clients, each with parameters of its own (<https://www.postfix.org/lmtp.8.html>).
    let demands = match hop.service.as_str() {
        "lmtp" => &tables.lmtp,
        _ => &tables.smtp,
    };
    match hop.service.as_str() {
        "error" => return vec![Move::End(format!("bounced {}", place.name))],
        // Until a fact is known; what happens afterwards is what counts.
        "retry" => {
            let to = hop.route.and_then(|id| world.plan.route(id).to.location());
            let tls = hop
                .route
                .map_or(TlsLevel::None, |id| world.plan.route(id).tls);
            return to.map_or_else(Vec::new, |to| {
                vec![Move::Go {
                    place: to.index(),
                    session: session_by(world, here, tables, id, tls),
                    expects: Vec::new(),
                    mail: mail.clone(),
                }]
            });
        }
        "discard" => return vec![Move::End(format!("discarded {}", place.name))],
        _ if hop.route.is_none() => return deliver_plainly(world, here, mail),
        _ => {}
    }
    if hop.next_hop.is_empty() {
        let (level, names) = policy(demands, &[domain_of(&mail.recipient)]);
        let session = session_by(world, here, tables, id, level);
        return by_mx(world, here, mail, &session, &names);
    }
    let mut moves = Vec::new();
    for text in hop.next_hop.split(", ") {
        let (level, names) = policy(demands, &[text]);
        let host = text
            .trim_start_matches('[')
            .split(']')
            .next()
            .unwrap_or_default()
            .trim_start_matches("ipv6:")
            .to_owned();
        let session = session_by(world, here, tables, id, level);
        moves.extend(to_hosts(world, here, &[host], &session, &names, mail));
    }
    moves
}

/// A connection of one of its clients, which shows the certificate that its line of master.cf names, else that of main.cf.
fn session_by(
    world: &World<'_>,
    here: usize,
    tables: &Configuration,
    hop: Option<HopId>,
    tls: TlsLevel,
) -> Session {
    let mut session = session_from(world, here, tls);
    let hop = hop.and_then(|hop| tables.hops.get(hop.index()));
    let of_all = || tables.client_certificate.clone();
    let named = hop.map_or_else(of_all, |hop| match hop.service.as_str() {
        "lmtp" => tables.lmtp_certificate.clone(),
        "retry" => match &world.plan.route(hop.route?).accepted_by {
            Recognition::Certificate(name) => Some(name.clone()),
            _ => None,
        },
        service => {
            let own = tables.own_clients.get(service);
            own.and_then(|own| own.certificate.clone()).or_else(of_all)
        }
    });
    session.certificate.retain(|_| named.is_some());
    session
}

/// The policy for a next hop: its very text; for a bare name its parents too.
fn policy(demands: &Demands, texts: &[&str]) -> (TlsLevel, Vec<String>) {
    for text in texts {
        let mut keys = vec![(*text).to_owned()];
        if !text.starts_with('[') {
            let mut rest = *text;
            while let Some((_, parent)) = rest.split_once('.') {
                keys.push(format!(".{parent}"));
                rest = parent;
            }
        }
        for key in keys {
            if let Some(found) = demands.policies.get(&key) {
                return (level(found.level), found.names.clone());
            }
        }
    }
    (level(demands.default), Vec::new())
}

fn level(level: TlsPolicyLevel) -> TlsLevel {
    match level {
        TlsPolicyLevel::None => TlsLevel::None,
        TlsPolicyLevel::May => TlsLevel::Opportunistic,
        TlsPolicyLevel::Encrypt => TlsLevel::Encrypted,
        TlsPolicyLevel::Secure => TlsLevel::Verified,
    }
}
