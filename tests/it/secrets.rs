//! No password, key or connection string of an export reaches what is written or said.

use crate::cli::{mailtopo, stderr, stdout};
use crate::drift::{bytes, clixml, examples, json_text};
use crate::exports::{csv, dsc, format_list, graph};
use mailtopo::compile::Input;
use mailtopo::testing::values::Date;
use mailtopo::testing::{drift, import, import_folder, read_export};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

const SECRET: &str = "hunter2";

/// Properties that hold a secret, or may.
const PROPERTIES: [&str; 14] = [
    "AccessTokens",
    "ApplicationSecret",
    "AuthenticationCredential",
    "CertificatePassword",
    "CertificatePath",
    "ClientSecret",
    "Comment",
    "Comments",
    "ConnectionString",
    "Credential",
    "Description",
    "NoTableKnows",
    "Password",
    "PrivateKey",
];

fn today() -> Date {
    Date::parse("2026-01-01").expect("a day")
}

/// A state with a secret in each of these properties of each object.
fn planted(state: &Value) -> Value {
    let mut state = state.clone();
    for object in state["Objects"].as_array_mut().expect("a list") {
        for property in PROPERTIES {
            object["Properties"][property] = SECRET.into();
        }
    }
    state
}

/// The same exports with a secret wherever one may stand.
fn exports(state: &Value) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let mut all = vec![
        ("state", vec![bytes(state)]),
        ("clixml", vec![clixml(state)]),
        ("json", vec![json_text(state, true, true)]),
        ("list", vec![format_list(state, 4)]),
        ("csv", csv(state)),
    ];
    if state["Product"] == "online" {
        all.push(("graph", vec![graph(state)]));
        let head = "$Word = ConvertTo-SecureString \"hunter2\" -AsPlainText -Force\n$Credential = New-Object System.Management.Automation.PSCredential ('admin', $Word)\nImport-DscResource";
        let mut files = dsc(state);
        let written = files.pop().expect("a configuration");
        let text = String::from_utf8(written).expect("UTF-8");
        let text = text.replacen("Import-DscResource", head, 1).replace(
            "$ConfigurationData.NonNodeData.ApplicationId",
            "\"hunter2\"",
        );
        files.push(text.into_bytes());
        all.push(("dsc", files));
    }
    all
}

fn assert_silent(what: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let at = text.find(SECRET);
    let around = at.map(|at| {
        text[at.saturating_sub(160)..]
            .chars()
            .take(320)
            .collect::<String>()
    });
    assert_eq!(around, None, "{what}");
}

