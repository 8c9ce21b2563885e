//! One message at a time from place to place, until it ends or comes round.

use crate::mail::{Answer, Client, Login, Mail, Move, Session};
use crate::names::{certifies, domain_of};
use crate::readings::{Open, Readings};
use crate::rules::is_meant;
use crate::world::{Mx, World};
use crate::{organization, others, postfix, tenant};
use mailtopo::testing::plan::Configuration;
use mailtopo::testing::topology::Issuer;
use mailtopo::testing::values::TlsLevel;
use std::collections::BTreeSet;

/// How a message ended and which way it took.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outcome {
    pub ends: String,
    pub hops: Vec<(String, String)>,
    pub tls: &'static str,
}

/// A message on its way.
#[derive(Clone)]
pub(crate) struct Walk {
    pub hops: Vec<(String, String)>,
    pub tls: TlsLevel,
    seen: Vec<Arrival>,
}

/// A message as it came to a place, before the place has looked at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub place: usize,
    /// `None`: it was written there, or redirected.
    pub from: Option<Client>,
    pub crosses: bool,
    /// Without TLS, so that nobody has shown a certificate.
    pub plain: bool,
    pub mail: Mail,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self {
            hops: Vec::new(),
            tls: TlsLevel::Verified,
            seen: Vec::new(),
        }
    }

    pub(crate) fn hop(&mut self, from: &str, to: &str, tls: TlsLevel) {
        self.hops.push((from.to_owned(), to.to_owned()));
        self.tls = self.tls.min(tls);
    }

    pub(crate) fn end(&self, ends: impl Into<String>) -> Outcome {
        Outcome {
            ends: ends.into(),
            hops: self.hops.clone(),
            tls: self.tls.as_str(),
        }
    }
}

/// A message arrives at a place.
#[expect(clippy::too_many_arguments, reason = "each is one fact of the hop")]
pub(crate) fn arrive(
    world: &World<'_>,
    readings: &Readings,
    place: usize,
    from: &str,
    session: &Session,
    mail: &Mail,
    walk: &Walk,
    out: &mut BTreeSet<Outcome>,
) -> Result<(), Open> {
    // All tenants have the same hosts: whose session it is, these decide.
    let place = tenant::attributed(world, place, session, mail);
    let mut before = mail.clone();
    before.known = false;
    before.by_connector = false;
    before.guesses.clear();
    let mut walk = walk.clone();
    let name = world.places[place].name;
    match answer(world, place, session, mail) {
        None => {
            walk.hop(from, name, session.tls);
            let word = if mail.taken { "bounced" } else { "rejected" };
            out.insert(walk.end(format!("{word} {name}")));
            Ok(())
        }
        Some((mut mail, level)) => {
            walk.hop(from, name, session.tls.max(level));
            mail.taken = true;
            let arrival = Arrival {
                place,
                from: Some(session.client),
                crosses: session.crosses,
                plain: session.tls == TlsLevel::None,
                mail: before,
            };
            hold(world, readings, arrival, mail, walk, out)
        }
    }
}

fn answer(world: &World<'_>, place: usize, session: &Session, mail: &Mail) -> Answer {
    match world.places[place].configuration {
        Configuration::ExchangeOnline(tenant) => {
            tenant::answer(world, place, tenant, session, mail)
        }
        Configuration::ExchangeServer(organization) => {
            organization::answer(world, place, organization, session, mail)
        }
        Configuration::Postfix(tables) => postfix::answer(tables, session, mail),
        Configuration::Checklist => others::answer(world, place, session, mail),
    }
}

