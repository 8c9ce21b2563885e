//! Where a message begins: at one of our places, at a device, with a partner, or anywhere on the Internet.

use crate::mail::{Client, Login, Mail, Session};
use crate::names::domain_of;
use crate::postfix;
use crate::readings::{Open, Readings};
use crate::simulate::{Arrival, Outcome, Walk, arrive, hold};
use crate::world::{Mx, World, names, vouched};
use mailtopo::testing::plan::Configuration;
use mailtopo::testing::topology::{Holds, LocationKind, Method, Party, Sender, SendsAs};
use mailtopo::testing::values::{Network, Pattern, TlsLevel};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Every way of a message, under one assignment of the readings.
pub(crate) fn outcomes(
    world: &World<'_>,
    readings: &Readings,
    from: &Sender,
    to: &str,
) -> Result<BTreeSet<Outcome>, Open> {
    let mut out = BTreeSet::new();
    for (person, home) in world.meant(to) {
        let mail = Mail {
            sender: String::new(),
            recipient: to.to_owned(),
            person,
            home,
            inside: false,
            known: false,
            by_connector: false,
            from_premises: false,
            forwarded: None,
            guesses: Vec::new(),
            stamps: Vec::new(),
            taken: false,
        };
        begin(world, readings, from, mail, &mut out)?;
    }
    Ok(out)
}

fn begin(
    world: &World<'_>,
    readings: &Readings,
    from: &Sender,
    mut mail: Mail,
    out: &mut BTreeSet<Outcome>,
) -> Result<(), Open> {
    let topology = world.topology();
    match from {
        Sender::Party(Party::Location(id)) => {
            for sender in addresses_at(world, id.index()) {
                mail.sender = sender;
                inside(world, readings, id.index(), mail.clone(), out)?;
            }
            Ok(())
        }
        Sender::Address(address) => {
            let meant = world.meant(&address.to_string());
            mail.sender = address.to_string();
            let mut known = false;
            for home in meant.into_iter().filter_map(|(_, home)| home) {
                known = true;
                inside(world, readings, home.index(), mail.clone(), out)?;
            }
            if known {
                return Ok(());
            }
            stranger(world, readings, &mail, "internet", &outsider(), &[], out)
        }
        Sender::Party(Party::Device(id)) => {
            let device = topology.device(*id);
            let named = device.sends_as.iter().map(|at| match &at.value {
                SendsAs::Address(address) => address.to_string(),
                SendsAs::Pattern(Pattern::Exact(name)) => format!("device@{name}"),
                SendsAs::Pattern(_) => String::new(),
            });
            let mut senders: Vec<String> = named.collect();
            if senders.is_empty() {
                // Nobody says who it writes as: it does as people at its place do.
                senders = addresses_at(world, device.via.value.index());
            }
            let via = &world.places[device.via.value.index()];
            let address = if via.is_tenant && !device.nat.is_empty() {
                device.nat.first().map(|at| at.value)
            } else {
                device.addresses.first().map(|at| at.value.first())
            };
            let login = match device.method.value {
                Method::ClientSubmission => Login::Mailbox,
                Method::HighVolume => Login::InternalOnly,
                Method::Relay | Method::DirectSend => Login::None,
            };
            let no_tls = device
                .max_tls
                .as_ref()
                .is_some_and(|tls| tls.value == "none");
            let session = Session {
                client: Client::Device,
                address,
                certificate: names(device.certificate.as_ref()),
                vouched: vouched(device.certificate.as_ref()),
                tls: match (no_tls, login) {
                    (true, _) => TlsLevel::None,
                    (_, Login::None) => TlsLevel::Opportunistic,
                    _ => TlsLevel::Encrypted,
                },
                crosses: false,
                login,
                early: false,
            };
            for sender in senders {
                mail.sender = sender;
                arrive(
                    world,
                    readings,
                    device.via.value.index(),
                    &device.name,
                    &session,
                    &mail,
                    &Walk::new(),
                    out,
                )?;
            }
            Ok(())
        }
        Sender::Party(Party::Partner(id)) => {
            let partner = topology.partner(*id);
            mail.sender = match partner.domains.first().map(|at| &at.value) {
                Some(Pattern::Exact(name)) => format!("them@{name}"),
                Some(Pattern::Below(name)) => format!("them@any.{name}"),
                _ => String::new(),
            };
            let session = Session {
                client: Client::Partner,
                address: partner.addresses.first().map(|at| at.value.first()),
                certificate: names(partner.client_certificate()),
                vouched: vouched(partner.client_certificate()),
                tls: TlsLevel::Opportunistic,
                crosses: false,
                login: Login::None,
                early: false,
            };
            // By the agreed way: a route that is written for it, else `via`, else the MX.
            let written = world.plan.routes.iter().filter(|route| {
                route.is_written() && route.enabled && route.from == Party::Partner(*id)
            });
            let mut via: Vec<usize> = written
                .filter_map(|route| Some(route.to.location()?.index()))
                .collect();
            if via.is_empty() {
                via.extend(partner.via.iter().map(|at| at.value.index()));
            }
            stranger(world, readings, &mail, &partner.name, &session, &via, out)
        }
        // The pairs of this oracle have none.
        Sender::As(..) => Err(Open("nobody here writes with the sender of others")),
        Sender::Party(_) => {
            mail.sender = String::from("stranger@elsewhere.example");
            stranger(world, readings, &mail, "internet", &outsider(), &[], out)
        }
    }
}

