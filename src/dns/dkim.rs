//! DKIM keys (RFC 6376): where a signer keeps them, or the keys themselves.

use crate::dns::{Out, RData, managed, path, sending};
use crate::finding::Finding;
use crate::routes::facts::dkim_targets;
use crate::source::{At, Span};
use crate::topology::{Dkim, DkimKey, Domain, LocationId, Party, Sending, Topology};
use crate::values::OwnerName;

/// The selector and the domain that a name holds the key of; nothing where it holds none.
pub(crate) fn selector_at(name: &str) -> Option<(&str, &str)> {
    let (selector, domain) = name.split_once("._domainkey.")?;
    // What begins so is about signatures, and no selector.
    (!selector.starts_with('_')).then_some((selector, domain))
}

/// Adds the selectors of every domain that mail is sent with, and the closing record of parked domains.
pub(crate) fn add(topology: &Topology, out: &mut Out<'_>) {
    for domain in sending(topology) {
        match &domain.dkim {
            Dkim::Derived => {
                for holder in &domain.holders {
                    if topology.location(holder.location).tenant().is_some() {
                        add_tenant(topology, domain, holder.location, domain.span, out);
                    }
                }
            }
            Dkim::Signers(signers) => {
                for signer in signers {
                    add_signer(topology, domain, signer.signer, &signer.selectors, out);
                }
            }
        }
    }
    for domain in managed(topology).filter(|domain| domain.sending == Sending::Parked) {
        // An empty key is a revoked one (RFC 6376, section 3.6.1), here for every selector.
        let data = RData::text("v=DKIM1; p=");
        out.add(
            "*._domainkey",
            &domain.name,
            data,
            path(domain, "parked"),
            domain.span,
        );
    }
}

fn add_signer(
    topology: &Topology,
    domain: &Domain,
    signer: At<Party>,
    selectors: &[(At<String>, DkimKey)],
    out: &mut Out<'_>,
) {
    if selectors.is_empty() {
        match signer.value {
            Party::Location(id) if topology.location(id).tenant().is_some() => {
                add_tenant(topology, domain, id, signer.span, out);
            }
            // A check says so.
            _ => {}
        }
        return;
    }
    for (selector, key) in selectors {
        match key {
            DkimKey::Target(target) => {
                add_target(domain, &selector.value, target, selector.span, out);
            }
            DkimKey::Record(record) => {
                let prefix = format!("{}._domainkey", selector.value);
                let data = RData::text(record.trim());
                out.add(
                    &prefix,
                    &domain.name,
                    data,
                    path(domain, "dkim"),
                    selector.span,
                );
            }
        }
    }
}

fn add_tenant(topology: &Topology, domain: &Domain, id: LocationId, span: Span, out: &mut Out<'_>) {
    let Some(targets) = dkim_targets(topology, id, &domain.name) else {
        let name = &topology.location(id).name;
        out.gap(
            "the DKIM records",
            format!(
                "the provider assigns their targets: `{name}.dkim` of the facts does not have them"
            ),
            Some(id),
            &domain.name,
            span,
        );
        return;
    };
    for (selector, target) in targets {
        add_target(domain, selector, &target.value, target.span, out);
    }
}

fn add_target(domain: &Domain, selector: &str, target: &str, span: Span, out: &mut Out<'_>) {
    match OwnerName::parse(target) {
        Ok(name) => {
            let prefix = format!("{selector}._domainkey");
            out.add(
                &prefix,
                &domain.name,
                RData::Cname(name),
                path(domain, "dkim"),
                span,
            );
        }
        Err(bad) => out.findings.push(
            Finding::error(
                bad.code,
                format!(
                    "the DKIM target of `{selector}` is no name: {}",
                    bad.message
                ),
            )
            .at(span, ""),
        ),
    }
}
