//! `install.sh` on a host with a running Postfix: as a whole or not at all.

use super::host::{Authority, Host, emitted};
use super::lab::{arg, folder, path, run, said};
use super::specs::{case, examples};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A host before its first installation, and the files for it.
fn ready() -> (Host<'static>, TempDir) {
    let cases = examples();
    let case = cases
        .iter()
        .find(|case| case.name == "07-postfix-and-cloud")
        .expect("the example");
    let files = emitted(&case.plan, "mx");
    let own =
        "smtpd_restriction_classes = greylist\ngreylist = permit\nrelayhost = [old.example]\n";
    let host = Host::new(None, "mail.fabrikam.com", None, own, "");
    let key = host.config().join("mailtopo-private/mail.fabrikam.com.pem");
    Authority::new().issue("mail.fabrikam.com", &key);
    (host, files)
}

fn parameter(host: &Host<'_>, name: &str) -> String {
    let output = run("postconf", &["-c", arg(&host.config()), "-h", name]);
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Every file of a folder with its bytes, links followed.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let output = run("find", &["-L", arg(folder), "-type", "f"]);
    let mut list: Vec<_> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|path| (path.to_owned(), fs::read(path).unwrap_or_default()))
        .collect();
    list.sort();
    list
}

/// Runs the script with a `postfix` that fails at one command.
fn with_broken(host: &Host<'_>, files: &TempDir, command: &str) -> Output {
    let bin = folder();
    let wrapper = bin.path().join("postfix");
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *{command}*) echo broken >&2; exit 1;; esac\nexec /usr/sbin/postfix \"$@\"\n"
    );
    fs::write(&wrapper, text).expect("written");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("a mode");
    Command::new("sh")
        .args(["-c", "ulimit -n 256; exec sh \"$@\"", "sh"])
        .arg(files.path().join("install.sh"))
        .arg("--config-dir")
        .arg(host.config())
        .env("PATH", format!("{}:{}", arg(bin.path()), path()))
        .stdin(Stdio::null())
        .output()
        .expect("sh")
}

#[test]
fn it_is_put_in_place_once_and_a_second_run_changes_nothing() {
    let (host, files) = ready();
    host.start();
    let script = files.path().join("install.sh");
    let before = contents(&host.config());
    let dry = run(
        "sh",
        &[
            arg(&script),
            "--dry-run",
            "--config-dir",
            arg(&host.config()),
        ],
    );
    assert!(dry.status.success(), "{}", said(&dry));
    assert!(
        said(&dry).contains("-relayhost = [old.example]"),
        "{}",
        said(&dry)
    );
    assert!(
        contents(&host.config()) == before,
        "a dry run changed something"
    );

    let output = host.install(files.path());
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("installed and loaded"),
        "{}",
        said(&output)
    );
    assert_eq!(
        parameter(&host, "relayhost"),
        "[fabrikam-com.mail.protection.outlook.com]:25"
    );
    let classes = parameter(&host, "smtpd_restriction_classes");
    assert!(
        classes.contains("greylist") && classes.contains("mailtopo_limit_1"),
        "{classes}"
    );
    assert!(!host.log().contains("fatal:"), "{}", host.log());

    let installed = contents(&host.config());
    let again = host.install(files.path());
    assert!(again.status.success(), "{}", said(&again));
    assert!(said(&again).contains("nothing to do"), "{}", said(&again));
    assert!(
        contents(&host.config()) == installed,
        "a second run changed something"
    );
}

#[test]
fn what_postfix_does_not_take_leaves_the_host_as_it_was() {
    let (host, files) = ready();
    host.start();
    // Nothing is in place before, then something is.
    for round in ["first", "later"] {
        let before = contents(&host.config());
        let main_cf = files.path().join("main.cf");
        let good = fs::read_to_string(&main_cf).expect("main.cf");
        fs::write(&main_cf, format!("{good}message_size_limt = 5\n")).expect("written");
        let output = host.install(files.path());
        assert!(!output.status.success(), "{round}: {}", said(&output));
        assert!(
            said(&output).contains("message_size_limt"),
            "{round}: {}",
            said(&output)
        );
        assert!(
            contents(&host.config()) == before,
            "{round}: {}",
            said(&output)
        );

        fs::write(&main_cf, format!("{good}message_size_limit = 7000000\n")).expect("written");
        let output = with_broken(&host, &files, "reload");
        assert!(!output.status.success(), "{round}: {}", said(&output));
        assert!(
            said(&output).contains("is in place again"),
            "{round}: {}",
            said(&output)
        );
        assert!(
            contents(&host.config()) == before,
            "{round}: the previous files are not back"
        );

        fs::write(&main_cf, good).expect("written");
        let output = host.install(files.path());
        assert!(output.status.success(), "{round}: {}", said(&output));
    }
}