fn outsider() -> Session {
    Session {
        client: Client::Stranger,
        address: Network::parse("100.64.99.99")
            .ok()
            .map(|network| network.first()),
        certificate: Vec::new(),
        vouched: false,
        tls: TlsLevel::Opportunistic,
        crosses: false,
        login: Login::None,
        early: false,
    }
}

/// Somebody with a mailbox at a place writes.
fn inside(
    world: &World<'_>,
    readings: &Readings,
    place: usize,
    mut mail: Mail,
    out: &mut BTreeSet<Outcome>,
) -> Result<(), Open> {
    mail.inside = true;
    mail.known = true;
    mail.taken = true;
    if let Configuration::Postfix(tables) = world.places[place].configuration
        && !postfix::takes(tables, &mail.recipient)
    {
        out.insert(Walk::new().end(format!("bounced {}", world.places[place].name)));
        return Ok(());
    }
    let start = Arrival {
        place,
        from: None,
        crosses: false,
        plain: false,
        mail: mail.clone(),
    };
    hold(world, readings, start, mail, Walk::new(), out)
}

/// Somebody outside writes: by the agreed way, by MX, past a gateway, or to whoever listens.
fn stranger(
    world: &World<'_>,
    readings: &Readings,
    mail: &Mail,
    from: &str,
    session: &Session,
    via: &[usize],
    out: &mut BTreeSet<Outcome>,
) -> Result<(), Open> {
    let domain = domain_of(&mail.recipient);
    let mut places: Vec<usize> = via.to_vec();
    let mut past: Vec<usize> = Vec::new();
    let mut today: Vec<usize> = Vec::new();
    if via.is_empty() {
        let answers = world.mx(domain);
        let by_records = answers.iter().any(|answer| matches!(answer, Mx::Hosts(_)));
        for (at, answer) in answers.into_iter().enumerate() {
            match answer {
                Mx::Null => {
                    out.insert(Walk::new().end("rejected internet"));
                }
                Mx::Unsaid => {
                    out.insert(Walk::new().end("left-model internet"));
                }
                Mx::Hosts(hosts) => {
                    for (_, host) in &hosts {
                        match world.at_host(host) {
                            Some(place) if at > 0 => today.push(place),
                            Some(place) => places.push(place),
                            None => {
                                out.insert(Walk::new().end("left-model internet"));
                            }
                        }
                    }
                }
                Mx::Nothing | Mx::Foreign => {
                    places = doors(world);
                    if mail.home.is_some() {
                        places.retain(|&place| world.accepts(place, domain));
                        if places.is_empty() {
                            out.insert(Walk::new().end("rejected internet"));
                        }
                    }
                }
            }
        }
        today.retain(|place| !places.contains(place));
        let all: Vec<usize> = places.iter().chain(&today).copied().collect();
        if by_records && all.iter().any(|&place| is_filter(world, place)) {
            past = past_the_filter(world, domain, &all);
        }
    }
    places.sort_unstable();
    places.dedup();
    for place in past {
        let mut ways = BTreeSet::new();
        arrive(
            world,
            readings,
            place,
            from,
            session,
            mail,
            &Walk::new(),
            &mut ways,
        )?;
        // A way past a filter that is refused is none.
        out.extend(
            ways.into_iter()
                .filter(|way| !way.ends.starts_with("rejected ")),
        );
    }
    today.sort_unstable();
    today.dedup();
    let early = Session {
        early: true,
        ..session.clone()
    };
    let entries = places.into_iter().map(|place| (place, session));
    for (place, session) in entries.chain(today.into_iter().map(|place| (place, &early))) {
        arrive(
            world,
            readings,
            place,
            from,
            session,
            mail,
            &Walk::new(),
            out,
        )?;
    }
    Ok(())
}

