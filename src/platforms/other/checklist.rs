//! `CHECKLIST.md`: what the administrators of a gateway or of a foreign mail server have to set.
//!
//! Nothing of such a place is configured by us; what it must do follows from the routes that begin or end there. This
//! module must not know how those routes were found.

use crate::emit::Unwritable;
use crate::output::OutputTree;
use crate::plan::{Configuration, Plan};
use crate::routes::inherent::{Inherent, takes_all};
use crate::routes::{AcceptedDomains, NextHop, Recognition, Route};
use crate::topology::{AcceptedType, Holds, Location, LocationId, Party};
use crate::values::{Host, Pattern, TlsLevel};
use crate::writer::{Refused, markdown};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Adds the checklist of a place that somebody else configures.
pub(crate) fn emit(plan: &Plan, id: LocationId, tree: &mut OutputTree) -> Result<(), Unwritable> {
    let location = plan.topology.location(id);
    let path = format!("{}/CHECKLIST.md", location.name);
    let text = checklist(plan, id).map_err(Unwritable::at(location.span))?;
    tree.insert(&path, text)
        .map_err(Unwritable::at(location.span))
}

/// The checklist of one place.
pub(crate) fn checklist(plan: &Plan, id: LocationId) -> Result<String, Refused> {
    let location = plan.topology.location(id);
    let here = Party::Location(id);
    let mut page = Page {
        plan,
        text: String::new(),
    };
    page.heading(location)?;
    page.accepted(id)?;
    page.mailboxes(id)?;
    let onward: Vec<_> = active(plan).filter(|route| route.from == here).collect();
    let inward: Vec<_> = active(plan).filter(|route| route.to == here).collect();
    // What it does by itself, no route of the plan says.
    let accepted = &plan.place(id).accepted;
    let relays = inward
        .iter()
        .any(|route| !relayed(accepted, route).is_empty());
    let by_itself = match Inherent::of(location) {
        _ if onward.iter().any(|route| takes_all(route)) => None,
        Inherent::FollowsMxForOurs if !relays => None,
        Inherent::FollowsMxForOurs => Some("everything else that our locations hand over"),
        Inherent::FollowsMx if relays => {
            Some("everything else of its own users, and what our locations hand over")
        }
        Inherent::FollowsMx => Some("everything else of its own users"),
        Inherent::Queues => None,
    };
    page.hands_on(id, &onward, by_itself)?;
    page.takes(id, &inward)?;
    let leaves = by_itself.is_some() || onward.iter().any(|route| route.to == Party::Internet);
    page.settings(id, &inward, &onward, leaves)?;
    Ok(page.text)
}

/// The names that the receiving end passes on to whoever holds them when they come this way.
fn relayed<'a>(accepted: &AcceptedDomains, route: &'a Route) -> Vec<&'a Pattern> {
    let patterns = route.recipients.iter().map(|at| &at.pattern);
    let known = route.accepted_by != Recognition::Nothing;
    patterns
        .filter(|pattern| known && !accepted.cover(pattern))
        .collect()
}

fn active(plan: &Plan) -> impl Iterator<Item = &Route> {
    plan.routes.iter().filter(|route| route.enabled)
}

struct Page<'a> {
    plan: &'a Plan,
    text: String,
}

