//! What other tools and people call a key or a word of this language.

/// Other words for a key, with the keys that they may be; the first one that may stand at a place is named.
const KEYS: &[(&str, &[&str])] = &[
    ("accept_from", &["accept_only_from"]),
    ("at", &["via", "mailboxes"]),
    ("cert", &["certificate"]),
    ("cidr", &["addresses"]),
    ("connectors", &["routes"]),
    ("destination", &["to"]),
    ("domain", &["domains", "recipients"]),
    ("encryption", &["tls"]),
    ("exchange", &["mx"]),
    ("forward", &["forwards"]),
    ("forward_to", &["forwards"]),
    ("fqdn", &["hosts"]),
    ("ip", &["addresses", "egress"]),
    ("ip_address", &["addresses", "egress"]),
    ("ip_addresses", &["addresses", "egress"]),
    ("ips", &["addresses", "egress"]),
    ("mail_from", &["sends_as"]),
    ("networks", &["addresses", "egress"]),
    ("next_hop", &["to", "via"]),
    ("outbound_ip", &["egress"]),
    ("outbound_ips", &["egress"]),
    ("product", &["kind"]),
    ("ranges", &["addresses", "egress"]),
    ("relay", &["via"]),
    ("relayhost", &["via", "sends"]),
    ("require_tls", &["tls"]),
    ("sender", &["sends_as"]),
    ("sites", &["locations"]),
    ("smart_host", &["smart_hosts", "via"]),
    ("smarthost", &["smart_hosts", "via"]),
    ("source", &["from"]),
    ("source_ip", &["addresses"]),
    ("source_ips", &["addresses"]),
    ("starttls", &["tls"]),
    ("through", &["via"]),
    ("to", &["sends_to", "recipients"]),
    ("type", &["kind"]),
    ("users", &["mailboxes"]),
];

/// Other words for values.
const WORDS: &[(&str, &[&str])] = &[
    ("all", &["anyone"]),
    ("any", &["anyone"]),
    ("anywhere", &["anyone"]),
    ("everyone", &["anyone"]),
    ("external", &["anyone"]),
    ("internet", &["anyone"]),
    ("domainvalidation", &["verified"]),
    ("enforced", &["encrypted", "enforce", "reject"]),
    ("exchange", &["exchange-server"]),
    ("exchange2019", &["exchange-server"]),
    ("exim", &["smtp"]),
    ("filter", &["gateway"]),
    ("force", &["encrypted", "enforce"]),
    ("forced", &["encrypted"]),
    ("local", &["internal"]),
    ("m365", &["exchange-online"]),
    ("mandatory", &["encrypted"]),
    ("may", &["opportunistic"]),
    ("o365", &["exchange-online"]),
    ("office365", &["exchange-online"]),
    ("on", &["encrypted", "enforce"]),
    ("onpremises", &["exchange-server"]),
    ("optional", &["opportunistic"]),
    ("ours", &["internal"]),
    ("required", &["encrypted"]),
    ("sendmail", &["smtp"]),
    ("spamfilter", &["gateway"]),
    ("strict", &["verified", "reject"]),
    ("verify", &["verified"]),
];

/// The key of these that is called so elsewhere.
pub(super) fn key<'k>(text: &str, keys: &[&'k str]) -> Option<&'k str> {
    known(KEYS, text, keys)
}

/// Whether it may be one of several keys, so that no edit can choose.
pub(super) fn is_ambiguous(text: &str) -> bool {
    let found = KEYS.iter().find(|(other, _)| plain(other) == plain(text));
    found.is_some_and(|(_, names)| names.len() > 1)
}

/// The word of these that is called so elsewhere.
pub(super) fn word<'k>(text: &str, words: &[&'k str]) -> Option<&'k str> {
    known(WORDS, text, words)
}

fn known<'k>(table: &[(&str, &[&str])], text: &str, here: &[&'k str]) -> Option<&'k str> {
    let wanted = plain(text);
    let (_, names) = table.iter().find(|(other, _)| plain(other) == wanted)?;
    let mut found = names
        .iter()
        .filter_map(|name| here.iter().find(|it| *it == name));
    found.next().copied()
}

/// Letters alone, in lower case.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    letters.collect::<String>().to_ascii_lowercase()
}