/// Where a stranger can knock: what the Internet finds. A filter that is the MX of nothing listens to its customers only.
fn doors(world: &World<'_>) -> Vec<usize> {
    let domains = world.topology().domains.iter();
    let exchangers: Vec<usize> = domains
        .flat_map(|domain| domain.mx.iter().map(|at| at.value.index()))
        .collect();
    (0..world.places.len())
        .filter(|&place| !is_filter(world, place) || exchangers.contains(&place))
        .filter(|&place| is_found(world, place))
        .collect()
}

fn is_filter(world: &World<'_>, place: usize) -> bool {
    let location = world.topology().location(world.places[place].id);
    location.product().word == "gateway"
}

/// Everybody knows a tenant's MX hosts, and finds a server that has a name or a public address.
fn is_found(world: &World<'_>, place: usize) -> bool {
    let location = world.topology().location(world.places[place].id);
    world.places[place].is_tenant
        || location
            .hosts
            .iter()
            .any(|host| match host.value.target.ip() {
                Some(IpAddr::V4(address)) => !address.is_private() && !address.is_loopback(),
                Some(IpAddr::V6(address)) => !address.is_unique_local() && !address.is_loopback(),
                None => true,
            })
}

/// Products that take mail for the domain, whoever brings it, and that can be locked.
fn past_the_filter(world: &World<'_>, domain: &str, mx: &[usize]) -> Vec<usize> {
    let is_ours = |place: usize| {
        let location = world.topology().location(world.places[place].id);
        !matches!(location.kind, LocationKind::Other(..))
    };
    (0..world.places.len())
        .filter(|&place| is_ours(place) && is_found(world, place))
        .filter(|place| !mx.contains(place) && world.accepts(*place, domain))
        .collect()
}

/// Addresses that people at a place write from: one of every domain with mailboxes there.
pub(crate) fn addresses_at(world: &World<'_>, place: usize) -> Vec<String> {
    let id = world.places[place].id;
    let mut all = Vec::new();
    for domain in &world.topology().domains {
        let here = domain.holders.iter().filter(|it| it.location == id);
        all.extend(here.filter_map(|holder| match &holder.holds {
            Holds::Listed(list) => Some(list.first()?.address.to_string()),
            _ => Some(format!("somebody@{}", domain.name)),
        }));
    }
    if all.is_empty() {
        let accepted = world.plan.place(id).accepted.first();
        all.push(accepted.map_or_else(String::new, |it| format!("somebody@{}", it.domain)));
    }
    all
}
