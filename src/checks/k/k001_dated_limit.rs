//! # K001 dated-limit
//!
//! ## What a clean result proves
//!
//! Nothing in the spec is touched by a limit or a retirement that a provider has announced with a date, as far as mailtopo
//! carries it.
//!
//! ## Exact condition
//!
//! On the day of the run (`--today`) one of these concerns an object of the spec:
//!
//! - `smtp-auth-basic-default-off`, 2026-12-31: a device with `method: client-submission` at Exchange Online.
//! - `old-exchange-2007`, August 2023, `old-exchange-2010`, September 2023, `old-exchange-2013`, December 2023: such a server
//!   hands mail to a tenant whose connector of type `OnPremises` knows it.
//! - `onmicrosoft-100`, 2026-06-01: a device sends to others with an address in `onmicrosoft.com`.
//! - `hve-billing`, 2026-06-01, and `hve-basic-end`, September 2028: a device with `method: high-volume`.
//!
//! Exchange 2016 and 2019 are judged by their build, which no spec says.
//!
//! ## Severity
//!
//! warning where mail is refused, before the date and after it; note where the date is more than a year ahead, or only a person
//! can see whether it matters. No error: each of them can be put off or be paid for, which no spec says.
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
//!   erp: {sends_as: [erp@contoso.com], sends_to: internal, method: client-submission, via: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   erp: {addresses: [203.0.113.50], sends_as: [erp@contoso.com], sends_to: internal, method: relay, via: cloud}
//! ```
//!
//! ## Sources
//!
//! - Logins with a password, message MC786329 of the service, moved twice: <https://techcommunity.microsoft.com/t5/exchange-team-blog/exchange-online-to-retire-basic-auth-for-client-submission-smtp/ba-p/4114750>
//! - Old servers: <https://techcommunity.microsoft.com/t5/exchange-team-blog/how-to-pause-throttling-and-blocking-of-out-of-date-on-premises/ba-p/4007169>
//! - The same with the builds of Exchange 2016 and 2019: <https://www.codetwo.com/admins-blog/persistently-vulnerable-exchange-server/>
//! - Names of the provider: <https://techcommunity.microsoft.com/blog/exchange/limiting-onmicrosoft-domain-usage-for-sending-emails/4446167>
//! - High-volume mail: <https://learn.microsoft.com/exchange/mail-flow-best-practices/high-volume-mails-m365>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::ConnectorType;
use crate::source::Span;
use crate::topology::{Device, ExchangeVersion, Method, Party, SendsAs, SendsTo};
use crate::values::Date;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// A limit or a retirement.
struct Limit {
    /// From this day on it is in force for everybody.
    from: Date,
    /// The day as it was announced.
    when: &'static str,
    /// What is so from then on, and what becomes of the mail; the objects follow.
    what: &'static str,
    severity: Severity,
    help: &'static str,
    /// Whom it touches.
    touches: fn(&Plan) -> Vec<(Span, Party)>,
}

const LIMITS: &[Limit] = &[
    Limit {
        from: day(2026, 12, 31),
        when: "2026-12-31",
        what: "Exchange Online takes a password for client submission only where an administrator has switched that on again, and refuses other mail (`550 5.7.30`): it touches",
        severity: Severity::Warning,
        help: "let it log on by OAuth, or write `method: relay` with its addresses or its certificate",
        touches: |plan| devices(plan, |device| device.method.value == Method::ClientSubmission),
    },
    Limit {
        from: day(2023, 8, 31),
        when: "August 2023",
        what: OLD_SERVER,
        severity: Severity::Warning,
        help: NEWER,
        touches: |plan| servers(plan, &[ExchangeVersion::V2007]),
    },
    Limit {
        from: day(2023, 9, 30),
        when: "September 2023",
        what: OLD_SERVER,
        severity: Severity::Warning,
        help: NEWER,
        touches: |plan| servers(plan, &[ExchangeVersion::V2010]),
    },
    Limit {
        from: day(2023, 12, 31),
        when: "December 2023",
        what: OLD_SERVER,
        severity: Severity::Warning,
        help: NEWER,
        touches: |plan| servers(plan, &[ExchangeVersion::V2013]),
    },
    Limit {
        from: day(2026, 6, 1),
        when: "2026-06-01",
        what: "a tenant sends to 100 recipients of others in 24 hours from all its addresses in `onmicrosoft.com`, and no more (`550 5.7.236`): it touches",
        severity: Severity::Warning,
        help: "write an address of a domain of your own in `sends_as`",
        touches: |plan| {
            devices(plan, |device| {
                device.sends_to != SendsTo::Internal
                    && device.sends_as.iter().any(|at| is_of_provider(&at.value))
            })
        },
    },
    Limit {
        from: day(2026, 6, 1),
        when: "2026-06-01",
        what: "high-volume mail is paid for, and may stop where no billing is set up: it touches",
        severity: Severity::Note,
        help: "set up billing for high-volume mail in the admin center",
        touches: high_volume,
    },
    Limit {
        from: day(2028, 9, 30),
        when: "September 2028",
        what: "high-volume mail takes no password, but OAuth alone: it touches",
        severity: Severity::Warning,
        help: "let it log on by OAuth, or write `method: relay` with its addresses",
        touches: high_volume,
    },
];

