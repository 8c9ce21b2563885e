//! Postfix hosts that were written by hand: relays and next hops of every kind.

use std::collections::BTreeMap;

/// Senders whose mail their tables tell apart.
pub(crate) const SENDERS: [&str; 3] =
    ["anna@outside.example", "b@news.example", "boss@contoso.com"];

/// Domains that they tell apart.
pub(crate) const DOMAINS: [&str; 4] = [
    "contoso.com",
    "fabrikam.com",
    "partner.example",
    "other.example",
];

/// The files of each host, by name.
pub(crate) fn hosts() -> Vec<BTreeMap<String, Vec<u8>>> {
    let start = "myhostname = mx.contoso.com\nmydestination =\n";
    let maps = "transport_maps = hash:/etc/postfix/transport\n";
    let by_sender = "sender_dependent_relayhost_maps = hash:/etc/postfix/by_sender\n";
    let senders =
        "@news.example [bulk.filter.example]:587\nboss@contoso.com [vip.filter.example]\n";
    let relay = "relayhost = [smtp.filter.example]:587\n";
    let two = "relay_domains = contoso.com, fabrikam.com\n";
    let default = "default_transport = smtp:[gate.filter.example]:2525\n";
    let all = [
        (relay.to_owned(), ""),
        (format!("{two}{relay}"), ""),
        (
            format!("{two}{relay}{maps}"),
            "contoso.com smtp:[hq.contoso.com]\n",
        ),
        (
            format!("{two}{maps}"),
            "* smtp:[out.filter.example]\ncontoso.com smtp:[hq.contoso.com]\n",
        ),
        (
            format!("{two}{relay}{maps}"),
            "* smtp:[out.filter.example]\ncontoso.com :\n",
        ),
        (
            format!("{two}{relay}{maps}"),
            "partner.example :\nother.example smtp:\ncontoso.com smtp:\n",
        ),
        (format!("{two}{default}{relay}"), ""),
        (format!("{two}{default}"), ""),
        (
            format!("{two}{relay}relay_transport = smtp:[hub.contoso.com]:2525\n"),
            "",
        ),
        (format!("{relay}{by_sender}"), ""),
        (format!("{default}{by_sender}"), ""),
        (format!("{two}{relay}{by_sender}"), ""),
        (
            format!("{two}{relay}{maps}{by_sender}"),
            "contoso.com smtp:[hq.contoso.com]\nfabrikam.com smtp:[hq.contoso.com]\n",
        ),
        (
            format!("{relay}{maps}{by_sender}"),
            "* smtp:[out.filter.example]\n",
        ),
        (
            "sender_dependent_default_transport_maps = hash:/etc/postfix/by_sender\n".to_owned(),
            "",
        ),
    ];
    let files = all.into_iter().map(|(main, transport)| {
        BTreeMap::from([
            ("main.cf".to_owned(), format!("{start}{main}").into_bytes()),
            ("transport".to_owned(), transport.as_bytes().to_vec()),
            ("by_sender".to_owned(), senders.as_bytes().to_vec()),
        ])
    });
    files.collect()
}

