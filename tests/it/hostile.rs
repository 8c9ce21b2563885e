//! Exports that are made to break a reader: each ends with a reason or a draft, with little memory, and without a panic.

use crate::cli::{mailtopo, stderr};
use crate::drift::{bytes, clixml, examples, json_text, part};
use crate::exports::{csv, dsc, format_list, graph};
use mailtopo::compile::Input;
use mailtopo::testing::values::Date;
use mailtopo::testing::{drift, import, read_export};
use serde_json::Value;
use std::fs;
use std::path::Path;

#[path = "../../fuzz/targets.rs"]
mod targets;
use targets::{READERS, read};

fn utf16(text: &str, mark: &[u8], order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut octets = mark.to_vec();
    octets.extend(text.encode_utf16().flat_map(order));
    octets
}

/// What is refused: the reader, what it is given, and a part of the reason.
fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let deep = |start: &str, open: &str, close: &str| {
        [start, &open.repeat(1_000_000), &close.repeat(1_000_000)]
            .concat()
            .into_bytes()
    };
    let objs = |inside: &str| format!("<Objs>{inside}</Objs>").into_bytes();
    let within = |property: &str| objs(&format!("<Obj><Props>{property}</Props></Obj>"));
    let resource = |inside: &str| {
        format!("Import-DscResource -ModuleName x\nEXOInboundConnector \"a\"\n{{\n Identity = \"a\"\n {inside}")
            .into_bytes()
    };
    let half = "<Objs>\u{e4}</Objs>"
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("Latin-1"));
    vec![
        ("none", Vec::new(), "form is not known"),
        ("none", vec![0; 4096], "form is not known"),
        ("none", b"\xff\xfe".to_vec(), "form is not known"),
        ("none", b"\xff\xfe<\0O".to_vec(), "whole UTF-16"),
        ("none", b"\xfe\xff\xd8\x00\x00<".to_vec(), "whole UTF-16"),
        ("none", half.collect(), "neither UTF-8 nor UTF-16"),
        ("none", b"{\"a\": \"\xe4\"}".to_vec(), "neither UTF-8 nor UTF-16"),
        ("clixml", b"<!DOCTYPE a [<!ENTITY a \"b\"><!ENTITY c \"&a;&a;&a;&a;\">]><Objs>&c;</Objs>".to_vec(), "document type"),
        ("clixml", within("<S N=\"Name\">&a;</S>"), "entity"),
        ("clixml", within("<S N=\"Name\">&#xffffffff;</S>"), "no XML"),
        ("clixml", deep("", "<Obj>", "</Obj>"), "deep in each other"),
        ("clixml", deep("<Objs>", "<LST>", "</LST>"), "deep in each other"),
        ("clixml", b"<Objs><Obj>".to_vec(), "ends before"),
        ("clixml", b"<Objs></Obj>".to_vec(), "no XML"),
        ("clixml", objs(&"<Obj><Props><S N=\"DomainType\">a</S><S N=\"Name\">a</S></Props></Obj>".repeat(60_000)), "more than 100000 values"),
        ("clixml", within(&format!("<S N=\"Name\">{}</S>", "a".repeat(25 << 20))), "more than 24 MB"),
        ("clixml", within(&format!("<S N=\"{}\">a</S>", "a".repeat(25 << 20))), "more than 24 MB"),
        ("json", deep("", "[", "]"), "no JSON"),
        ("json", deep("", "{\"a\":", "}"), "no JSON"),
        ("json", b"{\"Name\": \"a\"} {".to_vec(), "no JSON"),
        ("json", format!("[{}]", vec!["[]"; 200_000].join(",")).into_bytes(), "more than 100000 values"),
        ("json", format!("{{\"What\": \"{}\"}}", "a".repeat(25 << 20)).into_bytes(), "more than 24 MB"),
        ("json", format!("\u{feff}[{}", " ".repeat(33 << 20)).into_bytes(), "larger than 32 MB"),
        ("state", b"{\"What\": \"state\"}".to_vec(), "another version"),
        ("state", b"{\"What\": \"state\", \"Format\": 1, \"Whole\": true, \"Product\": \"online\", \"Objects\": [{}]}".to_vec(), "has no properties"),
        ("graph", b"{\"resources\": 1}".to_vec(), "no list"),
        ("graph", b"{\"resources\": [{}]}".to_vec(), "no `resourceType`"),
        ("graph", b"{\"value\": [{\"resources\": []}, {\"resources\": []}]}".to_vec(), "2 snapshots"),
        ("graph", b"{\"value\": []}".to_vec(), "no export"),
        ("dsc", resource("A = @(1, 2"), "ends before"),
        ("dsc", resource("A = \"not closed"), "ends before"),
        ("dsc", resource("A = @\"\nnot closed"), "ends before"),
        ("dsc", resource("A = MSFT_B{"), "ends before"),
        ("dsc", resource("A B"), "has no value"),
        ("dsc", resource("= 1"), "no property"),
        ("dsc", resource(&format!("A = {}", "@(".repeat(1_000_000))), "deep in each other"),
        ("dsc", b"Import-DscResource -ModuleName x\n".to_vec(), "no resources"),
        ("dsc", b"@{ NonNodeData = @() }".to_vec(), "no organization"),
        ("csv", format!("\"a\",\"b\"\n{}", ",\n".repeat(200_000)).into_bytes(), "more than 100000 values"),
        ("csv", b"\"a\",\"b\"\n1\n".to_vec(), "more or fewer values"),
        ("csv", b"\"a\",\"b\"\n\"1".to_vec(), "not closed"),
        ("list", "a : b\n".repeat(200_000).into_bytes(), "more than 100000 values"),
        ("zone", format!("$ORIGIN a.\n@ TXT {}", "a ".repeat(30_000)).into_bytes(), "more than 20000 words"),
        ("zone", format!("$ORIGIN a.\n{}", "@ NS b\n".repeat(200_000)).into_bytes(), "more than 100000 values"),
        ("zone", b"$ORIGIN a.\n@ TXT \"not closed\n".to_vec(), "not closed"),
        ("postfix", "a = b\n".repeat(200_000).into_bytes(), "more than 100000 values"),
        ("postfix", format!("a = b\n{}", " c\n".repeat(12 << 20)).into_bytes(), "larger than 32 MB"),
        ("postfix", b"relayhost = a\nhunter2\n".to_vec(), "line 2 of `main.cf` sets nothing"),
    ]
}

