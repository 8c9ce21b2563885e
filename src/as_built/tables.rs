//! The rows of the shorter tables.

use crate::as_built::{Row, codes, section};
use crate::finding::{Finding, Findings, Severity};
use crate::plan::Plan;
use crate::runbook::external_tasks;
use crate::topology::{Certificate, Issuer, Party, SendsTo, Topology, WrittenRoute};
use crate::values::TlsLevel;
use crate::writer::html::Html;

pub(super) fn certificates(topology: &Topology) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |party: Party, certificates: &[Option<&Certificate>]| {
        for certificate in certificates.iter().flatten() {
            let until = certificate.not_after.as_ref();
            rows.push(vec![
                Html::code(topology.party_name(party)),
                codes(certificate.names.iter().map(|at| &at.value)),
                Html::text(issuer(certificate)),
                Html::text(&until.map_or("not known".to_owned(), |at| at.value.to_string())),
            ]);
        }
    };
    for (id, location) in topology.locations() {
        let certificates = [&location.certificate, &location.client_certificate];
        let from = |route: &&WrittenRoute| route.from.value == Party::Location(id);
        let routes = topology.routes.iter().filter(from);
        let on_routes = routes.map(|route| &route.client_certificate);
        let all: Vec<_> = certificates
            .into_iter()
            .chain(on_routes)
            .map(Option::as_ref)
            .collect();
        add(Party::Location(id), &all);
    }
    for (id, partner) in topology.partners() {
        let certificates = [&partner.certificate, &partner.client_certificate];
        add(Party::Partner(id), &certificates.map(Option::as_ref));
    }
    for (id, device) in topology.devices() {
        add(Party::Device(id), &[device.certificate.as_ref()]);
    }
    rows
}

const fn issuer(certificate: &Certificate) -> &'static str {
    match certificate.issuer {
        Issuer::Public => "a public authority",
        Issuer::Private => "a private authority",
        Issuer::SelfSigned => "self-signed",
    }
}

pub(super) fn partners(plan: &Plan) -> Vec<Row> {
    let needs = external_tasks::of_partners(plan);
    let row = |(partner, needs): (&crate::topology::Partner, Vec<String>)| {
        vec![
            Html::code(&partner.name),
            codes(partner.domains.iter().map(|at| &at.value)),
            level(partner.tls_inbound.as_ref().map(|at| at.value)),
            level(partner.tls_outbound.as_ref().map(|at| at.value)),
            Html::lines(needs.iter().map(|need| Html::prose(need))),
        ]
    };
    let partners = plan.topology.partners.iter();
    partners.zip(needs).map(row).collect()
}

pub(super) fn level(tls: Option<TlsLevel>) -> Html {
    Html::text(&tls.map_or("no demand".to_owned(), |tls| tls.to_string()))
}

pub(super) fn devices(plan: &Plan) -> Vec<Row> {
    let needs = external_tasks::of_devices(plan);
    let row = |(device, needs): (&crate::topology::Device, Vec<String>)| {
        vec![
            Html::code(&device.name),
            codes(device.addresses.iter().map(|at| &at.value)),
            codes(device.sends_as.iter().map(|at| &at.value)),
            match &device.sends_to {
                SendsTo::Internal => Html::text("our own mailboxes"),
                SendsTo::Anyone => Html::text("any recipient"),
                SendsTo::Patterns(list) => codes(list.iter().map(|at| &at.value)),
            },
            Html::lines(needs.iter().map(|need| Html::prose(need))),
        ]
    };
    let devices = plan.topology.devices.iter();
    devices.zip(needs).map(row).collect()
}

/// What is accepted with its reason, and the warnings that are open, the worst first. Notes are about how a spec is written.
pub(super) fn found(page: &mut Html, findings: &Findings) {
    let is_shown =
        |finding: &&Finding| finding.accepted.is_some() || finding.severity > Severity::Note;
    let mut all: Vec<&Finding> = findings.iter().filter(is_shown).collect();
    all.sort_by_key(|finding| {
        (
            std::cmp::Reverse(finding.severity),
            finding.check,
            &finding.message,
        )
    });
    let mut accepted: Vec<Row> = Vec::new();
    let mut open: Vec<Row> = Vec::new();
    for finding in all {
        let mut row = vec![
            Html::text(&finding.check.to_string()),
            Html::text(finding.severity.word()),
            Html::prose(&finding.message),
        ];
        match &finding.accepted {
            Some(at) => {
                row.push(Html::text(&at.reason));
                row.push(Html::text(at.until.as_deref().unwrap_or("no end")));
                accepted.push(row);
            }
            None => open.push(row),
        }
    }
    section(
        page,
        "Accepted findings",
        &[
            ("check", 9),
            ("severity", 11),
            ("finding", 42),
            ("accepted because", 26),
            ("until", 12),
        ],
        &accepted,
    );
    section(
        page,
        "Open findings",
        &[("check", 10), ("severity", 12), ("finding", 78)],
        &open,
    );
}

pub(super) fn withheld(plan: &Plan, findings: &Findings) -> Vec<Row> {
    let row = |what: &str, why: &str| vec![Html::prose(what), Html::prose(why)];
    let missing = plan.withheld.iter().map(|item| row(&item.what, &item.why));
    let refused = findings.iter().flat_map(|finding| {
        let withholds = finding.withholds.iter();
        withholds.map(|what| row(what, &finding.message))
    });
    missing.chain(refused).collect()
}
