//! What the writers write, read by the programs it is for. A program that is missing fails the test and says how to get it.

#![cfg(unix)]

use mailtopo::testing::writer::postfix::{CidrTable, Part, Table, list, parameter, value};
use mailtopo::testing::writer::powershell::{PsValue, command};
use mailtopo::testing::writer::zone::{Data, Record, zone};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a program; without it the test fails.
fn run(program: &str, package: &str, args: &[&str]) -> Output {
    let paths = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let output = Command::new(program).args(args).env("PATH", paths).output();
    output.unwrap_or_else(|error| {
        panic!("{program}: {error}; install it: apt-get install -y {package}")
    })
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn record(owner: &str, data: Data) -> Record {
    Record {
        owner: owner.to_owned(),
        ttl: 3600,
        data,
        comment: "domains.contoso.com \"; ( \\".to_owned(),
    }
}

/// A zone with every type and text of every octet.
fn records() -> Vec<Record> {
    let name = |text: &str| text.to_owned();
    let every: Vec<u8> = (0..=255).collect();
    let digest = vec![7; 32];
    let timers = [7200, 900, 1_209_600, 300];
    vec![
        record(
            "contoso.com",
            Data::Soa {
                primary: name("ns1.dns.example"),
                mailbox: name("hostmaster.contoso.com"),
                serial: 1,
                timers,
            },
        ),
        record("contoso.com", Data::Ns(name("ns1.dns.example"))),
        record(
            "contoso.com",
            Data::Mx {
                preference: 0,
                exchange: name("mx.contoso.com"),
            },
        ),
        record(
            "contoso.com",
            Data::Txt(b"v=spf1 ip4:192.0.2.1 -all".to_vec()),
        ),
        record(
            "contoso.com",
            Data::Caa {
                flags: 0,
                tag: name("issue"),
                value: name("ca.example; a=\"b\\c\""),
            },
        ),
        record("mx.contoso.com", Data::A([192, 0, 2, 1].into())),
        record(
            "mx.contoso.com",
            Data::Aaaa("2001:db8::1".parse().expect("an address")),
        ),
        record(
            "_25._tcp.mx.contoso.com",
            Data::Tlsa {
                usage: 3,
                selector: 1,
                matching: 1,
                data: digest,
            },
        ),
        record(
            "_dmarc.contoso.com",
            Data::Txt(b"v=DMARC1; p=none".to_vec()),
        ),
        record(
            "_imaps._tcp.contoso.com",
            Data::Srv {
                priority: 0,
                weight: 1,
                port: 993,
                target: name("mx.contoso.com"),
            },
        ),
        record(
            "selector1._domainkey.contoso.com",
            Data::Cname(name("s1.dkim.example")),
        ),
        record("every.contoso.com", Data::Txt(every)),
        record("empty.contoso.com", Data::Txt(Vec::new())),
        record("long.contoso.com", Data::Txt(vec![b'\\'; 700])),
        record(
            "new.contoso.com",
            Data::Other {
                kind: 65280,
                data: vec![10, 0, 0, 1],
            },
        ),
        record(
            "none.contoso.com",
            Data::Mx {
                preference: 0,
                exchange: name("."),
            },
        ),
        record(
            "*.none.contoso.com",
            Data::Mx {
                preference: 0,
                exchange: name("."),
            },
        ),
    ]
}

#[test]
fn three_name_servers_take_a_zone() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("contoso.com.zone");
    fs::write(
        &file,
        zone("contoso.com", &records()).expect("can be written"),
    )
    .expect("written");
    let path = text(&file);
    // Without `-i local` the hosts of other zones would be looked up in the network.
    let strict = [
        "-i", "local", "-k", "fail", "-m", "fail", "-M", "fail", "-n", "fail", "-r", "fail", "-S",
        "fail",
    ];
    let named = [&strict[..], &["-D", "-o", "-", "contoso.com", path]].concat();
    for (program, package, args) in [
        ("named-checkzone", "bind9-utils", named.as_slice()),
        ("nsd-checkzone", "nsd", &["contoso.com", path]),
        (
            "kzonecheck",
            "knot-dnssecutils",
            &["-o", "contoso.com", path],
        ),
    ] {
        let output = run(program, package, args);
        let said = said(&output);
        assert!(output.status.success(), "{program}: {said}");
        assert!(
            !said.contains("warning") && !said.contains("error"),
            "{program}: {said}"
        );
    }
    // What BIND publishes is what was meant: it prints the octets in its own spelling, all records are there.
    let published = said(&run("named-checkzone", "bind9-utils", &named));
    for line in [
        "\"v=DMARC1; p=none\"",
        "0 issue \"ca.example; a=\\\"b\\\\c\\\"\"",
        "\\# 4 0A000001",
        "\\000\\001",
        "\\255\"",
    ] {
        assert!(published.contains(line), "{line} is not in {published}");
    }
    assert_eq!(
        published
            .lines()
            .filter(|line| line.contains("\tIN ") || line.contains(" IN "))
            .count(),
        records().len()
    );
}