#[test]
fn what_is_made_to_break_a_reader_is_refused() {
    for (reader, octets, part) in refused() {
        let why = read_export("export", &octets).expect_err(part);
        let start = String::from_utf8_lossy(&octets[..octets.len().min(60)]).into_owned();
        assert!(why.contains(part), "{reader}: {part}: {why}: {start:?}");
        assert!(
            why.len() < 400 && !why.contains("hunter2"),
            "{reader}: {why}"
        );
    }
}

/// The same state in every form, and in every encoding.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let all = examples();
    let sample = all.iter().find(|sample| sample.name.starts_with("24-"));
    let states = &sample.expect("an example").states;
    let mut seeds = Vec::new();
    for state in states.values() {
        seeds.push(("state", bytes(state)));
        seeds.push(("clixml", clixml(state)));
        seeds.push(("json", json_text(state, true, true)));
        seeds.push(("list", format_list(state, 4)));
        seeds.extend(csv(state).into_iter().map(|octets| ("csv", octets)));
        if state["Product"] == "online" {
            seeds.extend(dsc(state).into_iter().map(|octets| ("dsc", octets)));
            seeds.push(("graph", graph(state)));
        }
    }
    for (form, text) in [
        (
            "zone",
            "$ORIGIN zone.example.\n$TTL 1h\n@ SOA ns.a. host ( 7 3h 1h 1w 1h )\n  NS ns.a.\n@ MX 10 mail\n@ TXT \"v=spf1 \" \"\\\"mx\\065 -all\"\nmail 300 A 192.0.2.1\n",
        ),
        (
            "octodns",
            "---\n'':\n  - {type: MX, ttl: 3600, value: {preference: 10, exchange: mail.zone.example.}}\nmail: {type: A, ttl: 300, values: [192.0.2.1]}\n",
        ),
        (
            "dnscontrol",
            "{\"domains\": [{\"name\": \"zone.example\", \"records\": [{\"type\": \"MX\", \"name\": \"@\", \"ttl\": 3600, \"mxpreference\": 10, \"target\": \"mail\"}]}]}",
        ),
        (
            "postfix",
            "myhostname = mx.contoso.com\nrelay_domains = contoso.com,\n  hash:/etc/postfix/relay\ntransport_maps = hash:/etc/postfix/transport\nrelayhost = [$myhostname]:587\n",
        ),
    ] {
        seeds.push((form, text.as_bytes().to_vec()));
        seeds.push((form, utf16(text, &[], u16::to_le_bytes)));
        seeds.push((form, utf16(text, &[], u16::to_be_bytes)));
        seeds.push((form, utf16(text, &[0xfe, 0xff], u16::to_be_bytes)));
    }
    seeds
}