/// A place holds a message and does something with it.
pub(crate) fn hold(
    world: &World<'_>,
    readings: &Readings,
    arrival: Arrival,
    mail: Mail,
    mut walk: Walk,
    out: &mut BTreeSet<Outcome>,
) -> Result<(), Open> {
    let place = arrival.place;
    if let Some(at) = walk.seen.iter().position(|seen| *seen == arrival) {
        let mut names: Vec<&str> = walk.seen[at..]
            .iter()
            .map(|seen| world.places[seen.place].name)
            .collect();
        names.sort_unstable();
        names.dedup();
        out.insert(walk.end(format!("loop {}", names.join(","))));
        return Ok(());
    }
    walk.seen.push(arrival);
    let moves = match world.places[place].configuration {
        Configuration::ExchangeOnline(tenant) => {
            tenant::moves(world, place, tenant, &mail, readings)?
        }
        Configuration::ExchangeServer(organization) => {
            organization::moves(world, place, organization, &mail)
        }
        Configuration::Postfix(tables) => postfix::moves(world, place, tables, &mail),
        Configuration::Checklist => others::moves(world, place, &mail),
    };
    let name = world.places[place].name;
    for next in moves {
        match next {
            Move::End(ends) => {
                out.insert(walk.end(ends));
            }
            Move::Away { to, ends, tls } => {
                let mut walk = walk.clone();
                walk.hop(name, &to, tls);
                out.insert(walk.end(ends));
            }
            Move::Again(mail) => {
                let mut again = Arrival {
                    place,
                    from: None,
                    crosses: false,
                    plain: false,
                    mail: mail.clone(),
                };
                again.mail.guesses.clear();
                hold(world, readings, again, mail, walk.clone(), out)?;
            }
            Move::Go {
                place: to,
                session,
                expects,
                mail,
            } => {
                if can_meet(world, place, to, session.tls, &expects) {
                    arrive(world, readings, to, name, &session, &mail, &walk, out)?;
                } else {
                    let mut walk = walk.clone();
                    walk.hop(name, world.places[to].name, session.tls);
                    out.insert(walk.end(format!("deferred {name}")));
                }
            }
        }
    }
    Ok(())
}

/// Whether a place can give what is demanded of it.
fn can_meet(
    world: &World<'_>,
    from: usize,
    place: usize,
    demanded: TlsLevel,
    expects: &[String],
) -> bool {
    let place = &world.places[place];
    if place.presents.is_none() {
        // Nothing is said about what it shows: only Postfix shows nothing unless it is told to.
        return demanded <= TlsLevel::Opportunistic
            || !matches!(place.configuration, Configuration::Postfix(_));
    }
    // Our own servers can be taught to trust another authority, the service cannot; what signs itself nobody can be taught.
    let own_servers = !world.places[from].is_tenant && !place.is_tenant;
    meets(demanded, place.presents.as_ref(), own_servers, expects)
}

/// Whether a certificate is what is demanded.
fn meets(
    demanded: TlsLevel,
    presents: Option<&(Vec<String>, Issuer)>,
    own_servers: bool,
    expects: &[String],
) -> bool {
    match (demanded, presents) {
        (TlsLevel::None | TlsLevel::Opportunistic | TlsLevel::Encrypted, _) | (_, None) => true,
        (_, Some((_, Issuer::SelfSigned))) => false,
        (_, Some((_, Issuer::Private))) if !own_servers => false,
        (TlsLevel::CaVerified, Some(_)) => true,
        (TlsLevel::Verified, Some((names, _))) => {
            expects.is_empty()
                || names.iter().any(|name| {
                    expects.iter().any(|wanted| {
                        certifies(name, wanted)
                            || certifies(wanted, name)
                            || wanted
                                .strip_prefix('.')
                                .is_some_and(|base| crate::names::is_below(name, base))
                    })
                })
        }
    }
}

/// Hands a message to a partner, where what it presents is what is demanded.
fn to_partner(
    world: &World<'_>,
    here: usize,
    name: &str,
    session: &Session,
    expects: &[String],
) -> Move {
    let partners = &world.topology().partners;
    let partner = partners.iter().find(|partner| partner.name == name);
    let certificate = partner.and_then(|partner| partner.certificate.as_ref());
    let presents = certificate.map(|shown| (crate::world::names(Some(shown)), shown.issuer));
    let met = meets(session.tls, presents.as_ref(), false, expects);
    let here = world.places[here].name;
    Move::Away {
        to: name.to_owned(),
        ends: if met {
            format!("handed-off {name}")
        } else {
            format!("deferred {here}")
        },
        tls: session.tls,
    }
}

/// A connection that a place makes.
pub(crate) fn session_from(world: &World<'_>, here: usize, tls: TlsLevel) -> Session {
    let place = &world.places[here];
    Session {
        client: Client::Place(here),
        address: place.address,
        certificate: place.shows.clone(),
        vouched: place.vouched,
        tls,
        crosses: false,
        login: Login::None,
        early: false,
    }
}

