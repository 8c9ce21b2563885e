//! Where SPF records stand (RFC 7208). What they say of a domain that mail is sent with is known once its mail has been
//! followed; that there is one is known before, and a name that exists ends the wildcards above it.

use crate::dns::{Out, RData, managed, path};
use crate::topology::{Dkim, Domain, Party, Sending, SendsAs, SendsInOurName, Topology};

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
            out.add("", &domain.name, data, path(domain, "spf"), span);
        }
    }
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
    let written = domain.spf.as_ref();
    !domain.holders.is_empty()
        || signed()
        || !topology.dns.spf.include.is_empty()
        || written.is_some_and(|at| !at.value.include.is_empty())
        || by_device()
        || by_partner()
}
