//! Where SPF records stand (RFC 7208). What they say of a domain that mail is sent with is known once its mail has been
//! followed; that there is one is known before, and a name that exists ends the wildcards above it.

use crate::dns::{Out, RData, is_ours, managed, path};
use crate::source::At;
use crate::topology::{
    BounceRecords, Dkim, Domain, Location, PartnerEnvelope, Party, Sending, SendsAs,
    SendsInOurName, Topology,
};
use crate::values::{DomainName, Network};
use std::collections::BTreeSet;

/// What stands in the place of a record until it is known what it says.
pub(crate) const SPF_TO_COME: &str = "v=spf1";

/// Adds the places of the records, and the closing ones of parked domains.
pub(crate) fn add(topology: &Topology, out: &mut Out<'_>) {
    for domain in managed(topology) {
        if domain.sending == Sending::Parked {
            for prefix in ["", "*"] {
                let data = RData::text("v=spf1 -all");
                let why = path(domain, "parked");
                out.add(prefix, &domain.name, data, why, domain.span);
            }
        } else if is_sent_with(topology, domain) {
            let span = domain.spf.as_ref().map_or(domain.span, |at| at.span);
            let data = RData::text(SPF_TO_COME);
            let own = domain.spf.as_ref().and_then(|at| at.value.subdomains);
            if own.unwrap_or(topology.dns.spf.subdomains) {
                out.add("*", &domain.name, data.clone(), path(domain, "spf"), span);
            }
            out.add("", &domain.name, data, path(domain, "spf"), span);
        }
    }
}

/// Adds the places of the records of names that bounces come back to.
pub(crate) fn add_bounces(topology: &Topology, origins: &BTreeSet<DomainName>, out: &mut Out<'_>) {
    for partner in &topology.partners {
        if let Some(At { value, span }) = &partner.bounce
            && matches!(value.at, BounceRecords::Mx(_))
            && is_ours(topology, origins, &value.name)
        {
            let why = format!("partners.{}.bounce_domain", partner.name);
            out.add("", &value.name, RData::text(SPF_TO_COME), why, *span);
        }
    }
    for location in topology
        .locations
        .iter()
        .filter(|one| one.rewrites_sender())
    {
        // A domain of the spec has a record of its own, made from all of its mail.
        if let Some(At { value: name, span }) = &location.bounce_domain
            && topology.domain_named(name).is_none()
            && is_ours(topology, origins, name)
        {
            let why = format!("locations.{}.bounce_domain", location.name);
            out.add("", name, RData::text(SPF_TO_COME), why, *span);
        }
    }
}

/// Adds records for the names that locations are told to call themselves: bounces have no sender, and are judged by it.
pub(crate) fn add_helo(topology: &Topology, origins: &BTreeSet<DomainName>, out: &mut Out<'_>) {
    for (_, location) in topology.locations() {
        let Some(At { value: name, span }) = &location.helo else {
            continue;
        };
        // A domain of the spec has a record of its own, made from all of its mail.
        if topology.domain_named(name).is_some() || !is_ours(topology, origins, name) {
            continue;
        }
        if let Some(text) = helo_record(location) {
            let why = format!("locations.{}.helo", location.name);
            out.add("", name, RData::text(text), why, *span);
        }
    }
}

/// The record of the name that a location calls itself; nothing where nobody knows its addresses.
pub(crate) fn helo_record(location: &Location) -> Option<String> {
    let public: BTreeSet<Network> = location.egress.iter().map(|at| at.value).collect();
    let public = public.into_iter().filter(|one| !one.is_private());
    let terms = public.map(|network| {
        let kind = if network.is_ipv6() { "ip6" } else { "ip4" };
        format!("{kind}:{network} ")
    });
    let terms: String = terms.collect();
    (!terms.is_empty()).then(|| format!("v=spf1 {terms}-all"))
}

/// Whether the spec names anybody who sends with a domain, or whom its record shall include.
fn is_sent_with(topology: &Topology, domain: &Domain) -> bool {
    let signed = || match &domain.dkim {
        Dkim::Signers(signers) => signers
            .iter()
            .any(|one| matches!(one.signer.value, Party::Location(_))),
        Dkim::Derived => false,
    };
    let by_device = || {
        let names = topology.devices.iter().flat_map(|device| &device.sends_as);
        names.into_iter().any(|at| match &at.value {
            SendsAs::Address(address) => *address.domain() == domain.name,
            SendsAs::Pattern(pattern) => pattern.matches(&domain.name),
        })
    };
    let by_partner = || {
        let names = topology
            .partners
            .iter()
            .flat_map(|partner| &partner.sends_as);
        names.into_iter().any(|at| match &at.value {
            SendsInOurName::Domain(name) => *name == domain.name,
            SendsInOurName::Address(address) => *address.domain() == domain.name,
        })
    };
    // Names that others put in the place of an envelope sender.
    let by_others = || {
        let rewriting = topology
            .locations
            .iter()
            .filter(|one| one.rewrites_sender());
        let bounces = rewriting.filter_map(Location::bounce_domain);
        let partners = topology.partners.iter();
        let envelopes = partners.filter_map(|one| match &one.envelope.as_ref()?.value {
            PartnerEnvelope::Domain(name) => Some(name),
            PartnerEnvelope::Same => None,
        });
        bounces
            .chain(envelopes.cloned())
            .any(|name| name == domain.name)
    };
    let written = domain.spf.as_ref();
    !domain.holders.is_empty()
        || signed()
        || !topology.dns.spf.include.is_empty()
        || written.is_some_and(|at| !at.value.include.is_empty())
        || by_device()
        || by_partner()
        || by_others()
}