/// What a host is about, its main.cf, and its tables by name.
type Configured = (&'static str, String, Vec<(&'static str, &'static str)>);

/// Hosts with what decides who may write to whom, who has mailboxes, and what becomes of the rest: what each is about, its
/// main.cf, and its tables by name.
#[allow(dead_code)]
pub(crate) fn others() -> Vec<(&'static str, BTreeMap<String, Vec<u8>>)> {
    let own = "virtual_mailbox_domains = contoso.com\nvirtual_transport = lmtp:unix:private/lmtp\nmynetworks = 127.0.0.0/8 10.0.0.0/8\n";
    let relay = "relay_domains = contoso.com\nrelayhost = [smtp.filter.example]:587\nmynetworks = 127.0.0.0/8 10.0.0.0/8\n";
    let maps = "transport_maps = hash:/etc/postfix/transport\n";
    let all: Vec<Configured> = vec![
        ("own networks", format!("{own}smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"), vec![]),
        ("own networks come too late", format!("{own}smtpd_relay_restrictions = reject_unauth_destination, permit_mynetworks\n"), vec![]),
        ("own networks are not named", format!("{own}smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination\n"), vec![]),
        ("only what is ours", format!("{own}smtpd_relay_restrictions = permit_mynetworks, permit_auth_destination, reject\n"), vec![]),
        ("the second list", format!("{own}smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n"), vec![]),
        ("the second list is narrower", format!("{own}smtpd_recipient_restrictions = reject_unauth_destination, permit_mynetworks\n"), vec![]),
        ("only own clients", format!("{own}smtpd_client_restrictions = permit_mynetworks, reject\n"), vec![]),
        ("clients of a table", format!("{own}smtpd_relay_restrictions = permit_mynetworks, check_client_access cidr:/etc/postfix/clients, reject_unauth_destination\n"), vec![("clients", "192.0.2.25/32 OK\n")]),
        ("senders of a table", format!("{own}smtpd_sender_restrictions = check_sender_access hash:/etc/postfix/senders\n"), vec![("senders", "outside.example REJECT\n")]),
        ("recipients of a table", format!("{own}smtpd_recipient_restrictions = check_recipient_access hash:/etc/postfix/to\n"), vec![("to", "someone@contoso.com REJECT\npartner.example REJECT\n")]),
        ("expressions of next hops", format!("{relay}transport_maps = regexp:/etc/postfix/transport\n"), vec![("transport", "/@contoso[.]com$/ smtp:[hq.contoso.com]\n")]),
        ("expressions before a table", format!("{relay}transport_maps = regexp:/etc/postfix/first, hash:/etc/postfix/transport\n"), vec![("first", "/^someone@/ smtp:[hub.contoso.com]\n"), ("transport", "contoso.com smtp:[hq.contoso.com]\npartner.example smtp:[hq.partner.example]\n")]),
        ("expressions of senders", format!("{relay}sender_dependent_relayhost_maps = regexp:/etc/postfix/senders\n"), vec![("senders", "/@news[.]example$/ [bulk.filter.example]\n")]),
        ("expressions of domains", "relay_domains = regexp:/etc/postfix/domains\nrelayhost = [smtp.filter.example]\n".to_owned(), vec![("domains", "/^contoso[.]com$/ OK\n")]),
        ("names below, by a dot", format!("parent_domain_matches_subdomains =\nrelay_domains = hash:/etc/postfix/domains\n{maps}"), vec![("domains", "contoso.com OK\n.contoso.com OK\n.fabrikam.com OK\n"), ("transport", "contoso.com smtp:[hq.contoso.com]\n.contoso.com smtp:[sub.contoso.com]\n")]),
        ("names below, by the name", format!("relay_domains = hash:/etc/postfix/domains\n{maps}"), vec![("domains", "contoso.com OK\n.fabrikam.com OK\n"), ("transport", "contoso.com smtp:[hq.contoso.com]\n.contoso.com smtp:[sub.contoso.com]\n")]),
        ("names below are elsewhere", format!("{relay}{maps}"), vec![("transport", "contoso.com smtp:[hq.contoso.com]\n")]),
        ("names below are no relay domains", format!("{relay}{maps}parent_domain_matches_subdomains = smtpd_access_maps\n"), vec![("transport", "contoso.com smtp:[hq.contoso.com]\n.partner.example smtp:[gate.partner.example]\n")]),
        ("the same key in two tables", format!("{relay}transport_maps = hash:/etc/postfix/one, hash:/etc/postfix/two\n"), vec![("one", "contoso.com smtp:[one.contoso.com]\n"), ("two", "contoso.com smtp:[two.contoso.com]\npartner.example smtp:[two.partner.example]\n")]),
        ("capital letters", format!("relay_domains = Contoso.COM\n{maps}"), vec![("transport", "Contoso.Com smtp:[HQ.contoso.com]\n")]),
        ("levels of next hops", format!("{relay}{maps}smtp_tls_security_level = may\nsmtp_tls_policy_maps = hash:/etc/postfix/tls\n"), vec![("transport", "contoso.com smtp:[hq.contoso.com]\npartner.example smtp:gate.partner.example\n"), ("tls", "[hq.contoso.com] encrypt\ngate.partner.example secure\n[smtp.filter.example]:587 secure match=smtp.filter.example\n")]),
        ("levels of domains", "relay_domains = contoso.com\nsmtp_tls_security_level = may\nsmtp_tls_policy_maps = hash:/etc/postfix/tls\n".to_owned(), vec![("tls", "contoso.com encrypt\npartner.example secure\n.partner.example encrypt\n")]),
        ("TLS for everybody", "relay_domains = contoso.com\nsmtp_tls_security_level = encrypt\n".to_owned(), vec![]),
        ("no TLS", "relay_domains = contoso.com\nsmtp_tls_security_level = none\n".to_owned(), vec![]),
        ("TLS where it is offered", "relay_domains = contoso.com\nsmtp_tls_security_level = may\n".to_owned(), vec![]),
        ("the host's own domain", "mydestination = $myhostname, localhost.$mydomain, localhost, $mydomain\n".to_owned(), vec![]),
        ("relays for its own domain", "mydestination =\nrelay_domains = $mydomain\nrelayhost = $mydomain\n".to_owned(), vec![]),
        ("relays for what is at home", "mydestination = fabrikam.com\nrelay_domains = $mydestination contoso.com\n".to_owned(), vec![]),
        ("names of aliases", format!("{own}virtual_alias_domains = fabrikam.com\nvirtual_alias_maps = hash:/etc/postfix/virtual\n"), vec![("virtual", "info@fabrikam.com someone@contoso.com\nsales@contoso.com someone@partner.example\n")]),
        ("names of aliases without a list", format!("{own}virtual_alias_maps = hash:/etc/postfix/virtual\n"), vec![("virtual", "fabrikam.com anything\n@fabrikam.com someone@contoso.com\n")]),
        ("mailboxes of a list", format!("{own}virtual_mailbox_maps = hash:/etc/postfix/boxes\n"), vec![("boxes", "anna@contoso.com anna/\n")]),
        ("ends of mail", format!("{relay}{maps}"), vec![("transport", "partner.example discard:\nother.example error:5.7.1 no\ncontoso.com retry:4.4.1 later\n")]),
        ("others' mail is refused", "relay_domains = contoso.com\ndefault_transport = error:5.7.1 no mail leaves\nrelay_transport = smtp:[hq.contoso.com]\n".to_owned(), vec![]),
        ("relayed mail goes over LMTP", "relay_domains = contoso.com\nrelay_transport = lmtp:[127.0.0.1]:24\n".to_owned(), vec![]),
        ("addresses are rewritten", format!("{relay}recipient_canonical_maps = hash:/etc/postfix/canonical\n"), vec![("canonical", "@partner.example @contoso.com\n")]),
        ("a way for one address", format!("{relay}{maps}"), vec![("transport", "boss@contoso.com smtp:[vip.filter.example]\ncontoso.com smtp:[hq.contoso.com]\n")]),
        ("a way for a user", format!("{relay}transport_maps = inline:{{partner.example=smtp:[gate.partner.example], contoso.com=smtp:[hq.contoso.com]}}\n"), vec![]),
        ("two classes of one domain", format!("mydestination = contoso.com\nvirtual_mailbox_domains = contoso.com, fabrikam.com\nvirtual_transport = lmtp:unix:private/lmtp\nrelay_domains = fabrikam.com, partner.example\n{maps}"), vec![("transport", "partner.example smtp:[gate.partner.example]\n")]),
        ("aliases before mailboxes", "virtual_alias_maps = hash:/etc/postfix/virtual\nvirtual_mailbox_domains = contoso.com, fabrikam.com\nvirtual_transport = lmtp:unix:private/lmtp\n".to_owned(), vec![("virtual", "contoso.com anything\nsomeone@contoso.com someone@partner.example\n")]),
        ("names below what stays here", format!("mydestination = contoso.com\nrelay_domains = $mydestination\n{maps}"), vec![("transport", "below.contoso.com smtp:[lists.contoso.com]\n")]),
        ("a way for all that is static", format!("{relay}transport_maps = static:smtp:[all.filter.example]\n"), vec![]),
    ];
    let files = all.into_iter().map(|(about, main, tables)| {
        let mut files = BTreeMap::new();
        let named = if main.contains("mydestination") {
            ""
        } else {
            "mydestination =\n"
        };
        let main = format!("myhostname = mx.contoso.com\n{named}{main}");
        files.insert("main.cf".to_owned(), main.into_bytes());
        for (name, text) in tables {
            files.insert(name.to_owned(), text.as_bytes().to_vec());
        }
        (about, files)
    });
    files.collect()
}