#[test]
fn no_secret_of_an_exchange_export_is_written_or_said() {
    let mut looked_at = 0;
    for sample in examples() {
        for (place, state) in &sample.states {
            for (form, files) in exports(&planted(state)) {
                let what = format!("{} {place} {form}", sample.name);
                assert!(
                    files.iter().any(|file| {
                        file.windows(SECRET.len())
                            .any(|part| part == SECRET.as_bytes())
                            || file
                                .windows(14)
                                .any(|part| part == b"h\0u\0n\0t\0e\0r\x002\0")
                    }),
                    "{what} has no secret"
                );
                let named: Vec<(&str, &[u8])> = files
                    .iter()
                    .map(|file| (place.as_str(), file.as_slice()))
                    .collect();
                match import(&named, today()) {
                    Ok((files, _)) => {
                        for (file, octets) in &files {
                            assert_silent(&format!("{what}: {file}"), octets);
                        }
                    }
                    Err(why) => assert_silent(&what, why.as_bytes()),
                }
                let input = Input {
                    name: "mailtopo.yaml",
                    bytes: &sample.files["mailtopo.yaml"],
                    files: &sample.files,
                };
                let compared = drift(&input, &named, today());
                let (findings, json) = compared.unwrap_or_else(|why| (Vec::new(), why));
                assert_silent(&format!("drift: {what}"), json.as_bytes());
                assert_silent(
                    &format!("drift: {what}"),
                    format!("{findings:?}").as_bytes(),
                );
                // What cannot be read says where, and not what stands there.
                for file in &files {
                    for part in [2, 3, 5] {
                        let cut = &file[..file.len() - file.len() / part];
                        if let Err(why) = read_export("export", cut) {
                            assert_silent(&what, why.as_bytes());
                        }
                    }
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at > 100, "only {looked_at} exports");
}

#[test]
fn no_secret_of_a_postfix_host_is_written_or_said() {
    let main = "myhostname = mx.contoso.com
relay_domains = contoso.com
transport_maps = hash:/etc/postfix/transport
relayhost = [relay.example]:587
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd, static:user:hunter2, inline:{ { [a.example] = user:hunter2 } }
sender_dependent_relayhost_maps = hash:/etc/postfix/senders
virtual_alias_maps = ldap:/etc/postfix/ldap.cf, mysql:/etc/postfix/mysql.cf, pgsql:/etc/postfix/pgsql.cf
ldapsource_bind_pw = hunter2
smtpd_tls_key_file = /etc/postfix/key.pem
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, reject_rbl_client hunter2.zen.dq.spamhaus.net
postscreen_dnsbl_sites = hunter2.zen.dq.spamhaus.net*3
smtpd_milters = inet:localhost:11332, { inet:policy.example:9998, auth=hunter2 }
no_table_knows = hunter2
";
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (name, text) in [
        ("main.cf", main),
        ("transport", "contoso.com smtp:[hq.contoso.com]\n"),
        (
            "sasl_passwd",
            "[relay.example]:587 user:hunter2\nother.example user:hunter2\n  hunter2\n",
        ),
        ("senders", "anna@contoso.com [other.example]\n"),
        (
            "ldap.cf",
            "server_host = ldap.example\nbind_dn = cn=a\nbind_pw = hunter2\n",
        ),
        (
            "mysql.cf",
            "hosts = db.example\nuser = a\npassword = hunter2\n",
        ),
        (
            "pgsql.cf",
            "hosts = postgresql://a:hunter2@db.example/mail\n",
        ),
        (
            "key.pem",
            "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
        ),
        (
            "master.cf",
            "smtp inet n - y - - smtpd\n -o smtpd_sasl_password=hunter2\n",
        ),
    ] {
        files.insert(name.to_owned(), text.as_bytes().to_vec());
    }
    let (written, _) = import_folder("mx", &files, today()).expect("a host");
    for (file, octets) in &written {
        assert_silent(file, octets);
    }
    let named: [(&str, &[u8]); 1] = [("mx", main.as_bytes())];
    let (written, _) = import(&named, today()).expect("a host");
    for (file, octets) in &written {
        assert_silent(file, octets);
    }
    for wrong in [
        "hunter2\n",
        "[relay.example] user:hunter2\n",
        "  hunter2\na = b\n",
    ] {
        let text = format!("relayhost = a\nb c\n{wrong}");
        assert_silent(
            wrong,
            read_export("export", text.as_bytes())
                .expect_err("a reason")
                .as_bytes(),
        );
    }
}

/// The same of the program: what it prints, and every file of its folder.
#[test]
fn the_program_says_no_secret() {
    let all = examples();
    let sample = all.iter().find(|sample| sample.name.starts_with("24-"));
    let sample = sample.expect("an example");
    let folder = tempfile::tempdir().expect("a folder");
    let mut exports = Vec::new();
    for (place, state) in &sample.states {
        let mut state = planted(state);
        // An object that the spec does not have, and one that mail suffers from.
        let all = state["Objects"].as_array_mut().expect("a list");
        let mut other = all[0].clone();
        other["Name"] = "Another".into();
        all.push(other);
        all.remove(0);
        fs::write(folder.path().join(place), bytes(&state)).expect("a file");
        exports.push(format!("{place}={place}"));
    }
    for (file, octets) in &sample.files {
        fs::write(folder.path().join(file), octets).expect("a file");
    }
    let drift = ["drift", "mailtopo.yaml"];
    for (words, more, codes) in [
        (&["import"][..], &["--out", "spec"][..], [1, 1]),
        (&["import"], &["--fold", "--out", "short"], [1, 1]),
        (
            &["import"],
            &["--merge", "mailtopo.yaml", "--out", "more"],
            [1, 1],
        ),
        (&drift, &[], [0, 1]),
        (&drift, &["--output-format", "concise"], [0, 1]),
        (&drift, &["--output-format", "json"], [0, 1]),
        (&drift, &["--output-format", "markdown"], [0, 1]),
        (&drift, &["--output-format", "sarif"], [0, 1]),
        (&drift, &["--script", "fix"], [0, 1]),
        (&drift, &["--adopt", "--diff"], [0, 1]),
    ] {
        let words: Vec<&str> = words
            .iter()
            .copied()
            .chain(exports.iter().map(String::as_str))
            .chain(more.iter().copied())
            .collect();
        let done = mailtopo(folder.path(), &words).output().expect("it runs");
        let code = done.status.code();
        assert!(
            codes.iter().any(|wanted| code == Some(*wanted)),
            "{words:?}: {code:?} {}",
            stderr(&done)
        );
        assert_silent(&format!("{words:?}"), stdout(&done).as_bytes());
        assert_silent(&format!("{words:?}"), stderr(&done).as_bytes());
    }
    let mut looked_at = 0;
    for written in ["spec", "short", "more", "fix"] {
        for (file, octets) in crate::golden::files(&folder.path().join(written)) {
            assert_silent(&format!("{written}/{file}"), &octets);
            looked_at += 1;
        }
    }
    assert!(looked_at > 12, "only {looked_at} files");
}
