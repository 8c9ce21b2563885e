//! `AS-BUILT.html`: what was built, for the customer who signs it, with the proof of where mail goes.
//!
//! One page that prints, and that needs no network and no script. Every value passes the HTML writer.

mod proof;
mod tables;

use tables::{certificates, devices, found, level, partners, withheld};

use crate::dns::{RData, RecordType, RrSet, SetKey, Zone};
use crate::finding::Findings;
use crate::output::{OutputTree, Sink, sha256};
use crate::picture::{Picture, svg};
use crate::plan::Plan;
use crate::platforms;
use crate::platforms::exchange::object::Object;
use crate::runbook::{hops, prerequisites};
use crate::topology::{DnsManagement, Domain, Holds, Location, Topology};
use crate::values::{Date, OwnerName};
use crate::walk::Flows;
use crate::writer::html::Html;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = include_str!("as_built.css");

/// Rows of a table at most: a page that prints is no place for ten thousand domains, whose files say the same.
const MOST_ROWS: usize = 500;

/// Characters of a property at most.
const MOST_CHARACTERS: usize = 2000;

type Row = Vec<Html>;

/// How every class of mail ends: rows of a table, made while the mail is followed.
pub(crate) struct Proof(Vec<Row>);

impl Proof {
    /// The proof of what was followed.
    pub(crate) fn of(flows: &Flows<'_>) -> Self {
        Self(proof::rows(flows))
    }
}

/// The page about a plan, what was found, and all other files of the output. A `day` stands on it where one is given.
pub(crate) fn page(
    plan: &Plan,
    digest: &str,
    findings: &Findings,
    proof: &Proof,
    tree: &OutputTree,
    day: Option<Date>,
) -> String {
    let topology = &plan.topology;
    let title = match &topology.organization {
        Some(name) => format!("As-built: mail flow of {}", name.value),
        None => "As-built: mail flow".to_owned(),
    };
    let mut page = Html::default();
    page.heading(1, &title);
    let on = day.map_or(String::new(), |day| format!(" on {day}"));
    page.paragraph(&Html::prose(&format!(
        "mailtopo {} made this page{on} from the topology with the SHA-256 digest `{digest}`, together with the files that it lists at the end. It says what these files configure. `verify.ps1` and `install.sh --dry-run` compare it with what is there.",
        env!("CARGO_PKG_VERSION")
    )));
    picture(&mut page, plan);
    section(
        &mut page,
        "Locations",
        &[
            ("location", 20),
            ("product", 25),
            ("hosts", 30),
            ("mail leaves from", 25),
        ],
        &locations(topology),
    );
    long(
        &mut page,
        "Domains",
        &[
            ("domain", 15),
            ("mailboxes", 15),
            ("MX", 17),
            ("SPF", 17),
            ("DKIM", 21),
            ("DMARC", 15),
        ],
        plan.topology.domains.iter(),
        domains(plan),
        "the files in `dns` have their records",
    );
    long(
        &mut page,
        "Routes",
        &[
            ("from", 12),
            ("to", 12),
            ("which mail", 20),
            ("next hop", 20),
            ("TLS at least", 14),
            ("why", 22),
        ],
        hops::rows(plan).iter(),
        |cells| cells.iter().map(|cell| Html::prose(cell)).collect(),
        "`mailtopo routes` lists them",
    );
    connectors(&mut page, plan);
    section(
        &mut page,
        "Certificates",
        &[
            ("of", 20),
            ("names", 45),
            ("issuer", 20),
            ("valid until", 15),
        ],
        &certificates(topology),
    );
    section(
        &mut page,
        "Partners",
        &[
            ("partner", 15),
            ("domains", 20),
            ("TLS of its mail", 14),
            ("TLS of our mail", 14),
            ("it must", 37),
        ],
        &partners(plan),
    );
    section(
        &mut page,
        "Devices",
        &[
            ("device", 15),
            ("addresses", 16),
            ("sends as", 18),
            ("sends to", 16),
            ("it must", 35),
        ],
        &devices(plan),
    );
    found(&mut page, findings);
    section(
        &mut page,
        "What is missing from the output",
        &[("what", 40), ("why", 60)],
        &withheld(plan, findings),
    );
    page.heading(2, "Proof: every class of mail and how it ends");
    page.paragraph(&Html::prose("mailtopo followed the mail of every sender to every class of recipients through the objects of these files. No object tells the recipients of a class apart, so what holds for one holds for all. The TLS level is the least that is guaranteed on the whole path. `mailtopo trace --from SENDER --to RECIPIENT` shows the hops of one message with their reasons."));
    page.table(
        &[
            ("which mail", 34),
            ("from", 24),
            ("path, end and TLS level", 42),
        ],
        proof.0.get(..MOST_ROWS).unwrap_or(&proof.0),
    );
    rest(&mut page, proof.0.len(), "`mailtopo trace` shows each");
    let files: Vec<(&str, &[u8])> = tree.iter().collect();
    long(
        &mut page,
        "Files",
        &[("file", 33), ("SHA-256", 67)],
        files.iter(),
        |(path, bytes)| vec![Html::code(path), Html::code(&sha256(bytes))],
        "`manifest.json` has their digests",
    );
    section(
        &mut page,
        "Acceptance",
        &[("for", 20), ("name", 30), ("date", 15), ("signature", 35)],
        &["the customer", "the contractor"].map(|who| vec![Html::text(who)]),
    );
    page.page(&title, STYLE)
}