#[test]
fn each_run_keeps_what_it_replaces_and_the_first_state_can_be_put_back() {
    let (host, files) = ready();
    host.start();
    let first = contents(&host.config());
    let main_cf = files.path().join("main.cf");
    let good = fs::read_to_string(&main_cf).expect("main.cf");
    let kept = || {
        let folder = fs::read_dir(host.config().join("mailtopo-previous")).expect("a folder");
        let mut names: Vec<_> = folder
            .map(|entry| entry.expect("a folder").file_name())
            .collect();
        names.sort();
        names
    };
    let mut in_use = String::new();
    for (size, is_taken) in [("7000000", true), ("8000000", false), ("9000000", true)] {
        let text = format!("{good}message_size_limit = {size}\n");
        fs::write(&main_cf, text).expect("written");
        let output = if is_taken {
            size.clone_into(&mut in_use);
            host.install(files.path())
        } else {
            with_broken(&host, &files, "reload")
        };
        assert_eq!(output.status.success(), is_taken, "{}", said(&output));
        assert_eq!(parameter(&host, "message_size_limit"), in_use);
    }
    let names = kept();
    assert_eq!(
        names.len(),
        2,
        "one folder for each run that changed something: {names:?}"
    );

    let script = files.path().join("install.sh");
    let restore = |which: &str| {
        let config = host.config();
        let output = run(
            "sh",
            &[
                arg(&script),
                "--config-dir",
                arg(&config),
                "--restore",
                which,
            ],
        );
        assert!(output.status.success(), "{which}: {}", said(&output));
    };
    restore(&names[1].to_string_lossy());
    assert_eq!(parameter(&host, "message_size_limit"), "7000000");
    restore("first");
    let mut now = contents(&host.config());
    now.retain(|(path, _)| !path.contains("/mailtopo-previous/"));
    assert!(now == first, "the first state is not back");
    assert_eq!(kept().len(), 4, "a way back is a run, too");
    assert!(!host.log().contains("fatal:"), "{}", host.log());
}

#[test]
fn a_lock_waits_for_a_run_of_its_own() {
    let text = "version: 1\nlocations:\n  filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.10], certificate: mx.filter.example, forwards: {contoso.com: relay}}\n  relay: {kind: postfix, hosts: [relay.contoso.com], egress: [203.0.113.5], certificate: relay.contoso.com, delivers_to: \"lmtp:unix:private/lmtp\", accept_only_from: [filter]}\ndomains:\n  contoso.com: {mailboxes: relay, mx: filter, dns: none}\n";
    let case = case("locked", text.to_owned(), &BTreeMap::new()).expect("a spec");
    let files = emitted(&case.plan, "relay");
    let host = Host::new(None, "relay.contoso.com", None, "", "");
    let key = host.config().join("mailtopo-private/relay.contoso.com.pem");
    Authority::new().issue("relay.contoso.com", &key);
    host.start();
    let (script, config) = (files.path().join("install.sh"), host.config());
    let install = |switches: &[&str]| {
        let mut args = vec![arg(&script), "--config-dir", arg(&config)];
        args.extend(switches);
        let output = run("sh", &args);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    let table = format!("cidr:{}/mailtopo/admitted", arg(&config));
    let decided = |client: &str| {
        let output = run("postmap", &["-q", client, &table]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let (filter, other) = ("192.0.2.10", "198.51.100.9");
    install(&["--without-lock"]);
    assert_eq!(
        (decided(filter).as_str(), decided(other).as_str()),
        ("DUNNO", "")
    );
    assert!(install(&["--without-lock"]).contains("nothing to do"));
    install(&[]);
    assert_eq!(decided(filter), "DUNNO");
    assert!(
        decided(other).starts_with("REJECT 5.7.1 "),
        "{}",
        decided(other)
    );
    assert!(install(&[]).contains("nothing to do"));
    // So it is rolled back.
    install(&["--without-lock"]);
    assert_eq!(decided(other), "");
}
