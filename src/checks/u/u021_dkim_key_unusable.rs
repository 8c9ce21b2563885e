//! # U021 dkim-key-unusable
//!
//! ## What a clean result proves
//!
//! Receivers verify signatures with every DKIM key that is written.
//!
//! ## Exact condition
//!
//! A record in `dkim` holds no key that receivers use: `p=` is empty, is not base64 or holds no key of the type in `k=`; an RSA
//! key has fewer than 1,024 bits; `h=` does not allow `sha256`; `s=` is not for mail; or another version. Besides, an RSA key
//! has fewer than 2,048 bits, or `t=y` says that it is a test.
//!
//! ## Severity
//!
//! error: no signature with the key is verified. note where the key is weak or a test.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {box: {s1: "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMh27v9Hk5GwY2scqLhVi3eDfWy1xOpQmVJQu0BVDazUgbhTf52u5igXr9ACg7cWbHtHDaD6zJxO4bRBYhe1mz0CAwEAAQ=="}}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {box: {s1: "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAswW2MQ/q3mDC5/TAp9hpAWdw9mIK42ZyiugQrB2KZ034kopkwLPK5eNeTKO7/FT8W1afk6dsEk5QL24L/GHry1vzylt9ki6dVlrEHer7vJDrR0GXYqfdAEs9JqT6necKvYAw6HBdPP/D9aCcIgADJVUlDD0fWE9keDZAhbBzYycP12amrvzhyh9AYQQfXMiC3F8F69Nh4ecoVx2pWX6LcnMutBzZ/S+ndtm6EYuEPd9/uKeITmhCZtBHGh0wrbz/BXj9TxfZghQBAa3Nb0yfmE6QBpjK7dDd9IdpgEHqpgUDX3msVmMxOXE5AM2WN2GCSHhsrmWpnlW9Zy0AkNWkzwIDAQAB"}}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1>
//! - <https://www.rfc-editor.org/rfc/rfc8301#section-3.2>
//! - <https://www.rfc-editor.org/rfc/rfc8463#section-4>

use crate::checks::Run;
use crate::checks::spf_records::about;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::plan::Plan;
use crate::publish::keys::{IS_TEST, KeyUse, key_use};
use crate::topology::{Dkim, DkimKey};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for (id, domain) in topology.domains() {
        let Dkim::Signers(signers) = &domain.dkim else {
            continue;
        };
        for (selector, key) in signers.iter().flat_map(|signer| &signer.selectors) {
            let DkimKey::Record(record) = key else {
                continue;
            };
            let name = &selector.value;
            let better = |why: &str| {
                Finding::new(
                    Code::U021,
                    Severity::Note,
                    format!("the DKIM key `{name}` of `{}` should be a better one: {why}", domain.name),
                )
                .help("make a key of 2,048 bits, and publish it without `t=y` once it is in use")
            };
            let finding = match key_use(record) {
                KeyUse::Good => continue,
                KeyUse::Short => better("its RSA key has fewer than 2048 bits"),
                KeyUse::Test => better(IS_TEST),
                KeyUse::Unusable(why) => Finding::error(
                    Code::U021,
                    format!("receivers verify nothing with the DKIM key `{name}` of `{}`: {why}", domain.name),
                )
                .help("write the record of the signer's key as its generator printed it, or take the selector out"),
            };
            findings.push(about(finding.at(selector.span, ""), topology, &[id]));
        }
    }
}