impl Page<'_> {
    fn heading(&mut self, location: &Location) -> Result<(), Refused> {
        let _ = writeln!(
            self.text,
            "# {}\n\nWhat the administrators of this place have to set so that mail takes the ways of the plan. mailtopo does not configure it.",
            markdown::text(&location.name)?
        );
        Ok(())
    }

    fn accepted(&mut self, id: LocationId) -> Result<(), Refused> {
        let accepted = &self.plan.place(id).accepted;
        if accepted.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::new();
        for domain in accepted {
            let unknown = match domain.kind {
                AcceptedType::Authoritative => "rejected",
                AcceptedType::InternalRelay | AcceptedType::ExternalRelay => "relayed",
            };
            let below = if domain.subdomains { "yes" } else { "no" };
            rows.push(vec![
                markdown::code(domain.domain.as_str())?,
                below.to_owned(),
                unknown.to_owned(),
            ]);
        }
        self.section(
            "Accept mail for these domains, and for no others from external senders",
            &[
                "Domain",
                "Names below it too",
                "Recipients that are not known here",
            ],
            &rows,
        );
        Ok(())
    }

    fn mailboxes(&mut self, id: LocationId) -> Result<(), Refused> {
        let mut rows = Vec::new();
        for domain in &self.plan.topology.domains {
            let Some(holder) = domain.holders.iter().find(|holder| holder.location == id) else {
                continue;
            };
            let which = match &holder.holds {
                Holds::Count(count) => format!("{count}"),
                Holds::Listed(list) => format!("{}, as the spec lists them", list.len()),
                Holds::Rest if domain.is_split() => "all that are not listed elsewhere".to_owned(),
                Holds::Rest => "all".to_owned(),
            };
            let here = Party::Location(id);
            let mut elsewhere = Vec::new();
            for other in domain.holders.iter().filter(|other| other.location != id) {
                let there = Party::Location(other.location);
                let leads = |route: &Route| {
                    let mut patterns = route.recipients.iter().map(|at| &at.pattern);
                    route.from == here
                        && route.to == there
                        && patterns.any(|pattern| pattern.matches(&domain.name))
                };
                if active(self.plan).any(leads) {
                    elsewhere.push(self.party(there)?);
                }
            }
            let unlisted = match &domain.catch_all {
                Some(at) => markdown::code(&at.value.to_string())?,
                None => "refused".to_owned(),
            };
            let unlisted = match elsewhere.as_slice() {
                [] => unlisted,
                places => format!(
                    "to {} for those it holds, else {unlisted}",
                    places.join(", ")
                ),
            };
            rows.push(vec![markdown::code(domain.name.as_str())?, which, unlisted]);
        }
        if !rows.is_empty() {
            self.section(
                "Hold these mailboxes",
                &["Domain", "Mailboxes", "Mail for unlisted addresses"],
                &rows,
            );
        }
        Ok(())
    }

    fn hands_on(
        &mut self,
        id: LocationId,
        routes: &[&Route],
        by_itself: Option<&str>,
    ) -> Result<(), Refused> {
        let mut rows = Vec::new();
        for route in routes {
            rows.push(vec![
                domains(route)?,
                self.party(route.to)?,
                next_hop(route)?,
                tls_out(self.plan, route)?,
            ]);
        }
        if let Some(mail) = by_itself {
            let cells = [
                mail,
                "the Internet",
                "the MX of the recipient's domain",
                tls_in(TlsLevel::Opportunistic),
            ];
            rows.push(cells.map(str::to_owned).to_vec());
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.section(
            "Hand mail on",
            &["Mail for", "To", "Next hop", "TLS that must be had"],
            &rows,
        );
        let mut patterns: Vec<&Pattern> = Vec::new();
        for route in routes {
            patterns.extend(route.recipients.iter().map(|at| &at.pattern));
        }
        patterns.sort();
        if patterns.windows(2).any(|pair| pair.first() == pair.last()) {
            self.text.push_str("\nWhere two rows name the same domain, send each message toward the location that holds the mailbox of its recipient.\n");
        }
        let is_relay = routes.iter().any(|route| route.covers_everything());
        self.text.push_str(if is_relay && !self.plan.topology.is_exchanger(id) {
            "\nThis server relays everything that it accepts. Accept mail only from the hosts listed below; otherwise external senders could relay through it.\n"
        } else if is_relay {
            "\nMX records name this server, so everybody may send to the domains above. Take mail for other domains only from the hosts listed below that may relay; otherwise external senders could relay through it.\n"
        } else {
            "\nDo not relay mail for any other domain: reject it when it comes from an external sender.\n"
        });
        Ok(())
    }

    fn takes(&mut self, id: LocationId, routes: &[&Route]) -> Result<(), Refused> {
        let mut rows = Vec::new();
        let accepted = &self.plan.place(id).accepted;
        for route in routes {
            let known = match &route.accepted_by {
                Recognition::Certificate(name) => {
                    let tenant = route.from.location();
                    let tenant = tenant.and_then(|id| self.plan.topology.location(id).tenant());
                    let certificate = format!("certificate {}", markdown::code(name)?);
                    match tenant {
                        // Other customers of the provider show it, too.
                        Some(tenant) => format!(
                            "{certificate}, which every tenant shows, and the id of tenant {} in the header {}",
                            markdown::code(&tenant.tenant.value)?,
                            markdown::code("X-MS-Exchange-CrossTenant-Id")?
                        ),
                        None => certificate,
                    }
                }
                Recognition::Addresses(networks) => {
                    let networks: Vec<_> = networks
                        .iter()
                        .map(|network| markdown::code(&network.to_string()))
                        .collect::<Result<_, _>>()?;
                    networks.join(", ")
                }
                Recognition::Nothing => "like an external sender".to_owned(),
            };
            let passed_on = relayed(accepted, route);
            let mut right = match passed_on.as_slice() {
                [] => "the domains accepted here".to_owned(),
                _ if route.covers_everything() => "every recipient: it may relay".to_owned(),
                some => {
                    let some: Vec<_> = some
                        .iter()
                        .map(|pattern| markdown::code(&pattern.to_string()))
                        .collect::<Result<_, _>>()?;
                    format!(
                        "the domains accepted here, and {}: it may relay",
                        some.join(", ")
                    )
                }
            };
            if !route.senders.is_empty() {
                let senders = route
                    .senders
                    .iter()
                    .map(|pattern| markdown::code(&pattern.to_string()));
                let senders: Vec<_> = senders.collect::<Result<_, _>>()?;
                right = format!("{right}, from senders of {} alone", senders.join(", "));
            }
            rows.push(vec![
                self.party(route.from)?,
                known,
                right,
                tls_in(route.tls).to_owned(),
            ]);
        }
        if !rows.is_empty() {
            self.section(
                "Take mail from us",
                &["From", "Known by", "For", "TLS"],
                &rows,
            );
        }
        Ok(())
    }

    fn settings(
        &mut self,
        id: LocationId,
        inward: &[&Route],
        onward: &[&Route],
        leaves: bool,
    ) -> Result<(), Refused> {
        let location = self.plan.topology.location(id);
        let mut items = Vec::new();
        let mut hosts: Vec<_> = location.hosts.iter().map(|at| &at.value).collect();
        // Where our own places connect to, which the world need not know.
        for route in inward {
            if let NextHop::SmartHosts(used) = &route.next_hop {
                for host in used {
                    let same =
                        |known: &&Host| known.target == host.target && known.port == host.port;
                    if !hosts.iter().any(same) {
                        hosts.push(host);
                    }
                }
            }
        }
        if !hosts.is_empty() {
            items.push(format!("Take mail at {}.", hosts_text(hosts)?));
        }
        if let Some(certificate) = &location.certificate {
            let names: Vec<_> = certificate
                .names
                .iter()
                .map(|at| markdown::code(&at.value))
                .collect::<Result<_, _>>()?;
            items.push(format!(
                "Offer STARTTLS with a certificate for {}.",
                names.join(", ")
            ));
        }
        // Who shows nothing, or something else, is a stranger there, and refused where strangers are locked out.
        for (to, name) in self.shown(id) {
            items.push(format!(
                "Present a certificate for {} when you send to {}, which knows you by it.",
                markdown::code(name)?,
                self.party(to)?
            ));
        }
        items.dedup();
        if !location.egress.is_empty() {
            let known = onward
                .iter()
                .any(|route| matches!(route.accepted_by, Recognition::Addresses(_)));
            let reason = match (known, leaves) {
                (true, true) => ": our locations and SPF records identify it by these",
                (true, false) => ": our locations identify it by these",
                (false, true) => ": SPF records of our domains name these",
                (false, false) => "",
            };
            let networks: Vec<_> = location
                .egress
                .iter()
                .map(|at| markdown::code(&at.value.to_string()))
                .collect::<Result<_, _>>()?;
            items.push(format!("Send from {} only{reason}.", networks.join(", ")));
        }
        items.extend(self.relay_pools(inward)?);
        if let Some(name) = &location.routing_domain {
            items.push(format!(
                "Deliver mail for LOCAL@{} to the mailbox with the same local part: other locations reach the mailboxes here under this name.",
                markdown::text(name.value.as_str())?
            ));
        }
        if let Some(auth) = &location.auth {
            items.push(format!(
                "Let our locations log in with the credential {}.",
                markdown::code(&auth.value)?
            ));
        }
        if let Some(size) = &location.max_message_size {
            items.push(format!(
                "Take messages of up to {}.",
                markdown::text(&size.value.to_string())?
            ));
        }
        if let Some(delimiter) = &location.recipient_delimiter {
            items.push(if delimiter.value.is_empty() {
                "Know no address extensions.".to_owned()
            } else {
                format!(
                    "Separate address extensions by {}.",
                    markdown::code(&delimiter.value)?
                )
            });
        }
        if let Some(handling) = location.handling() {
            if !location.modifies_body {
                items.push("Leave bodies as they are, or DKIM signatures break.".to_owned());
            }
            if !location.rewrites_sender() {
                items.push("Leave envelope senders as they are.".to_owned());
            }
            if let Some(seal) = &handling.arc_seal {
                items.push(format!(
                    "Seal with ARC as {}.",
                    markdown::code(seal.value.as_str())?
                ));
            }
        }
        self.items(&items);
        Ok(())
    }

    /// Tenants whose mail may come from addresses in no list: what failed SPF and DKIM on its way in and is forwarded leaves
    /// from a relay pool (<https://learn.microsoft.com/defender-office-365/outbound-spam-high-risk-delivery-pool-about>).
    fn relay_pools(&self, inward: &[&Route]) -> Result<Vec<String>, Refused> {
        let everything = inward.iter().filter(|route| route.covers_everything());
        let tenants: BTreeSet<LocationId> = everything
            .filter_map(|route| route.from.location())
            .filter(|from| self.plan.topology.location(*from).tenant().is_some())
            .filter(|from| !self.plan.forwards_to_outside(*from).is_empty())
            .collect();
        let text = |tenant| {
            Ok(format!(
                "Know {} by its certificate, and not by its published addresses alone: what its mailboxes forward may leave from the provider's relay pool (`40.95.0.0/16`), which no published list has.",
                self.party(Party::Location(tenant))?
            ))
        };
        tenants.into_iter().map(text).collect()
    }

    /// The certificates that the receiving ends of its mail look at, those of locks among them.
    fn shown(&self, id: LocationId) -> Vec<(Party, &str)> {
        let mut shown = Vec::new();
        let routes = self.plan.routes_at(id);
        for (at, route) in routes.filter(|(_, it)| it.enabled && it.from == Party::Location(id)) {
            if let Recognition::Certificate(name) = &route.accepted_by {
                shown.push((route.to, name.as_str()));
            }
            let to = route
                .to
                .location()
                .map(|to| &self.plan.place(to).configuration);
            if let Some(Configuration::ExchangeOnline(tenant)) = to {
                let of_route = tenant.inbound.iter().filter(|it| it.routes.contains(&at));
                let names = of_route.filter_map(|it| it.tls_sender_certificate_name.as_deref());
                shown.extend(names.map(|name| (route.to, name)));
            }
        }
        shown
    }

    fn items(&mut self, items: &[String]) {
        if !items.is_empty() {
            self.text.push_str("\n## Set besides\n\n");
        }
        for item in items {
            let _ = writeln!(self.text, "- [ ] {item}");
        }
    }

    fn section(&mut self, title: &str, header: &[&str], rows: &[Vec<String>]) {
        let _ = write!(
            self.text,
            "\n## {title}\n\n{}",
            markdown::table(header, rows)
        );
    }

    fn party(&self, party: Party) -> Result<String, Refused> {
        match party {
            Party::Internet => Ok("the Internet".to_owned()),
            Party::Discard => Ok("nowhere: it is dropped".to_owned()),
            Party::Reject => Ok("nowhere: it is refused".to_owned()),
            _ => markdown::code(self.plan.topology.party_name(party)),
        }
    }
}