const OLD_SERVER: &str = "Exchange Online slows down and then refuses (`450 4.7.230`, `550 5.7.230`) what Exchange of this version hands over to a connector of type `OnPremises`, but for 90 days a year: it touches";

const NEWER: &str =
    "let Exchange SE hand the mail over, and write its version; until then an administrator can stop the refusal for 90 days a year";

/// So many days ahead a limit is only noted.
const FAR: i64 = 365;

fn run(plan: &Plan, findings: &mut Findings) {
    let Some(today) = plan.today else { return };
    for limit in LIMITS {
        let touched = (limit.touches)(plan);
        if touched.is_empty() {
            continue;
        }
        let left = today.days_until(limit.from);
        let when = if left > 0 {
            format!("from {} on", limit.when)
        } else {
            format!("since {}", limit.when)
        };
        let severity = if left > FAR {
            Severity::Note
        } else {
            limit.severity
        };
        let names = touched.iter().map(|(_, party)| plan.topology.party_name(*party));
        let mut finding = Finding::new(
            Code::K001,
            severity,
            format!("{when} {} {}", limit.what, listed(names)),
        )
        .help(limit.help);
        for (span, party) in touched {
            let name = plan.topology.party_name(party).to_owned();
            finding = finding.at(span, "").on(match party {
                Party::Device(_) => Object::Device(name),
                _ => Object::Location(name),
            });
        }
        findings.push(finding);
    }
}

const fn day(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

fn devices(plan: &Plan, touches: impl Fn(&Device) -> bool) -> Vec<(Span, Party)> {
    let topology = &plan.topology;
    let at_tenant = |device: &Device| topology.location(device.via.value).tenant().is_some();
    let devices = topology.devices();
    let touched = devices.filter(|(_, device)| at_tenant(device) && touches(device));
    touched
        .map(|(id, device)| (device.method.span, Party::Device(id)))
        .collect()
}

fn high_volume(plan: &Plan) -> Vec<(Span, Party)> {
    devices(plan, |device| device.method.value == Method::HighVolume)
}

/// Servers of these versions that a tenant's connector of type `OnPremises` knows.
fn servers(plan: &Plan, versions: &[ExchangeVersion]) -> Vec<(Span, Party)> {
    let known = |party: Party| {
        plan.places.iter().any(|place| match &place.configuration {
            Configuration::ExchangeOnline(tenant) => tenant.inbound.iter().any(|connector| {
                connector.enabled
                    && connector.connector_type == ConnectorType::OnPremises
                    && connector.routes.iter().any(|id| plan.route(*id).from == party)
            }),
            _ => false,
        })
    };
    let mut touched = Vec::new();
    for (id, location) in plan.topology.locations() {
        if let Some(server) = location.exchange_server()
            && versions.contains(&server.version.value)
            && known(Party::Location(id))
        {
            touched.push((server.version.span, Party::Location(id)));
        }
    }
    touched
}

fn is_of_provider(sender: &SendsAs) -> bool {
    let domain = match sender {
        SendsAs::Address(address) => Some(address.domain()),
        SendsAs::Pattern(pattern) => pattern.base(),
    };
    domain.is_some_and(|name| name.as_str().ends_with(".onmicrosoft.com"))
}