/// A heading with its table, of which more than the page has room for are in the spec; nothing where there is no row.
fn section(page: &mut Html, heading: &str, header: &[(&str, u8)], rows: &[Row]) {
    long(
        page,
        heading,
        header,
        rows.iter(),
        Row::clone,
        "the spec has them",
    );
}

/// A section of a table that may be long: its first rows, and where the others are.
fn long<T>(
    page: &mut Html,
    heading: &str,
    header: &[(&str, u8)],
    all: impl ExactSizeIterator<Item = T>,
    row: impl FnMut(T) -> Row,
    others: &str,
) {
    let count = all.len();
    if count == 0 {
        return;
    }
    let rows: Vec<Row> = all.take(MOST_ROWS).map(row).collect();
    page.heading(2, heading);
    page.table(header, &rows);
    rest(page, count, others);
}

/// How many rows a table leaves out, and where they are.
fn rest(page: &mut Html, count: usize, others: &str) {
    let more = count.saturating_sub(MOST_ROWS);
    if more > 0 {
        page.paragraph(&Html::prose(&format!("And {more} more: {others}.")));
    }
}

/// Boxes that are drawn at most: of more nobody reads the labels on a printed page.
const MOST_BOXES: usize = 60;

/// The picture, and its arrows as a table.
fn picture(page: &mut Html, plan: &Plan) {
    let picture = Picture::of(plan, &[]);
    let label = |at: usize| {
        let node = picture.boxes.get(at);
        Html::text(node.map_or("", |node| node.label.as_str()))
    };
    let row = |arrow: &crate::picture::Arrow| {
        vec![
            label(arrow.from),
            label(arrow.to),
            some(arrow.mail.iter().map(|mail| Html::text(mail))),
            arrow
                .tls
                .map_or_else(|| Html::text("follows the MX"), |tls| level(Some(tls))),
        ]
    };
    let rows: Vec<Row> = picture.arrows.iter().map(row).collect();
    if rows.is_empty() {
        return;
    }
    page.heading(2, "Who hands mail to whom");
    if picture.boxes.len() <= MOST_BOXES {
        page.picture(&svg::of(&picture));
        page.paragraph(&Html::text("A dotted line has no TLS, a dashed one has it where both servers offer it, a whole one is encrypted, and a double one verifies the certificate."));
    }
    page.table(
        &[
            ("from", 25),
            ("to", 25),
            ("which mail", 35),
            ("TLS at least", 15),
        ],
        rows.get(..MOST_ROWS).unwrap_or(&rows),
    );
    rest(page, rows.len(), "`mailtopo graph` shows them");
}

fn locations(topology: &Topology) -> Vec<Row> {
    let row = |location: &Location| {
        vec![
            Html::code(&location.name),
            Html::text(&prerequisites::kind(location)),
            codes(location.hosts.iter().map(|at| &at.value)),
            codes(location.egress.iter().map(|at| &at.value)),
        ]
    };
    topology.locations.iter().map(row).collect()
}

fn domains(plan: &Plan) -> impl FnMut(&Domain) -> Row {
    let zones: BTreeMap<&str, &Zone> = plan
        .zones
        .iter()
        .map(|zone| (zone.origin.as_str(), zone))
        .collect();
    let keys = keys(&plan.zones);
    move |domain| {
        let zone = domain
            .name
            .nodes()
            .find_map(|node| zones.get(node).copied());
        let mut row = vec![
            Html::code(&domain.name.unicode()),
            mailboxes(&plan.topology, domain),
        ];
        row.extend(match (&domain.dns, zone) {
            (DnsManagement::Managed, Some(zone)) => records(zone, &keys, domain),
            (DnsManagement::External(_), _) => {
                vec![Html::text("another administrator publishes the records")]
            }
            _ => vec![Html::text("mailtopo writes no records")],
        });
        row
    }
}

