//! A smart host at port 465, where TLS begins with the first byte, beside one that knows STARTTLS: mail reaches both, and
//! install.sh takes the service that it makes for this back when nothing names it any more.

use super::host::{Authority, Host, Network, Sink, emitted, until};
use super::lab::{arg, said, write_main_cf};
use super::mail::{compiled, hand};
use super::specs::{Case, case};
use std::collections::BTreeMap;
use std::fs;

const SPEC: &str = r#"
version: 1
locations:
  post:
    kind: postfix
    hosts: [post.fabrikam.example]
    egress: [192.0.2.81]
    certificate: post.fabrikam.example
    delivers_to: "lmtp:[192.0.2.85]:24"
    sends: {via: provider}
  provider:
    kind: gateway
    hosts: ["192.0.2.82:465"]
    egress: [192.0.2.82]
    certificate: smtp.provider.example
domains:
  fabrikam.example: {mailboxes: {post: [anna@fabrikam.example]}, mx: post}
partners:
  bank: {domains: [bank.example], tls: {outbound: verified}, certificate: smtp.provider.example, hosts: [192.0.2.82], via: [post]}
"#;

fn spec(text: &str) -> Case {
    case("smtps", text.to_owned(), &BTreeMap::new()).expect("a good spec")
}

/// A provider with both ports, which hands everything to a sink.
fn provider<'n>(network: &'n Network, authority: &Authority) -> Host<'n> {
    let host = Host::new(
        Some(network),
        "smtp.provider.example",
        Some("192.0.2.82"),
        "mydestination =\nmynetworks = 192.0.2.81\nrelayhost = [192.0.2.83]:25\nsmtpd_tls_security_level = encrypt\n\
         smtpd_tls_chain_files = ${config_directory}/provider.pem\nsmtpd_relay_restrictions = permit_mynetworks, reject\n",
        "192.0.2.82:465 inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n",
    );
    authority.issue("smtp.provider.example", &host.config().join("provider.pem"));
    host.start();
    host
}

#[test]
fn port_465_is_spoken_to_with_tls_from_the_first_byte() {
    let addresses = ["192.0.2.81", "192.0.2.82", "192.0.2.83", "192.0.2.85"];
    let network = Network::with(&addresses, "");
    let authority = Authority::new();
    let internet = Sink::at(&network, "192.0.2.83:25", &[]);
    let provider = provider(&network, &authority);
    let post = compiled(
        &network,
        &authority,
        &spec(SPEC).plan,
        ("post", "192.0.2.81"),
        "smtp_tls_loglevel = 1\n",
    );
    post.start();
    let logs = || post.log() + &provider.log();
    for (to, port) in [("sun@outside.example", 465), ("teller@bank.example", 25)] {
        let (reply, subject) = hand(&post, "127.0.0.1", "anna@fabrikam.example", to);
        assert_eq!(reply.code, 250, "{}\n{}", reply.text, logs());
        until(to, || internet.message(&subject), logs);
        let verified =
            format!("Verified TLS connection established to 192.0.2.82[192.0.2.82]:{port}");
        assert!(post.log().contains(&verified), "{}", post.log());
    }

    // The same without port 465 leaves no trace of it in master.cf.
    let master = || fs::read_to_string(post.config().join("master.cf")).expect("master.cf");
    assert!(
        master().contains("smtp_tls_wrappermode=yes"),
        "{}",
        master()
    );
    let files = emitted(&spec(&SPEC.replace(":465", "")).plan, "post");
    let output = post.install(files.path());
    assert!(output.status.success(), "{}", said(&output));
    assert!(!master().contains("mailtopo-smtps"), "{}", master());
    let (reply, subject) = hand(
        &post,
        "127.0.0.1",
        "anna@fabrikam.example",
        "sun@outside.example",
    );
    assert_eq!(reply.code, 250, "{}\n{}", reply.text, logs());
    until("mail by STARTTLS", || internet.message(&subject), logs);
    let again = post.install(files.path());
    assert!(said(&again).contains("nothing to do"), "{}", said(&again));
}

#[test]
fn the_service_for_port_465_goes_with_a_failed_run_and_with_the_first_state() {
    let network = Network::with(&["192.0.2.81"], "");
    let authority = Authority::new();
    let plan = spec(SPEC).plan;
    let host = Host::new(
        Some(&network),
        "post.fabrikam.example",
        Some("192.0.2.81"),
        &format!("smtp_tls_CAfile = {}\n", arg(&authority.certificate())),
        "# The last line of this host's own.\n",
    );
    let key = host
        .config()
        .join("mailtopo-private/post.fabrikam.example.pem");
    authority.issue("post.fabrikam.example", &key);
    let files = emitted(&plan, "post");
    let master = || fs::read(host.config().join("master.cf")).expect("master.cf");
    let first = master();
    let main_cf = files.path().join("main.cf");
    let good = fs::read_to_string(&main_cf).expect("main.cf");
    write_main_cf(files.path(), &format!("{good}message_size_limt = 5\n"));
    assert!(!host.install(files.path()).status.success());
    assert!(master() == first, "a failed run changed master.cf");

    write_main_cf(files.path(), &good);
    let output = host.install(files.path());
    assert!(output.status.success(), "{}", said(&output));
    assert!(master() != first);
    let script = files.path().join("install.sh");
    let config = host.config();
    let mut restore = network.command(
        "sh",
        &[
            arg(&script),
            "--config-dir",
            arg(&config),
            "--restore",
            "first",
        ],
    );
    let output = restore.output().expect("sh");
    assert!(output.status.success(), "{}", said(&output));
    assert!(master() == first, "{}", String::from_utf8_lossy(&master()));
}
