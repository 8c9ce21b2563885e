//! `graph --format html`: the page shows for every address what `trace` says. What only a browser can judge is asked by
//! `tests/browser/run.sh`.

use crate::golden::{TODAY, folders, root};
use mailtopo::compile::{self, Input};
use mailtopo::testing::finding::Severity;
use mailtopo::testing::io::DiskFiles;
use mailtopo::testing::path_page;
use mailtopo::testing::source::Files;
use mailtopo::testing::topology::Sender;
use mailtopo::testing::values::{Address, Date};
use mailtopo::testing::walk::{Model, expect, trace};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

struct Page {
    checked: compile::Checked,
    text: String,
    data: Value,
}

fn page(spec: &[u8], files: &dyn Files) -> Option<Page> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: spec,
        files,
    };
    let today = Date::parse(TODAY).expect("a day");
    let checked = compile::check(&input, today);
    let text = path_page::page(checked.plan.as_ref()?, &checked.findings);
    let (_, rest) = text.split_once("id=\"data\">").expect("data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    let data = serde_json::from_str(data).expect("JSON");
    Some(Page {
        checked,
        text,
        data,
    })
}

/// A place in a list.
fn index(number: &Value) -> usize {
    let number = number.as_u64().expect("a number");
    usize::try_from(number).expect("a small number")
}

/// The number of the answer for an address, found as the script of the page does.
fn look_up(data: &Value, address: &Address) -> usize {
    let entry = |local: &str| data["addresses"].get(format!("{local}@{}", address.domain()));
    let local = address.local();
    if let Some(found) = entry(local) {
        return index(&found[0]);
    }
    for (cut, mark) in local.char_indices().skip(1) {
        if let Some(found) = entry(&local[..cut])
            && let Some(extended) = found[1].get(mark.to_string())
        {
            return index(extended);
        }
    }
    let name = address.domain().as_str();
    let mut patterns = vec![name.to_owned()];
    let above = name.match_indices('.').map(|(at, _)| &name[at + 1..]);
    for (number, above) in above.enumerate() {
        patterns.extend((number > 0).then(|| format!("*.*.{above}")));
        patterns.push(format!("*.{above}"));
    }
    patterns.push("*".to_owned());
    let found = patterns
        .iter()
        .find_map(|pattern| data["names"].get(pattern));
    index(found.expect("an answer"))
}

/// The paths that the page shows, as text.
fn shown(data: &Value, sender: usize, to: &Address) -> BTreeSet<String> {
    let result = &data["answers"][look_up(data, to)][sender];
    let result = &data["results"][index(result)];
    let say = |value: &Value| {
        let text = value
            .as_str()
            .expect("text")
            .replace('\u{e000}', to.domain().as_str());
        text.replace('\u{e001}', &to.to_string())
    };
    let ways = result["ways"].as_array().expect("ways").iter();
    ways.map(|way| {
        let way = &data["ways"][index(way)];
        let mut text = String::new();
        for hop in way["hops"].as_array().expect("hops") {
            let hop = &data["hops"][index(hop)];
            let tls = hop[3].as_str().unwrap_or("-");
            let _ = write!(
                text,
                "{} {} {} {tls}; ",
                say(&hop[0]),
                say(&hop[1]),
                say(&hop[2])
            );
        }
        text + &format!("{} {}", say(&way["ends"]), say(&way["certainty"]))
    })
    .collect()
}

fn traced(page: &Page, from: &Sender, to: &Address) -> BTreeSet<String> {
    let plan = page.checked.plan.as_ref().expect("a plan");
    let found = trace(&Model::of(plan), from, to);
    let ways = found.ways.iter();
    ways.map(|way| {
        let mut text = String::new();
        for hop in &way.hops {
            let tls = hop.tls.as_deref().unwrap_or("-");
            let _ = write!(text, "{} {} {} {tls}; ", hop.at, hop.to, hop.by);
        }
        let sure = serde_json::to_value(way.certainty).expect("a word");
        text + &format!(
            "{} {}",
            way.end.ends.words(&plan.topology),
            sure.as_str().expect("text")
        )
    })
    .collect()
}

/// Addresses of every kind: those of the data, with an extension too, and others of each name and below it.
fn addresses(data: &Value) -> BTreeSet<Address> {
    let listed = data["addresses"].as_object().expect("addresses").keys();
    let mut texts: Vec<String> = listed
        .take(60)
        .flat_map(|text| {
            let (local, name) = text.rsplit_once('@').expect("an address");
            [text.clone(), format!("{local}+more@{name}")]
        })
        .collect();
    for pattern in data["names"].as_object().expect("names").keys() {
        let name = match pattern.strip_prefix('*') {
            None => pattern.clone(),
            Some("") => "nobody-knows.example".to_owned(),
            Some(below) => format!("down{}", below.replace('*', "deep")),
        };
        texts.extend([format!("nobody@{name}"), format!("Some.One@{name}")]);
    }
    texts
        .iter()
        .filter_map(|text| Address::parse(text).ok())
        .collect()
}

