//! # V010 device-login
//!
//! ## What a clean result proves
//!
//! The spec says which mailbox every device with `method: client-submission` logs on to, and that mailbox is where it logs on.
//!
//! ## Exact condition
//!
//! A device with `method: client-submission` hands its mail to Exchange, and one of these holds:
//!
//! - its `login` is no mailbox at `via`;
//! - it has no `login`, and no address of its `sends_as` is a mailbox at `via`;
//! - it has no `login`, and `sends_as` holds more than the one address that it is taken to log on to.
//!
//! ## Severity
//!
//! warning where no mailbox is known: no file can switch logins on for it. error for a `login` that is no mailbox there: the login
//! fails. note where one is taken: the mailbox needs the right "Send As" for every other sender, which the runbook asks for.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, smtp_auth: per-mailbox}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   erp: {sends_as: [contoso.com], sends_to: anyone, method: client-submission, via: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, smtp_auth: per-mailbox}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   erp: {sends_as: [contoso.com], sends_to: anyone, method: client-submission, via: cloud, login: erp@contoso.com}
//! ```
//!
//! ## Sources
//!
//! - One mailbox, and "Send As" for other senders (`5.7.60`): <https://learn.microsoft.com/exchange/mail-flow-best-practices/fix-issues-with-printers-scanners-and-lob-applications-that-send-email-using-off>
//! - `Set-CASMailbox` for each mailbox: <https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::routes::logins;
use crate::topology::{Device, Method};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for device in &plan.topology.devices {
        let via = plan.topology.location(device.via.value);
        if device.method.value == Method::ClientSubmission && logins::judges_senders(via) {
            findings.extend(finding(plan, device));
        }
    }
}

fn finding(plan: &Plan, device: &Device) -> Option<Finding> {
    let topology = &plan.topology;
    let via = topology.location(device.via.value);
    let (name, place) = (&device.name, &via.name);
    let object = Object::Device(name.clone());
    let others: Vec<String> = logins::other_senders(topology, device)
        .map(ToString::to_string)
        .collect();
    let others = listed(others.iter().map(String::as_str));
    let found = match (&device.login, logins::login(topology, device)) {
        (Some(_), Some(_)) => return None,
        (Some(login), None) => Finding::error(
            Code::V010,
            format!(
                "`{name}` logs on to `{}`, and `{place}` has no such mailbox: the login fails (535 5.7.3), and `{name}` sends nothing",
                login.value
            ),
        )
        .at(login.span, "no mailbox there")
        .help(wanted(plan, device)),
        (None, None) => {
            let end = if logins::allows_each(via) {
                format!("no file switches logins on for it (`Set-CASMailbox`), and `{place}` rejects them (535 5.7.139)")
            } else {
                format!("nobody can see whether it may send as {others} (550 5.7.60)")
            };
            Finding::warning(
                Code::V010,
                format!("no sender of `{name}` is a mailbox at `{place}`, so that the one it logs on to is not known: {end}"),
            )
            .at(device.method.span, "logs on to send")
            .help(wanted(plan, device))
        }
        (None, Some(_)) if others.is_empty() => return None,
        (None, Some(login)) => Finding::note(
            Code::V010,
            format!("`{name}` is taken to log on to `{login}`, its first sender that is a mailbox at `{place}`: `{place}` rejects its mail as {others} unless that mailbox has the right \"Send As\" for each of them (550 5.7.60)"),
        )
        .at(device.method.span, "logs on to one mailbox")
        .help(format!("give that mailbox the right, and write `login: {login}` at `{name}`"))
        .fix(Operation::set(object.clone(), "login", login.to_string())),
    };
    Some(found.at(device.via.span, "here").on(object))
}

/// The key with a mailbox of a domain whose mailboxes are where the device logs on.
fn wanted(plan: &Plan, device: &Device) -> String {
    let via = device.via.value;
    let mut held = plan.topology.domains.iter();
    let held = held.find(|domain| domain.holder_ids().any(|at| at == via));
    let example = held.map_or_else(
        || "ADDRESS".to_owned(),
        |domain| format!("{}@{}", device.name, domain.name),
    );
    format!(
        "write at `{}` the mailbox at `{}` that it logs on to, such as `login: {example}`",
        device.name,
        plan.topology.location(via).name
    )
}
