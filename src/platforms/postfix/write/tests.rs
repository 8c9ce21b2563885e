//! What is written, read by Postfix's own tools.

use crate::output::OutputTree;
use crate::plan::Plan;
use crate::platforms::postfix::fixture::{at, fabrikam, plan};
use crate::platforms::postfix::write::emit;
use crate::topology::{DeliversTo, LocationKind, MapType, Postfix};
use crate::values::Pattern;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

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

fn files(plan: &Plan) -> OutputTree {
    let mut tree = OutputTree::default();
    let hosts = plan.topology.locations();
    for (id, _) in hosts.filter(|(_, location)| location.postfix().is_some()) {
        emit(plan, id, &mut tree).expect("nothing is refused");
    }
    tree
}

fn file<'t>(tree: &'t OutputTree, path: &str) -> &'t str {
    let found = tree.iter().find(|(name, _)| *name == path);
    let (_, bytes) = found.unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// A plan whose tables need no building, so that any Postfix reads them.
fn texthash() -> Plan {
    let mut topology = fabrikam();
    for location in &mut topology.locations {
        if let LocationKind::Postfix(_) = location.kind {
            location.kind = LocationKind::Postfix(Postfix {
                delivers_to: vec![DeliversTo {
                    pattern: Pattern::Any,
                    service: at("lmtp:unix:private/dovecot-lmtp".to_owned()),
                }],
                map_type: MapType::Texthash,
                ..Postfix::default()
            });
        }
    }
    plan(topology).0
}

#[test]
fn the_tables_of_a_split_domain() {
    let tree = files(&plan(fabrikam()).0);
    let transport = file(&tree, "mx/transport");
    // Keys are padded, which is not what this looks at.
    let squeezed: Vec<String> = transport
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for line in [
        "# domains.fabrikam.com is split. C: the mailboxes here are listed; whoever has no entry is at `cloud`.",
        "fabrikam.com relay:[fabrikam-com.mail.protection.outlook.com]:25",
        "root@fabrikam.com lmtp:unix:private/dovecot-lmtp",
        "lab.fabrikam.com relay:[mail.lab.fabrikam.com]:25",
    ] {
        assert!(
            squeezed.iter().any(|other| other == line),
            "{line}\n{transport}"
        );
    }
    let mailboxes = file(&tree, "mx/virtual_mailbox_domains");
    assert!(mailboxes.contains("bücher.example"), "{mailboxes}");
    assert!(mailboxes.contains("xn--bcher-kva.example"), "{mailboxes}");
    let clients = file(&tree, "mx/client_access");
    assert!(
        clients.contains("10.0.10.7/32        mailtopo_limit_2"),
        "{clients}"
    );
    assert!(clients.contains("192.0.2.26/32"), "{clients}");
}

#[test]
fn the_parameters_are_known_to_postfix_and_stay_as_written() {
    let tree = files(&texthash());
    let folder = tempfile::tempdir().expect("a folder");
    for location in ["mx", "lab"] {
        let config = folder.path().join(location);
        fs::create_dir_all(config.join("mailtopo")).expect("a folder");
        fs::write(
            config.join("main.cf"),
            file(&tree, &format!("{location}/main.cf")),
        )
        .expect("written");
        fs::write(config.join("master.cf"), "").expect("written");
        for (path, bytes) in tree.iter() {
            if let Some(name) = path.strip_prefix(&format!("{location}/")) {
                fs::write(config.join("mailtopo").join(name), bytes).expect("written");
            }
        }
        let output = run("postconf", "postfix", &["-c", text(&config), "-n"]);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{location}");
        let shown = said(&output);
        assert!(shown.contains("relayhost = ["), "{shown}");
        for name in ["transport", "tls_policy", "client_access"] {
            let path = config.join("mailtopo").join(name);
            if !path.exists() {
                continue;
            }
            let kind = if name == "client_access" {
                "cidr"
            } else {
                "texthash"
            };
            let table = format!("{kind}:{}", text(&path));
            let output = run(
                "postmap",
                "postfix",
                &["-c", text(&config), "-q", "192.0.2.26", &table],
            );
            assert_eq!(
                String::from_utf8_lossy(&output.stderr),
                "",
                "{location}/{name}"
            );
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn install_sh_has_nothing_that_shellcheck_minds() {
    let tree = files(&plan(fabrikam()).0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("install.sh");
    fs::write(&path, file(&tree, "mx/install.sh")).expect("written");
    let output = run("shellcheck", "shellcheck", &["--shell=sh", text(&path)]);
    assert!(output.status.success(), "{}", said(&output));
}

/// `--dry-run` in a folder of its own, which any user may do: it shows the changes and makes none.
#[test]
fn a_dry_run_shows_what_would_change_and_changes_nothing() {
    let tree = files(&texthash());
    let folder = tempfile::tempdir().expect("a folder");
    let output_folder = folder.path().join("out");
    let config = folder.path().join("etc");
    fs::create_dir_all(&output_folder).expect("a folder");
    fs::create_dir_all(config.join("mailtopo-private")).expect("a folder");
    for (path, bytes) in tree.iter() {
        if let Some(name) = path.strip_prefix("mx/") {
            fs::write(output_folder.join(name), bytes).expect("written");
        }
    }
    fs::write(
        config.join("main.cf"),
        "myhostname = mail.fabrikam.com\nrelayhost = [old.example]\n",
    )
    .expect("written");
    let master = "smtp unix - - n - - smtp\nrelay unix - - n - - smtp\nlmtp unix - - n - - lmtp\n";
    fs::write(config.join("master.cf"), master).expect("written");
    let script = output_folder.join("install.sh");
    let dry_run = || {
        run(
            "sh",
            "dash",
            &[text(&script), "--dry-run", "--config-dir", text(&config)],
        )
    };
    let refused = dry_run();
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("put the private key"),
        "{}",
        said(&refused)
    );

    let key = config.join("mailtopo-private/mail.fabrikam.com.pem");
    let made = run(
        "openssl",
        "openssl",
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=mail.fabrikam.com",
            "-keyout",
            text(&key),
            "-out",
            text(&folder.path().join("cert")),
        ],
    );
    assert!(made.status.success(), "{}", said(&made));
    let both = fs::read_to_string(&key).expect("a key")
        + &fs::read_to_string(folder.path().join("cert")).expect("a certificate");
    fs::write(&key, both).expect("written");
    let shown = dry_run();
    assert!(shown.status.success(), "{}", said(&shown));
    for line in [
        "-relayhost = [old.example]",
        "+relayhost = [fabrikam-com.mail.protection.outlook.com]:25",
        "nothing is changed",
    ] {
        assert!(said(&shown).contains(line), "{line}\n{}", said(&shown));
    }
    assert!(!config.join("mailtopo").exists());

    fs::write(
        output_folder.join("transport"),
        "a  smtp:[b]\na  smtp:[c]\n",
    )
    .expect("written");
    let refused = dry_run();
    assert!(!refused.status.success(), "a doubled key must not pass");
    assert!(said(&refused).contains("duplicate"), "{}", said(&refused));
}