/// So many changes are made to each export in an everyday run; `FUZZ` says another number.
const CHANGES: u64 = 150;

/// Every reader takes an export with some octets changed, left out, doubled or put in, or refuses it.
#[test]
fn a_changed_export_breaks_no_reader() {
    let changes = std::env::var("FUZZ").map_or(CHANGES, |text| text.parse().expect("a number"));
    let parts: [&[u8]; 16] = [
        b"\0",
        b"\"",
        b"'",
        b"{",
        b"}",
        b"@(",
        b"<Obj>",
        b"</",
        b"&#0;",
        b"_x0000_",
        b"$(",
        b"`",
        b"\n ",
        b"\xff",
        b"99999999999999999999",
        b"\\",
    ];
    let mut number = 0x2026_1129_u64;
    let mut chance = |below: usize| {
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        usize::try_from(number % below.max(1) as u64).expect("is small")
    };
    let (mut read, mut looked_at) = (0, 0);
    for (form, seed) in seeds() {
        read_export("zone.example.yaml", &seed).unwrap_or_else(|why| panic!("{form}: {why}"));
        for _ in 0..changes {
            let mut octets = seed.clone();
            for _ in 0..=chance(3) {
                if octets.is_empty() {
                    break;
                }
                let at = chance(octets.len());
                let end = (at + 1 + chance(12)).min(octets.len());
                match chance(5) {
                    0 => octets[at] ^= 1 << chance(8),
                    1 => drop(octets.drain(at..end)),
                    2 => octets.truncate(at.max(1)),
                    3 => {
                        let part = octets[at..end].to_vec();
                        octets.splice(at..at, part);
                    }
                    _ => drop(octets.splice(at..at, parts[chance(parts.len())].iter().copied())),
                }
            }
            read += usize::from(read_export("zone.example.yaml", &octets).is_ok());
            // What is read is compared, too: an object with anything in it breaks nothing behind the reader.
            if looked_at % 16 == 0 {
                drop(compared(&octets));
            }
            looked_at += 1;
        }
    }
    println!("{read} of {looked_at} changed exports are read");
    assert!(read > 100 && looked_at - read > 100);
}

/// What the fuzz targets run, with octets that are the same every day.
#[test]
fn every_fuzz_target_reaches_its_reader() {
    const LETTERS: &[u8] = b"\"'{}[]()<>&;:,$`\\\n a1\0\xffEnablDomin/=@#";
    let mut number = 0x2026_1130_u64;
    for (reader, _, start) in READERS {
        assert!(!start.is_empty(), "{reader}");
        let file = format!("fuzz/fuzz_targets/{}.rs", reader.replace('-', "_"));
        let text = fs::read_to_string(crate::golden::root(&file)).expect("a target");
        assert!(
            text.contains(&format!("targets::read(\"{reader}\", data)")),
            "{file}"
        );
        for length in 0..200 {
            let data: Vec<u8> = (0..length)
                .map(|_| {
                    number = number
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let at = usize::try_from(number >> 40).expect("is small");
                    LETTERS[at % LETTERS.len()]
                })
                .collect();
            read(reader, &data);
        }
    }
}

