//! `AS-BUILT.html`: it holds nothing but text in elements of its own, its proof is what `trace` says, and it lists every
//! other file. What only a browser can judge is asked by `tests/browser/run.sh`.

use crate::golden::{TODAY, folders, root};
use mailtopo::compile::{self, Input};
use mailtopo::testing::io::DiskFiles;
use mailtopo::testing::output::{AS_BUILT, MANIFEST, Sealed, sha256};
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::source::Files;
use mailtopo::testing::values::{Address, Date};
use mailtopo::testing::walk::{Model, expect, trace};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

fn compiled(spec: &[u8], files: &dyn Files, dated: bool) -> Option<(compile::Checked, Sealed)> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: spec,
        files,
    };
    let today = Date::parse(TODAY).expect("a day");
    let (checked, sealed) = compile::compile(&input, today, dated, Form::Thin);
    Some((checked, sealed?))
}

fn page(sealed: &Sealed) -> String {
    let bytes = sealed.get(AS_BUILT).expect("the page");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The elements of a page, with their attributes.
fn elements(page: &str) -> BTreeSet<&str> {
    let (_, body) = page.split_once("<body>").expect("a body");
    body.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().expect("an end"))
        .collect()
}

const OURS: [&str; 16] = [
    "main", "h1", "h2", "p", "br", "svg", "title", "code", "bdi", "table", "colgroup", "thead",
    "tbody", "tr", "td", "body",
];

fn only_ours(name: &str, page: &str) {
    for element in elements(page) {
        let is_ours = OURS.contains(&element.trim_start_matches('/'))
            || ["th scope=\"col\"", "th scope=\"row\"", "/th", "/html"].contains(&element)
            || [
                "col style=\"width: ",
                "svg xmlns=",
                "rect x=",
                "path d=",
                "text x=",
            ]
            .iter()
            .any(|ours| element.starts_with(ours))
            || element == "/text";
        assert!(is_ours, "{name}: <{element}>");
    }
    assert!(
        page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""),
        "{name}"
    );
}

/// The rows of the table under a heading, as text; lines of a cell are kept apart.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, rest) = page
        .split_once(&format!("<h2>{heading}</h2>"))
        .unwrap_or_else(|| panic!("{heading}"));
    let (table, _) = rest.split_once("</table>").expect("a table");
    let (_, body) = table.split_once("<tbody>").expect("a body");
    let cell = |cell: &str| {
        let mut text = cell.replace("<br>", "\n");
        for element in ["<code>", "</code>", "<bdi>", "</bdi>"] {
            text = text.replace(element, "`");
        }
        text.replace("``", "`")
    };
    body.split("<tr>")
        .skip(1)
        .map(|row| {
            let (row, _) = row.split_once("</tr>").expect("an end");
            let row = row
                .replace("<th scope=\"row\">", "<td>")
                .replace("</th>", "</td>");
            let cells = row.split("</td>").filter(|cell| !cell.is_empty());
            cells
                .map(|text| cell(text.trim_start_matches("<td>")))
                .collect()
        })
        .collect()
}