#[test]
fn postfix_reads_tables_and_parameters_as_they_were_meant() {
    let dir = tempfile::tempdir().expect("a folder");
    let entries = [
        ("contoso.com", "smtp:[hub.contoso.com]:25"),
        (".contoso.com", "error:5.1.2 no such domain # at all"),
        ("bob@contoso.com", "lmtp:unix:private/dovecot-lmtp"),
        (
            "o'brien+x@contoso.com",
            "$myhostname ${x} \"quoted\" 'single' \\",
        ),
        ("münchen.de", "relay:[ü]"),
        ("*", ":"),
    ];
    let mut table = Table::default();
    for (key, value) in entries {
        table.insert(key, value).expect("can be written");
    }
    let lines = table.text().expect("no key stands twice");
    fs::write(dir.path().join("transport"), lines).expect("written");
    let mut networks = CidrTable::default();
    for (network, action) in [
        ("192.0.2.128/25", "REJECT not you"),
        ("192.0.2.0/24", "OK"),
        ("2001:db8::/32", "OK"),
    ] {
        networks
            .push(network.parse().expect("a network"), action)
            .expect("can be written");
    }
    fs::write(dir.path().join("clients"), networks.text()).expect("written");
    let literal = |text| value(&[Part::Text(text)]).expect("can be written");
    let map = value(&[
        Part::Text("texthash:"),
        Part::Parameter("config_directory"),
        Part::Text("/transport"),
    ]);
    let lines = [
        parameter("smtpd_banner", &literal("costs $5, $x #1")),
        parameter("transport_maps", &map.expect("can be written")),
        list(
            "smtpd_relay_restrictions",
            &[
                literal("check_client_access cidr:/etc/postfix/clients"),
                literal("reject_unauth_destination"),
            ],
        ),
    ];
    let lines: Result<Vec<_>, _> = lines.into_iter().collect();
    fs::write(
        dir.path().join("main.cf"),
        lines.expect("can be written").join("\n") + "\n",
    )
    .expect("written");
    let config = text(dir.path());
    // postconf asks for it even where it is not needed.
    fs::write(dir.path().join("master.cf"), "").expect("written");
    let ask = |table: &str, key: &str| {
        let table = format!("{table}{config}/");
        let table = if table.starts_with("cidr") {
            table + "clients"
        } else {
            table + "transport"
        };
        said(&run(
            "postmap",
            "postfix",
            &["-c", config, "-q", key, &table],
        ))
        .trim_end()
        .to_owned()
    };
    for (key, value) in entries {
        assert_eq!(ask("texthash:", key), value, "{key}");
    }
    for (address, action) in [
        ("192.0.2.200", "REJECT not you"),
        ("192.0.2.1", "OK"),
        ("2001:db8::1", "OK"),
        ("198.51.100.1", ""),
    ] {
        assert_eq!(ask("cidr:", address), action, "{address}");
    }
    let parameter = |name: &str| {
        said(&run(
            "postconf",
            "postfix",
            &["-c", config, "-x", "-h", name],
        ))
        .trim_end()
        .to_owned()
    };
    assert_eq!(parameter("smtpd_banner"), "costs $5, $x #1");
    assert_eq!(
        parameter("transport_maps"),
        format!("texthash:{config}/transport")
    );
    assert_eq!(
        parameter("smtpd_relay_restrictions"),
        "check_client_access cidr:/etc/postfix/clients, reject_unauth_destination"
    );
}

#[test]
fn commands_are_one_command_to_the_grammar_of_powershell() {
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .expect("the grammar loads");
    for name in [
        "Connector 1",
        "O'Brien's",
        "$(Get-Item x)",
        "a`\"b\"",
        "; Remove-Item x",
        "@('a')",
        "# no",
        "Zürich",
        "",
    ] {
        let values = [
            ("Name", PsValue::from(name)),
            ("SmartHosts", [name, name].into_iter().collect()),
            ("MaxMessageSize", PsValue::size(35 << 20)),
            ("ConnectorType", PsValue::Null),
            ("Number", PsValue::Int(-1)),
            ("Enabled", true.into()),
            ("Confirm", PsValue::Switch(false)),
            (
                "Thumbprint",
                PsValue::Variable("facts.Thumbprint".to_owned()),
            ),
        ];
        let line = command("New-OutboundConnector", &values).expect("can be written") + "\n";
        let tree = parser.parse(&line, None).expect("parsed");
        let root = tree.root_node().to_sexp();
        assert!(!tree.root_node().has_error(), "{line}{root}");
        assert_eq!(root.matches("(command ").count(), 1, "{line}{root}");
    }
}
