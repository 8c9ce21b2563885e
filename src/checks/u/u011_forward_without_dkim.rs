//! # U011 forward-without-dkim
//!
//! ## What a clean result proves
//!
//! Mail of external senders that a mailbox of ours forwards to the outside can keep their signatures.
//!
//! ## Exact condition
//!
//! A mailbox forwards to an address of another organization, so that mail of external senders leaves from here. SPF never proves it:
//! the address is ours, or the envelope sender is. Only the signature of the author's own domain does, as long as no location
//! changes the mail.
//!
//! ## Severity
//!
//! note: what external senders sign is not ours to prove. warning where one of our locations changes the mail, so that no signature is left.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com:
//!     mailboxes: {box: [ann@contoso.com]}
//!     mx: box
//!     forwards: [{address: ann@contoso.com, target: ann@fabrikam.com}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com:
//!     mailboxes: {box: [ann@contoso.com, bea@contoso.com]}
//!     mx: box
//!     forwards: [{address: ann@contoso.com, target: bea@contoso.com}]
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7960#section-3.1.1>

use crate::checks::Run;
use crate::checks::authentication::who;
use crate::checks::spf_records::about;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::publish::Published;
use crate::source::Span;
use crate::topology::{DomainId, LocationId, Party};
use crate::walk::{Envelope, Flows, Reason};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut found: BTreeSet<(Party, bool, Option<LocationId>)> = BTreeSet::new();
    for judged in &published.judged {
        let departure = &judged.departure;
        if departure.source == Party::Internet && departure.reason != Reason::Bounce {
            let changes = |at: &LocationId| topology.location(*at).modifies_body;
            let changed = departure.passed.iter().copied().find(changes);
            let kept = departure.envelope == Envelope::Kept;
            found.insert((departure.by, kept, changed));
        }
    }
    let forwards = topology.domains().flat_map(|(id, domain)| {
        let outside = domain.forwards.iter().filter(|one| {
            topology.nearest_domain(one.target.domain()).is_none()
        });
        outside.map(move |one| (id, one.span))
    });
    let forwards: Vec<(DomainId, Span)> = forwards.collect();
    let domains: BTreeSet<DomainId> = forwards.iter().map(|(id, _)| *id).collect();
    let domains: Vec<DomainId> = domains.into_iter().collect();
    for (by, kept, changed) in found {
        let (span, object) = who(topology, by);
        let name = topology.party_name(by);
        let spf = if kept {
            "SPF does not pass, because their records do not name it"
        } else {
            "SPF passes for our name and not for theirs"
        };
        let finding = match changed.map(|at| topology.location(at)) {
            Some(location) => Finding::new(
                Code::U011,
                Severity::Warning,
                format!("`{name}` forwards mail of external senders that `{}` has changed: no signature of theirs is left, and {spf}; whoever has a DMARC policy is refused", location.name),
            )
            .help(format!("have mail that is forwarded go past `{}`, or keep bodies as they are there", location.name)),
            None => Finding::note(
                Code::U011,
                format!("`{name}` forwards mail of external senders, for which {spf}: where they do not sign it, DMARC fails at the receiver"),
            )
            .help("nothing can be done for mail without a signature; a mailbox that its owner reads needs no forward"),
        };
        let place = forwards.first().map_or(span, |(_, span)| *span);
        let finding = finding.at(place, "it is forwarded here").on(object);
        findings.push(about(finding, topology, &domains));
    }
}