fn mailboxes(topology: &Topology, domain: &Domain) -> Html {
    Html::lines(domain.holders.iter().map(|holder| {
        let count = match &holder.holds {
            Holds::Count(count) => format!(": {count}"),
            Holds::Listed(list) => format!(": {}", list.len()),
            Holds::Rest => String::new(),
        };
        Html::prose(&format!(
            "`{}`{count}",
            topology.location(holder.location).name
        ))
    }))
}

/// DKIM records of all zones, by domain.
type Keys<'a> = BTreeMap<&'a str, Vec<(&'a OwnerName, &'a RrSet)>>;

fn keys(zones: &[Zone]) -> Keys<'_> {
    let mut keys = Keys::new();
    for (SetKey { owner, .. }, set) in zones.iter().flat_map(|zone| zone.sets.iter()) {
        if let Some((_, domain)) = owner.as_str().split_once("._domainkey.") {
            keys.entry(domain).or_default().push((owner, set));
        }
    }
    keys
}

/// MX, SPF, DKIM and DMARC of a domain as its zone has them.
fn records(zone: &Zone, keys: &Keys<'_>, domain: &Domain) -> Row {
    let name = domain.name.as_str();
    let at = |owner: &str, kind: RecordType| {
        let set = zone.set(owner, kind);
        set.map_or(&[][..], |set| &set.records)
    };
    let keys = keys.get(name).into_iter().flatten();
    let keys = keys.flat_map(|(owner, set)| {
        let records = set.records.iter();
        records.map(move |at| Html::code(&format!("{owner} {}", said(&at.data))))
    });
    let tagged = |owner: &str, tag: &str| {
        let records = at(owner, RecordType::Txt).iter();
        let records = records.filter(|record| record.data.version_tag().as_deref() == Some(tag));
        Html::lines(records.map(|record| Html::code(&said(&record.data))))
    };
    let exchangers = at(name, RecordType::Mx).iter();
    vec![
        Html::lines(exchangers.map(|record| Html::code(&said(&record.data)))),
        tagged(name, "v=spf1"),
        Html::lines(keys),
        tagged(&format!("_dmarc.{name}"), "v=dmarc1"),
    ]
}

fn said(data: &RData) -> String {
    match data {
        RData::Mx {
            preference,
            exchange,
        } => {
            let host = exchange.as_ref().map_or(".", |host| host.as_str());
            format!("{preference} {host}")
        }
        RData::Txt(octets) => String::from_utf8_lossy(octets).into_owned(),
        RData::Cname(target) => format!("CNAME {target}"),
        other => other.kind().to_string(),
    }
}

/// A property as far as a page has room for it.
fn shortened(text: &str) -> String {
    let mut rest = text.chars();
    let mut shown: String = rest.by_ref().take(MOST_CHARACTERS).collect();
    let more = rest.count();
    if more > 0 {
        let _ = write!(shown, " … and {more} characters more");
    }
    shown
}

/// The objects of each Exchange location, with their properties.
fn connectors(page: &mut Html, plan: &Plan) {
    for (id, location) in plan.topology.locations() {
        let Some(desired) = platforms::desired(plan, id, Sink::Files) else {
            continue;
        };
        let row = |object: &Object| {
            let properties = object.properties.iter().filter_map(|(name, value)| {
                Some(Html::code(&shortened(&format!(
                    "{name} = {}",
                    value.text().ok()?
                ))))
            });
            vec![
                Html::lines([Html::text(object.kind.name), Html::code(&object.name)]),
                Html::lines(properties),
                Html::prose(&object.why),
            ]
        };
        long(
            page,
            &format!("Objects of {}", location.name),
            &[("object", 26), ("properties", 46), ("why", 28)],
            desired.objects.iter(),
            row,
            &format!("`{}/desired.psd1` has them", location.name),
        );
    }
}

/// A list of values.
fn codes<T: ToString>(values: impl IntoIterator<Item = T>) -> Html {
    let values = values.into_iter();
    some(values.map(|value| Html::code(&value.to_string())))
}

/// The first of many pieces, and how many more there are.
fn some(pieces: impl Iterator<Item = Html>) -> Html {
    let mut pieces: Vec<Html> = pieces.collect();
    let more = pieces.len().saturating_sub(proof::SHOWN);
    if more > 0 {
        pieces.truncate(proof::SHOWN);
        pieces.push(Html::text(&format!("{more} more")));
    }
    Html::list(pieces)
}