/// The most memory that a run of the program took, in octets. Linux says it of a process that is there, so that it is asked
/// again and again.
#[cfg(target_os = "linux")]
fn most_memory(folder: &Path, words: &[&str]) -> (u64, Option<i32>, String) {
    use std::process::Stdio;
    let out = folder.join("out");
    drop(fs::remove_dir_all(&out));
    let mut run = mailtopo(folder, words);
    let mut child = run
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("a child").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let size = line.and_then(|line| {
            line.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<u64>()
                .ok()
        });
        most = most.max(size.unwrap_or_default() << 10);
    }
    let done = child.wait_with_output().expect("a child");
    let said = stderr(&done);
    (most, done.status.code(), said)
}

/// 64 MB above the size of the input are enough for whatever is read, to import it or to compare it.
#[cfg(target_os = "linux")]
#[test]
fn no_export_takes_much_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mailtopo.yaml"), SPEC).expect("a file");
    let import = ["import", "cloud=export", "--out", "out"];
    let drift = ["drift", "mailtopo.yaml", "cloud=export"];
    let path = folder.path().join("export");
    let many = |object: &str, times: usize| object.repeat(times);
    let connector = "<Obj><Props><S N=\"Name\">a</S><S N=\"DomainType\">InternalRelay</S><S N=\"DomainName\">a.example</S></Props></Obj>";
    let mut all: Vec<(&str, Vec<u8>)> = refused()
        .into_iter()
        .map(|(reader, octets, _)| (reader, octets))
        .collect();
    all.retain(|(_, octets)| octets.len() > 100_000);
    all.extend([
        (
            "clixml in UTF-16",
            utf16(
                &format!("<Objs>{}</Objs>", many(connector, 200_000)),
                &[0xff, 0xfe],
                u16::to_le_bytes,
            ),
        ),
        (
            "attributes",
            format!("<Objs><Obj {}/></Objs>", many("N=\"a\" ", 1_000_000)).into_bytes(),
        ),
        (
            "octodns",
            format!("a: {{type: A, values: [{}]}}", many("1,", 500_000)).into_bytes(),
        ),
        (
            "text of letters",
            utf16(&many("\u{65e5}", 14 << 20), &[0xff, 0xfe], u16::to_le_bytes),
        ),
        (
            "parameters that name themselves",
            format!(
                "no_table_knows = 1\nrelay_domains = {}\n",
                many("$relay_domains ", 20_000)
            )
            .into_bytes(),
        ),
        (
            "names of properties",
            Value::Object((0..99_000).map(|at| (at.to_string(), 1.into())).collect())
                .to_string()
                .into_bytes(),
        ),
    ]);
    // Each takes a moment, so that an everyday run takes every fourth.
    let part = part(4);
    for (number, (what, octets)) in all.iter().rev().step_by(part).enumerate() {
        fs::write(&path, octets).expect("a file");
        let (words, codes) = if number.is_multiple_of(2) {
            (&import[..], [1, 2])
        } else {
            // A form that is read has nothing of the spec, or everything: no mail suffers for certain.
            (&drift[..], [0, 2])
        };
        let (most, code, said) = most_memory(folder.path(), words);
        let is_wanted = code.is_some_and(|code| code == 1 || codes.contains(&code));
        assert!(is_wanted, "{what}: {code:?} {said}");
        let above = most.saturating_sub(octets.len() as u64);
        println!(
            "{what}: {} MB, {} MB above the input",
            most >> 20,
            above >> 20
        );
        assert!(
            above <= 64 << 20,
            "{what}: {} MB above its {} MB",
            above >> 20,
            octets.len() >> 20
        );
    }
    // A file without contents takes no room on the disk.
    let file = fs::File::create(&path).expect("a file");
    file.set_len(1 << 30).expect("a size");
    for words in [&import[..], &drift] {
        let (most, code, said) = most_memory(folder.path(), words);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("larger than 256 MB"), "{said}");
        assert!(most <= (1 << 30) + (64 << 20), "{most}");
    }
}