fn spans(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Of networks with the same right one is followed for all.
const TWO_NETWORKS: &str = "version: 1\nlocations:\n  relay: {kind: postfix, hosts: [relay.contoso.com], egress: [203.0.113.5], certificate: relay.contoso.com, delivers_to: \"lmtp:unix:private/lmtp\", trusted_networks: [10.0.0.0/24, 10.0.1.7]}\ndomains:\n  contoso.com: {mailboxes: relay, mx: relay}\n";

#[test]
fn every_example_has_a_page_whose_proof_is_what_trace_says() {
    let mut pages = 0;
    let mut proved = 0;
    let mut specs: Vec<(String, Vec<u8>, Box<dyn Files>)> = Vec::new();
    for folder in folders(&root("examples")) {
        let spec = fs::read(folder.join("mailtopo.yaml")).expect("a spec");
        let disk = DiskFiles::new(&folder).expect("a folder");
        specs.push((folder.display().to_string(), spec, Box::new(disk)));
    }
    let none: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    specs.push((
        "networks with one right".to_owned(),
        TWO_NETWORKS.into(),
        Box::new(none),
    ));
    for (name, spec, files) in specs {
        let Some((checked, sealed)) = compiled(&spec, files.as_ref(), false) else {
            continue;
        };
        pages += 1;
        let page = page(&sealed);
        only_ours(&name, &page);
        assert!(!page.contains(TODAY), "{name}: a day that nobody asked for");
        let listed: BTreeMap<String, String> = rows(&page, "Files")
            .into_iter()
            .map(|row| {
                (
                    row[0].trim_matches('`').to_owned(),
                    row[1].trim_matches('`').to_owned(),
                )
            })
            .collect();
        let others = sealed
            .iter()
            .filter(|(path, _)| ![AS_BUILT, MANIFEST].contains(path));
        let others: BTreeMap<String, String> = others
            .map(|(path, bytes)| (path.to_owned(), sha256(bytes)))
            .collect();
        assert_eq!(listed, others, "{name}");
        let plan = checked.plan.expect("a plan");
        let model = Model::of(&plan);
        let mut asked = BTreeSet::new();
        let networks = plan.topology.trusted_networks();
        let networks: Vec<&str> = networks.map(|(_, trusted)| trusted.name.as_str()).collect();
        for row in rows(&page, "Proof: every class of mail and how it ends") {
            let [mail, from, ways] = row.as_slice() else {
                panic!("{name}: {row:?}");
            };
            let Some((_, to)) = mail.split_once(", such as ") else {
                assert!(mail.starts_with("unknown addresses of"), "{name}: {mail}");
                continue;
            };
            let to = Address::parse(to.trim_matches('`')).expect("an address");
            let mut senders = spans(from);
            if from.contains("the Internet") {
                senders.push("internet");
            }
            for sender in senders {
                // `trace` knows no networks.
                if networks.contains(&sender) {
                    asked.insert((sender.to_owned(), to.clone()));
                    continue;
                }
                let from = expect::sender(&plan.topology, sender)
                    .unwrap_or_else(|why| panic!("{name}: {why}"));
                let traced: BTreeSet<String> = trace(&model, &from, &to)
                    .ways
                    .iter()
                    .map(|way| way.end.ends.words(&plan.topology))
                    .collect();
                for way in ways.split('\n') {
                    let (_, end) = way.split_once(": ").expect("an end");
                    let end = spans(end)[0];
                    assert!(
                        traced.contains(end),
                        "{name}: {sender} to {to} ends {end}, not one of {traced:?}"
                    );
                    asked.insert((sender.to_owned(), to.clone()));
                }
            }
        }
        proved += asked.len();
        // Every sender that trace knows is in the proof.
        let all: BTreeSet<&str> = asked.iter().map(|(sender, _)| sender.as_str()).collect();
        let devices = plan
            .topology
            .devices
            .iter()
            .map(|device| device.name.as_str());
        let partners = plan
            .topology
            .partners
            .iter()
            .map(|partner| partner.name.as_str());
        let holders = plan
            .topology
            .domains
            .iter()
            .flat_map(mailtopo::testing::topology::Domain::holder_ids);
        let holders = holders.map(|id| plan.topology.location(id).name.as_str());
        for sender in devices
            .chain(partners)
            .chain(networks)
            .chain(holders)
            .chain(["internet"])
        {
            assert!(
                all.contains(sender),
                "{name}: nothing is proved of {sender}"
            );
        }
    }
    assert!(pages > 20 && proved > 300, "{pages} pages, {proved} proofs");
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\\\"' &lt; `x`";
    let spec = format!(
        "version: 1\norganization: \"{hostile}\"\nlocations:\n  cloud: {{kind: exchange-online, tenant: contoso}}\n  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {{via: cloud}}}}\ndomains:\n  contoso.com: {{mailboxes: {{cloud: 400, hq: 60}}, mx: cloud}}\nignore:\n  - {{check: R005, reason: \"{hostile}\"}}\n"
    );
    let (_, sealed) = compiled(spec.as_bytes(), &BTreeMap::new(), true).expect("an output");
    let page = page(&sealed);
    only_ours("hostile", &page);
    assert!(
        page.contains("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x"),
        "{page}"
    );
    assert!(page.contains("Accepted findings"));
    assert!(page.contains(TODAY));
}

/// A page that prints shows what fits, and says how much else there is and where it stands.
#[test]
fn a_large_topology_has_a_page_that_can_be_read() {
    let domains: Vec<String> = (0..1200)
        .map(|at| format!("  d{at:04}.example: {{mailboxes: hq, mx: cloud}}\n"))
        .collect();
    let domains = domains.concat();
    let spec = format!(
        "version: 1\nlocations:\n  cloud: {{kind: exchange-online, tenant: contoso}}\n  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: d0000.example, sends: {{via: cloud}}}}\ndomains:\n{domains}"
    );
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let (_, sealed) = compiled(spec.as_bytes(), &files, false).expect("an output");
    let page = page(&sealed);
    only_ours("many domains", &page);
    assert!(page.len() < 600_000, "{} octets", page.len());
    for part in [
        "And 700 more: the files in <code><bdi>dns</bdi></code> have their records.",
        "<code><bdi>manifest.json</bdi></code> has their digests.",
        "1160 more",
        "characters more",
        "<svg xmlns=",
    ] {
        assert!(page.contains(part), "{part}");
    }
}
