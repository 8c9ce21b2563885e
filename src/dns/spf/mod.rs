//! SPF (RFC 7208): the egress of the last own hop of every flow with a sender of a domain.

mod content;
mod terms;

use crate::dns::egress::Exits;
use crate::dns::{Out, RData, managed, path, sending};
use crate::finding::{Code, Finding, Object};
use crate::routes::Route;
use crate::source::Span;
use crate::topology::{
    Device, Dkim, Domain, LocationId, Method, Sending, SendsAs, SendsInOurName, SendsTo, SpfAll,
    Topology,
};
use crate::values::{DomainName, Network, is_private_address};
use content::Content;
use std::collections::{BTreeMap, BTreeSet};
use terms::Terms;

/// Adds one record per domain that mail is sent with, and the closing ones of parked domains.
pub(crate) fn add(topology: &Topology, routes: &[Route], out: &mut Out<'_>) {
    let mut exits = Exits::of(topology, routes);
    let mut bare: BTreeMap<LocationId, Vec<&Domain>> = BTreeMap::new();
    let mut costly = Costly::new();
    let content = Content::of(topology);
    for domain in sending(topology) {
        let mut terms = Terms::default();
        for id in places(topology, domain, &mut exits) {
            if !terms.add_location(topology, id, out) {
                bare.entry(id).or_default().push(domain);
            }
        }
        add_partners(topology, domain, &mut terms, out);
        add_devices(topology, domain, &mut terms);
        let end = add_settings(topology, domain, &mut terms, out);
        let span = domain.spf.as_ref().map_or(domain.span, |at| at.span);
        if terms.is_empty() {
            // A record that forbids everything is right for a parked domain and fatal for one that sends.
            out.gap(
                "the SPF record",
                "nothing in the spec says where mail with this name leaves: name who sends it in `sends_as`, or what is to be included in `spf`",
                None,
                &domain.name,
                span,
            );
            continue;
        }
        if topology.dns.spf.flatten {
            flatten(&mut terms, &content, domain, span, out);
        }
        let costs = content.costs(&terms);
        if costs.iter().map(|(_, cost)| cost).sum::<usize>() > MOST_LOOKUPS {
            costly.entry(costs).or_default().push((domain, span));
        }
        let text = terms.record(end);
        out.add(
            "",
            &domain.name,
            RData::text(text),
            path(domain, "spf"),
            span,
        );
    }
    for domain in managed(topology).filter(|domain| domain.sending == Sending::Parked) {
        for prefix in ["", "*"] {
            let data = RData::text("v=spf1 -all");
            out.add(
                prefix,
                &domain.name,
                data,
                path(domain, "parked"),
                domain.span,
            );
        }
    }
    report_bare(topology, bare, out);
    report_costly(topology, costly, out);
}

/// Domains whose record costs too many lookups, by what each term costs.
type Costly<'a> = BTreeMap<Vec<(String, usize)>, Vec<(&'a Domain, Span)>>;

/// Receivers give up at the eleventh (RFC 7208, section 4.6.4).
const MOST_LOOKUPS: usize = 10;

/// Puts addresses in place of names, where the facts say what stands behind them.
fn flatten(
    terms: &mut Terms,
    content: &Content<'_>,
    domain: &Domain,
    span: Span,
    out: &mut Out<'_>,
) {
    for term in std::mem::take(&mut terms.others) {
        if let Some(networks) = content.networks(&term) {
            terms.networks.extend(networks);
            continue;
        }
        if let Some(name) = term.strip_prefix("include:") {
            out.gap(
                "the addresses behind an include of the SPF record",
                format!("`{term}` stays as it is: `records.{name}.txt` of the facts has no record that is made of addresses alone"),
                None,
                &domain.name,
                span,
            );
        }
        terms.others.insert(term);
    }
}

/// Records that no receiver evaluates to the end. Domains with the same terms have the same cause.
fn report_costly(topology: &Topology, costly: Costly<'_>, out: &mut Out<'_>) {
    for (costs, domains) in costly {
        let total: usize = costs.iter().map(|(_, cost)| cost).sum();
        let table: Vec<String> = costs
            .iter()
            .map(|(term, cost)| format!("{cost} for `{term}`"))
            .collect();
        let Some(&(first, span)) = domains.first() else {
            continue;
        };
        let whose = match domains.len() - 1 {
            0 => format!("the SPF record of `{}`", first.name),
            1 => format!("the SPF records of `{}` and one other domain", first.name),
            more => format!(
                "the SPF records of `{}` and {more} other domains",
                first.name
            ),
        };
        let cure = if topology.dns.spf.flatten {
            "take one of them out, or send from one place less"
        } else {
            "take one of them out, or write `spf: {flatten: true}` under `dns`, which puts addresses in place of names whose content the facts have"
        };
        out.findings.push(
            Finding::error(
                Code::U002,
                format!("{whose} would take {total} DNS lookups, and receivers stop at {MOST_LOOKUPS}: SPF fails for all of this mail"),
            )
            .at(span, table.join(", "))
            .on(Object::Domain(first.name.to_string()))
            .domains(domains.iter().map(|(domain, _)| domain.name.to_string()))
            .help(cure),
        );
    }
}