fn domains(route: &Route) -> Result<String, Refused> {
    let patterns: Vec<_> = route
        .recipients
        .iter()
        .map(|at| match &at.pattern {
            Pattern::Any => Ok("everything".to_owned()),
            Pattern::AcceptedDomains => Ok("the accepted domains".to_owned()),
            pattern => markdown::code(&pattern.to_string()),
        })
        .collect::<Result<_, _>>()?;
    Ok(patterns.join(", "))
}

fn next_hop(route: &Route) -> Result<String, Refused> {
    match &route.next_hop {
        NextHop::SmartHosts(hosts) => hosts_text(hosts.iter()),
        NextHop::Mx => Ok("the MX of the recipient's domain".to_owned()),
        NextHop::Unknown | NextHop::FactMissing => Ok("not known yet: see the runbook".to_owned()),
        NextHop::None => Ok(String::new()),
    }
}

fn hosts_text<'h>(hosts: impl IntoIterator<Item = &'h Host>) -> Result<String, Refused> {
    let hosts: Vec<_> = hosts
        .into_iter()
        .map(|host| markdown::code(&host.to_string()))
        .collect::<Result<_, _>>()?;
    Ok(hosts.join(", "))
}

fn tls_out(plan: &Plan, route: &Route) -> Result<String, Refused> {
    let name = match route.to {
        Party::Location(id) => plan.topology.location(id).certificate.as_ref(),
        Party::Partner(id) => plan.topology.partner(id).certificate.as_ref(),
        _ => None,
    }
    .and_then(|certificate| certificate.name());
    Ok(match (route.tls, name) {
        (TlsLevel::Verified, Some(name)) => {
            format!("certificate for {} checked", markdown::code(name)?)
        }
        (TlsLevel::Verified, None) => "certificate checked for the name of the next hop".to_owned(),
        (TlsLevel::CaVerified, _) => "certificate of a trusted authority".to_owned(),
        (level, _) => tls_in(level).to_owned(),
    })
}

fn tls_in(level: TlsLevel) -> &'static str {
    match level {
        TlsLevel::None => "none: STARTTLS is not tried",
        TlsLevel::Opportunistic => "where it is offered",
        TlsLevel::Encrypted | TlsLevel::CaVerified | TlsLevel::Verified => "required",
    }
}
