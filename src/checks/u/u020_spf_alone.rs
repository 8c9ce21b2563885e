//! # U020 spf-alone
//!
//! ## What a clean result proves
//!
//! Mail of a domain with a strict DMARC policy is proved by a signature as well as by SPF.
//!
//! ## Exact condition
//!
//! Mail of a domain with the policy `quarantine` or `reject` passes DMARC by SPF, and no signature of the domain counts: nobody
//! signs, or the keys of the signer are not known.
//!
//! ## Severity
//!
//! note: whoever forwards the mail breaks SPF, and receivers then refuse it.
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
//!   contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, dmarc: {policy: reject}}
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
//!   contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, dmarc: {policy: reject}, dkim: {box: {s1: s1.keys.example}}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-10.1>
//! - <https://www.rfc-editor.org/rfc/rfc7960#section-3.1.1>

use crate::checks::Run;
use crate::checks::authentication::{causes, signing};
use crate::finding::{Code, Finding, Findings};
use crate::publish::Published;
use crate::publish::verdict::{Outcome, Standing};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let found = causes(published, |_, proof| {
        // A signature that breaks on the way is said with the place that breaks it.
        let wanted = proof.outcome == Outcome::BySpf && proof.is_enforced();
        (wanted && proof.broken_by().is_none()).then(|| proof.signatures.first().cloned())
    });
    for cause in found.values() {
        let message = format!(
            "{} passes DMARC by SPF alone, and whoever forwards it breaks that: {}",
            cause.mail(topology),
            cause.dkim_words(topology)
        );
        let by = cause.judged.departure.by;
        let own = cause.proof.signatures.iter().find(|one| one.signer == by);
        let is_tenant = by.location().is_some_and(|at| topology.location(at).tenant().is_some());
        let help = match own.map(|one| &one.standing) {
            Some(Standing::Useless(_)) if !is_tenant => {
                "have its key mended, as is said where the key stands: a signature is not lost on the way".to_owned()
            }
            _ => format!("have it signed where it leaves: {}", signing(topology, cause.domains.first(), by)),
        };
        findings.push(cause.finding(Finding::note(Code::U020, message), topology).help(help));
    }
}