/// The places at which mail of a domain leaves.
fn places(topology: &Topology, domain: &Domain, exits: &mut Exits<'_>) -> BTreeSet<LocationId> {
    let mut starts: BTreeSet<LocationId> = domain.holder_ids().collect();
    if domain.sending == Sending::SendOnly
        && let Dkim::Signers(signers) = &domain.dkim
    {
        starts.extend(
            signers
                .iter()
                .filter_map(|signer| signer.signer.value.location()),
        );
    }
    for device in &topology.devices {
        let leaves = !matches!(device.sends_to, SendsTo::Internal)
            && matches!(
                device.method.value,
                Method::Relay | Method::ClientSubmission
            );
        if leaves && device_sends_as(device, &domain.name) {
            starts.insert(device.via.value);
        }
    }
    starts
        .into_iter()
        .flat_map(|start| exits.from(start).clone())
        .collect()
}

fn device_sends_as(device: &Device, domain: &DomainName) -> bool {
    device.sends_as.iter().any(|at| match &at.value {
        SendsAs::Address(address) => address.domain() == domain,
        SendsAs::Pattern(pattern) => pattern.matches(domain),
    })
}

/// A device that delivers like a stranger is its own last hop.
fn add_devices(topology: &Topology, domain: &Domain, terms: &mut Terms) {
    let strangers = topology.devices.iter().filter(|device| {
        device.method.value == Method::DirectSend && device_sends_as(device, &domain.name)
    });
    for device in strangers {
        let translated = device.nat.iter().map(|at| at.value);
        terms.networks.extend(
            translated
                .filter(|ip| !is_private_address(*ip))
                .map(Network::from),
        );
        let own = device.addresses.iter().map(|at| at.value);
        terms
            .networks
            .extend(own.filter(|network| !network.is_private()));
    }
}

/// Partners that send in the domain's name.
fn add_partners(topology: &Topology, domain: &Domain, terms: &mut Terms, out: &mut Out<'_>) {
    for partner in &topology.partners {
        let ours = partner.sends_as.iter().any(|at| match &at.value {
            SendsInOurName::Domain(name) => *name == domain.name,
            SendsInOurName::Address(address) => *address.domain() == domain.name,
        });
        if !ours {
            continue;
        }
        match &partner.spf {
            Some(spf) => terms.add_text(&spf.value, spf.span, out),
            None => terms.networks.extend(
                partner
                    .addresses
                    .iter()
                    .map(|at| at.value)
                    .filter(|network| !network.is_private()),
            ),
        }
    }
}

/// What the spec adds by hand, and how the record ends.
fn add_settings(
    topology: &Topology,
    domain: &Domain,
    terms: &mut Terms,
    out: &mut Out<'_>,
) -> SpfAll {
    let defaults = &topology.dns.spf;
    let written = domain.spf.as_ref().map(|at| &at.value);
    let includes = match written {
        Some(written) if !written.include.is_empty() => &written.include,
        _ => &defaults.include,
    };
    for include in includes {
        let bare = include
            .value
            .strip_prefix("include:")
            .unwrap_or(&include.value);
        terms.add_text(&format!("include:{bare}"), include.span, out);
    }
    written
        .and_then(|written| written.all)
        .unwrap_or(defaults.all)
}

/// Places at which mail leaves and of which no public address is known: receivers would see every such message fail.
fn report_bare(topology: &Topology, bare: BTreeMap<LocationId, Vec<&Domain>>, out: &mut Out<'_>) {
    for (id, domains) in bare {
        let location = topology.location(id);
        let span = location.egress.first().map_or(location.span, |at| at.span);
        out.findings.push(
            Finding::error(
                Code::U001,
                format!(
                    "mail leaves from `{}`, of which no public address is known, so SPF fails for what it sends",
                    location.name
                ),
            )
            .at(span, "addresses that the Internet sees are wanted here")
            .on(Object::Location(location.name.clone()))
            .domains(domains.iter().map(|domain| domain.name.to_string()))
            .help("write the public addresses in `egress`, or terms that stand for them in `spf`"),
        );
    }
}