#[test]
fn every_address_has_the_paths_of_trace() {
    let mut asked = 0;
    let mut specs = folders(&root("examples"));
    specs.extend(folders(&root("tests/field")).into_iter().step_by(4));
    for folder in specs {
        let Ok(spec) = fs::read(folder.join("mailtopo.yaml")) else {
            continue;
        };
        let disk = DiskFiles::new(&folder).expect("a folder");
        let Some(page) = page(&spec, &disk) else {
            continue;
        };
        let plan = page.checked.plan.as_ref().expect("a plan");
        for (number, name) in page.data["senders"]
            .as_array()
            .expect("senders")
            .iter()
            .enumerate()
        {
            let from =
                expect::sender(&plan.topology, name.as_str().expect("text")).expect("a sender");
            for to in addresses(&page.data) {
                let expected = traced(&page, &from, &to);
                assert_eq!(
                    shown(&page.data, number, &to),
                    expected,
                    "{}: {name} to {to}",
                    folder.display()
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 1000, "only {asked} paths were compared");
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "</script><script>alert(1)</script><!-- <b>";
    let spec = format!(
        "version: 1\norganization: \"{hostile}\"\nlocations:\n  cloud: {{kind: exchange-online, tenant: contoso}}\n  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}}\ndomains:\n  contoso.com: {{mailboxes: {{cloud: 400, hq: 60}}, mx: cloud}}\nroutes:\n  - {{name: \"{hostile}\", from: cloud, to: hq, recipients: [contoso.com]}}\n"
    );
    let none: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let page = page(spec.as_bytes(), &none).expect("a page");
    assert_eq!(page.text.matches("<script").count(), 2, "{}", page.text);
    assert_eq!(page.text.matches("</script>").count(), 2);
    assert!(!page.text.contains("<b>") && !page.text.contains("<!--"));
    let hops = page.data["hops"].to_string();
    assert!(hops.contains("alert(1)"), "{hops}");
}

/// A page of hundreds of locations can still be opened, and says what it leaves out.
#[test]
fn a_large_topology_has_a_small_page() {
    let mut spec = String::from(
        "version: 1\nlocations:\n  hub: {kind: postfix, hosts: [hub.example.com], egress: [192.0.2.1], certificate: hub.example.com, delivers_to: \"lmtp:unix:private/lmtp\"}\n",
    );
    for at in 0..300 {
        let _ = writeln!(
            spec,
            "  l{at}: {{kind: postfix, hosts: [l{at}.example.com], egress: [198.51.{}.{}], certificate: l{at}.example.com, delivers_to: \"lmtp:unix:private/lmtp\", sends: {{via: hub}}}}",
            100 + at / 250,
            at % 250 + 1
        );
    }
    spec.push_str("domains:\n  example.com: {mailboxes: hub, mx: hub, dns: none}\n");
    for at in 0..300 {
        let _ = writeln!(
            spec,
            "  d{at}.example.com: {{mailboxes: l{at}, mx: hub, dns: none}}"
        );
    }
    let none: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let page = page(spec.as_bytes(), &none).expect("a page");
    assert!(page.text.len() < 2_000_000, "{} octets", page.text.len());
    assert!(
        page.data["left_out"].as_u64() > Some(200),
        "{}",
        page.data["left_out"]
    );
    let to = Address::parse("someone@d7.example.com").expect("an address");
    let from = Sender::Party(mailtopo::testing::topology::Party::Internet);
    assert_eq!(shown(&page.data, 0, &to), traced(&page, &from, &to));
}

#[test]
fn a_finding_has_a_number_where_its_objects_are_drawn() {
    let spec = b"version: 1
locations:
  alpha: {kind: smtp, hosts: [a.example.net], certificate: a.example.net}
  bravo: {kind: gateway, hosts: [b.example.net], certificate: b.example.net, sends: {via: alpha}}
domains:
  tailspin.example: {mailboxes: alpha, mx: bravo}
";
    let page = page(spec, &BTreeMap::new()).expect("a plan");
    let open = page.checked.findings.iter();
    let open = open.filter(|it| it.severity > Severity::Note).count();
    assert!(open > 0, "{:?}", page.checked.findings);
    let mut drawn = page.text.split("fill=\"#b00020\"/>\n<text ").skip(1);
    let numbers: BTreeSet<String> = drawn
        .by_ref()
        .filter_map(|rest| rest.split(['>', '<']).nth(1))
        .flat_map(|text| text.split(' ').map(str::to_owned))
        .collect();
    assert!(!numbers.is_empty(), "no number in the picture");
    for number in numbers {
        assert!(
            page.text.contains(&format!("<td>{number}</td>"))
                || page
                    .text
                    .contains(&format!("<th scope=\"row\">{number}</th>")),
            "{number}"
        );
    }
}