/// Parameters and entries of tables are looked for by name: twice as many take about twice as long, and not four times.
#[test]
fn many_lines_of_a_postfix_host_are_read_in_their_time() {
    let today = Date::parse("2026-01-01").expect("a day");
    let lines = |times: usize, line: &dyn Fn(usize) -> String| -> Vec<u8> {
        (0..times).map(line).collect::<String>().into_bytes()
    };
    let read = |times: usize| {
        let main = b"transport_maps = hash:/etc/postfix/t\nrelay_domains = hash:/etc/postfix/r\n";
        let unknown = lines(times, &|at| format!("zz{at} = ${{other{at}}}x\n"));
        let entries = lines(times, &|at| format!("d{at}.example smtp:[in.example]\n"));
        let domains = lines(times, &|at| format!("d{at}.example x\n"));
        let files = std::collections::BTreeMap::from([
            ("main.cf".to_owned(), [&main[..], &unknown].concat()),
            ("t".to_owned(), entries),
            ("r".to_owned(), domains),
        ]);
        let start = std::time::Instant::now();
        mailtopo::testing::import_folder("mx", &files, today).expect("a draft");
        start.elapsed()
    };
    let (once, more) = (read(1_000), read(8_000));
    // Eight times as many in at most thirty times the time: the machine may have other work to do.
    assert!(more < once * 30, "{once:?} and {more:?}");
}

/// Exports that are made to break a reader end with a reason, or with a draft.
#[test]
fn a_hostile_export_is_refused_or_accounted_for() {
    let deep = |open: &str, close: &str| [open.repeat(20_000), close.repeat(20_000)].concat();
    let long = "a".repeat(1 << 18);
    let texts = [
        String::new(),
        "\0".repeat(4096),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        deep("<Obj>", "</Obj>"),
        deep("(", ")"),
        "<!DOCTYPE a [<!ENTITY a \"&a;&a;\">]><Objs>&a;</Objs>".to_owned(),
        format!("$ORIGIN {long}.\n@ IN A 192.0.2.1\n"),
        format!("$ORIGIN zone.example.\n{}", deep("( ", ") ")),
        format!("$ORIGIN zone.example.\n@ TXT \"{long}\"\n"),
        "$ORIGIN zone.example.\n@ TXT \"not closed\n".to_owned(),
        "$ORIGIN zone.example.\n@ 99999999999999999999w IN A 192.0.2.1\n".to_owned(),
        "$ORIGIN zone.example.\n@ MX 70000 .\n@ TYPE70000 \\# 1 zz\n".to_owned(),
        "$TTL 1h\n@ SOA a b\n".to_owned(),
        "{\"domains\": [{\"name\": \"zone.example\", \"records\": [{}]}]}".to_owned(),
        "[{\"DomainType\": {\"a\": [[[]]]}, \"DomainName\": [1, 2]}]".to_owned(),
        "{\"DomainType\": 3, \"DomainName\": \"contoso.onmicrosoft.com\"}".to_owned(),
    ];
    for text in texts {
        for location in ["dns", "cloud"] {
            let exports = [(location, text.as_bytes())];
            if let Err(why) = import(&exports, Date::parse("2026-01-01").expect("a day")) {
                assert!(why.len() < 4096, "{why}");
            }
        }
        if let Err(why) = compared(text.as_bytes()) {
            assert!(why.len() < 4096, "{why}");
        }
    }
}

const SPEC: &str = "version: 1
locations:
  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
domains:
  contoso.com: {mailboxes: cloud, mx: cloud, dkim: [], dns: none}
";

/// Compares a spec with an export.
fn compared(export: &[u8]) -> Result<String, String> {
    let files =
        std::collections::BTreeMap::from([("mailtopo.yaml".to_owned(), SPEC.as_bytes().to_vec())]);
    let input = Input {
        name: "mailtopo.yaml",
        bytes: SPEC.as_bytes(),
        files: &files,
    };
    let today = Date::parse("2026-01-01").expect("a day");
    let (_, json) = drift(&input, &[("cloud", export)], today)?;
    Ok(json)
}

/// What cannot be read is compared with nothing.
#[test]
fn what_is_made_to_break_a_reader_is_not_compared() {
    for (reader, octets, part) in refused() {
        let why = compared(&octets).expect_err(part);
        assert!(why.contains(part), "{reader}: {part}: {why}");
    }
}