/// Hands a message to one of these hosts.
pub(crate) fn to_hosts(
    world: &World<'_>,
    here: usize,
    hosts: &[String],
    session: &Session,
    expects: &[String],
    mail: &Mail,
) -> Vec<Move> {
    let name = world.places[here].name;
    let mut moves = Vec::new();
    let mut seen: Vec<Option<usize>> = Vec::new();
    for host in hosts {
        let place = world.at_host(host);
        if seen.contains(&place) {
            continue;
        }
        seen.push(place);
        moves.push(match (place, world.partner_at_host(host)) {
            (Some(place), _) if place == here => Move::End(format!("loop {name}")),
            (Some(place), _) => Move::Go {
                place,
                session: session.clone(),
                expects: expects.to_vec(),
                mail: mail.clone(),
            },
            (None, Some(partner)) => to_partner(world, here, partner, session, expects),
            (None, None) => Move::End(format!("left-model {name}")),
        });
    }
    moves
}

/// Looks the recipient's domain up and hands the message to whoever takes it; while the records change, under both.
pub(crate) fn by_mx(
    world: &World<'_>,
    here: usize,
    mail: &Mail,
    session: &Session,
    expects: &[String],
) -> Vec<Move> {
    let answers = world.mx(domain_of(&mail.recipient)).into_iter();
    answers
        .flat_map(|answer| by_answer(world, here, mail, session, expects, answer))
        .collect()
}

fn by_answer(
    world: &World<'_>,
    here: usize,
    mail: &Mail,
    session: &Session,
    expects: &[String],
    answer: Mx,
) -> Vec<Move> {
    let name = world.places[here].name;
    let domain = domain_of(&mail.recipient);
    let hosts = match answer {
        Mx::Nothing if world.partner_of_domain(domain).is_none() => {
            return vec![Move::End(format!("bounced {name}"))];
        }
        Mx::Null => return vec![Move::End(format!("bounced {name}"))],
        Mx::Unsaid => {
            return vec![Move::Away {
                to: "internet".to_owned(),
                ends: format!("left-model {name}"),
                tls: session.tls,
            }];
        }
        Mx::Nothing | Mx::Foreign => {
            return vec![match world.partner_of_domain(domain) {
                Some(partner) => to_partner(world, here, partner, session, expects),
                None => Move::Away {
                    to: "internet".to_owned(),
                    ends: "internet".to_owned(),
                    tls: session.tls,
                },
            }];
        }
        Mx::Hosts(hosts) => hosts,
    };
    // A host of the list that finds itself there looks no further down (RFC 5321, 5.1).
    let own = hosts
        .iter()
        .filter(|(_, host)| world.at_host(host) == Some(here))
        .map(|(preference, _)| *preference)
        .min();
    let better: Vec<String> = hosts
        .iter()
        .filter(|(preference, _)| own.is_none_or(|own| *preference < own))
        .map(|(_, host)| host.clone())
        .collect();
    if better.is_empty() {
        return vec![Move::End(format!("loop {name}"))];
    }
    let moves = to_hosts(world, here, &better, session, expects, mail).into_iter();
    moves
        .map(|next| match next {
            Move::End(ends) if ends.starts_with("left-model ") => Move::Away {
                to: "internet".to_owned(),
                ends,
                tls: session.tls,
            },
            next => next,
        })
        .collect()
}

/// The mailbox is here: forwards of it act.
pub(crate) fn deliver(world: &World<'_>, here: usize, mail: &Mail) -> Vec<Move> {
    let domains = world.topology().domains.iter();
    let forwards = domains.flat_map(|domain| &domain.forwards);
    let mut moves = Vec::new();
    let mut kept = true;
    for forward in forwards {
        if !is_meant(&forward.address.to_string(), mail) {
            continue;
        }
        kept &= forward.keep_copy;
        let forwarder = domain_of(&mail.person).to_owned();
        for (person, home) in world.meant(&forward.target.to_string()) {
            let mut mail = mail.clone();
            mail.recipient = forward.target.to_string();
            mail.person = person;
            mail.home = home;
            if world.places[here].is_tenant {
                mail.forwarded = Some(forwarder.clone());
            }
            mail.known = true;
            moves.push(Move::Again(mail));
        }
    }
    if kept {
        moves.push(Move::End(format!("delivered {}", world.places[here].name)));
    }
    moves
}

/// A store takes a message, where it has the mailbox.
pub(crate) fn deliver_plainly(world: &World<'_>, here: usize, mail: &Mail) -> Vec<Move> {
    let place = &world.places[here];
    let word = if mail.home == Some(place.id) {
        "delivered"
    } else {
        "bounced"
    };
    vec![Move::End(format!("{word} {}", place.name))]
}
