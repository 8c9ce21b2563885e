//! Parameters of Postfix that choose no path, and the verdict on what the draft does not say.

use crate::draft::{Draft, Part, Verdict};
use crate::import::{Export, Live, LiveObject};
use std::collections::BTreeSet;

/// Parameters that choose no path, by how they begin, and why.
const NO_EFFECT: [(&str, &[&str]); 4] = [
    (
        "says how the host runs, and chooses no path",
        &[
            "2bounce_notice_recipient",
            "address_verify_cache",
            "address_verify_map",
            "address_verify_negative",
            "address_verify_poll",
            "address_verify_positive",
            "alias_database",
            "allow_min_user",
            "allow_percent_hack",
            "anvil_",
            "append_dot_mydomain",
            "biff",
            "bounce_notice_recipient",
            "bounce_queue_lifetime",
            "bounce_size_limit",
            "command_directory",
            "command_time_limit",
            "compatibility_level",
            "config_directory",
            "daemon_directory",
            "data_directory",
            "debug",
            "default_process_limit",
            "delay_notice_recipient",
            "delay_warning_time",
            "disable_vrfy_command",
            "enable_long_queue_ids",
            "enable_original_recipient",
            "error_notice_recipient",
            "fast_flush_domains",
            "header_size_limit",
            "home_mailbox",
            "html_directory",
            "inet_protocols",
            "line_length_limit",
            "local_header_rewrite_clients",
            "mail_name",
            "mail_owner",
            "mail_spool_directory",
            "mailbox_delivery_lock",
            "mailbox_size_limit",
            "mailq_path",
            "maillog_file",
            "manpage_directory",
            "maps_rbl_reject_code",
            "maximal_backoff_time",
            "maximal_queue_lifetime",
            "meta_directory",
            "milter_default_action",
            "milter_macro",
            "milter_mail_macros",
            "milter_protocol",
            "minimal_backoff_time",
            "mydomain",
            "myorigin",
            "newaliases_path",
            "notify_classes",
            "plaintext_reject_code",
            "postscreen_",
            "proxy_read_maps",
            "proxy_write_maps",
            "qmgr_",
            "queue_directory",
            "queue_minfree",
            "queue_run_delay",
            "readme_directory",
            "sample_directory",
            "sendmail_path",
            "setgid_group",
            "shlib_directory",
            "show_user_unknown_table_name",
            "smtp_address_preference",
            "smtp_connection_cache",
            "smtp_discard_ehlo_keywords",
            "smtp_extra_recipient_limit",
            "smtp_body_checks",
            "smtp_dns_support_level",
            "smtp_header_checks",
            "smtp_mime_header_checks",
            "smtp_nested_header_checks",
            "smtp_sasl_auth_soft_bounce",
            "smtp_connect_timeout",
            "smtpd_banner",
            "smtpd_client_connection",
            "smtpd_client_event_limit_exceptions",
            "smtpd_client_message",
            "smtpd_client_recipient",
            "smtpd_delay_reject",
            "smtpd_discard_ehlo_keywords",
            "smtpd_error_sleep_time",
            "smtpd_forbid_bare_newline",
            "smtpd_hard_error_limit",
            "smtpd_helo_required",
            "smtpd_junk_command_limit",
            "smtpd_recipient_limit",
            "smtpd_soft_error_limit",
            "smtputf8_enable",
            "strict_rfc821_envelopes",
            "syslog_",
            "unknown_address_reject_code",
            "unknown_client_reject_code",
            "unknown_hostname_reject_code",
            "unknown_local_recipient_reject_code",
            "unverified_",
            "mailbox_command",
            "virtual_gid_maps",
            "virtual_mailbox_base",
            "virtual_mailbox_limit",
            "virtual_minimum_uid",
            "virtual_uid_maps",
            "initial_destination_concurrency",
            "swap_bangpath",
        ],
    ),
    (
        "says how TLS is spoken, not whether it must be",
        &[
            "lmtp_tls_CA",
            "lmtp_tls_loglevel",
            "lmtp_tls_mandatory",
            "lmtp_tls_protocols",
            "smtp_tls_CA",
            "smtp_tls_cert_file",
            "smtp_tls_chain_files",
            "smtp_tls_ciphers",
            "smtp_tls_connection_reuse",
            "smtp_tls_exclude_ciphers",
            "smtp_tls_fingerprint_digest",
            "smtp_tls_key_file",
            "smtp_tls_loglevel",
            "smtp_tls_mandatory",
            "smtp_tls_note_starttls_offer",
            "smtp_tls_protocols",
            "smtp_tls_session_cache",
            "smtpd_tls_CA",
            "smtpd_tls_ask_ccert",
            "smtpd_tls_auth_only",
            "smtpd_tls_cert_file",
            "smtpd_tls_chain_files",
            "smtpd_tls_ciphers",
            "smtpd_tls_dh",
            "smtpd_tls_ecdh",
            "smtpd_tls_eecdh_grade",
            "smtpd_tls_exclude_ciphers",
            "smtpd_tls_fingerprint_digest",
            "smtpd_tls_key_file",
            "smtpd_tls_loglevel",
            "smtpd_tls_mandatory",
            "smtpd_tls_protocols",
            "smtpd_tls_received_header",
            "smtpd_tls_session",
            "tls_",
            "tlsproxy_",
        ],
    ),
    (
        "says how clients log on, or how this host does",
        &[
            "broken_sasl_auth_clients",
            "smtp_sasl_auth_enable",
            "smtp_sasl_mechanism_filter",
            "smtp_sasl_security_options",
            "smtp_sasl_tls_security_options",
            "smtp_sender_dependent_authentication",
            "smtpd_sasl_",
            "smtpd_sender_login_maps",
            "smtp_sasl_type",
            "cyrus_sasl_config_path",
        ],
    ),
    (
        "says how tables are looked up, or which users the host itself has",
        &[
            "alias_maps",
            "local_recipient_maps",
            "default_database_type",
        ],
    ),
];

/// Parameters that decide about mail in a way that the draft does not say, by how they begin, and what they do.
const UNSAID: [(&str, &[&str]); 5] = [
    (
        "the sender of a message chooses the service that hands it over, which the draft does not say",
        &["sender_dependent_default_transport_maps"],
    ),
    (
        "a filter beside the server may refuse or change mail, and only the filter knows which",
        &[
            "non_smtpd_milters",
            "smtpd_command_filter",
            "smtpd_milters",
            "smtpd_proxy_filter",
        ],
    ),
    (
        "it looks into the text of mail, which the language does not have",
        &[
            "body_checks",
            "header_checks",
            "milter_header_checks",
            "mime_header_checks",
            "nested_header_checks",
        ],
    ),
    (
        "copies of mail go to other addresses, which the draft does not say",
        &["always_bcc", "recipient_bcc_maps", "sender_bcc_maps"],
    ),
    (
        "addresses become others, which the draft does not say",
        &[
            "canonical_maps",
            "masquerade_",
            "recipient_canonical_maps",
            "relocated_maps",
            "sender_canonical_maps",
            "smtp_generic_maps",
            "virtual_alias_maps",
        ],
    ),
];

/// The first of restrictions that is none that every host has, and none that refuses clients by what they are and not by the way
/// of their mail. Where they are what keeps others from relaying, nobody may be let in before that.
pub(super) fn unusual(restrictions: &[String], keep_relaying: bool) -> Option<&str> {
    const USUAL: [&str; 8] = [
        "permit_mynetworks",
        "permit_sasl_authenticated",
        "permit_auth_destination",
        "reject_unauth_destination",
        "defer_unauth_destination",
        "reject_unauth_pipelining",
        "permit_tls_clientcerts",
        "warn_if_reject",
    ];
    const STARTS: [&str; 5] = [
        "reject_unknown",
        "reject_non_fqdn",
        "reject_invalid",
        "reject_unlisted",
        "reject_unverified",
    ];
    let mut is_kept = !keep_relaying;
    counting(restrictions).find(|restriction| {
        is_kept |= restriction.ends_with("_unauth_destination");
        let is_usual = USUAL.contains(restriction) || (*restriction == "permit" && is_kept);
        !is_usual && !STARTS.iter().any(|start| restriction.starts_with(start))
    })
}

/// The words of restrictions that count: what stands behind `warn_if_reject` refuses nobody
/// (<https://www.postfix.org/postconf.5.html#warn_if_reject>).
fn counting(restrictions: &[String]) -> impl Iterator<Item = &str> {
    let before = std::iter::once(None).chain(restrictions.iter().map(Some));
    let words = restrictions.iter().zip(before);
    let words = words.filter(|(_, before)| before.is_none_or(|word| word != "warn_if_reject"));
    words.map(|(word, _)| word.as_str())
}

/// Whether others are kept from relaying by one of these lists.
pub(super) fn keep_relaying(lists: &[Vec<String>]) -> bool {
    let mut words = lists.iter().flat_map(|list| counting(list));
    words.any(|word| word.ends_with("_unauth_destination") || matches!(word, "reject" | "defer"))
}

/// Whether clients of `mynetworks` get mail for others in: the first word that is about it decides.
pub(super) fn let_own_relay(restrictions: &[String]) -> bool {
    let mut about = counting(restrictions).filter_map(|word| match word {
        "permit_mynetworks" | "permit" => Some(true),
        "reject_unauth_destination" | "defer_unauth_destination" => Some(false),
        _ => None,
    });
    about.next().unwrap_or(true)
}

/// Whether a value of `inet_interfaces` names the host itself alone, so that nobody else can hand it mail.
fn is_closed(interfaces: &str) -> bool {
    let mut words = super::words(interfaces).into_iter().peekable();
    words.peek().is_some()
        && words.all(|word| {
            let bare = word.replace(['[', ']'], "");
            matches!(bare.as_str(), "loopback-only" | "localhost" | "::1")
                || bare.starts_with("127.")
        })
}

/// Why no mail depends on a parameter that has this value, where none does.
pub(super) fn free(parameter: &str, value: &str) -> Option<&'static str> {
    if parameter == "inet_interfaces" {
        return (!is_closed(value)).then_some("mail is taken on the network");
    }
    let starts = |names: &&[&str]| names.iter().any(|name| parameter.starts_with(name));
    // How long it waits for an answer, and how much a client hands over at once.
    let is_pace = parameter.ends_with("_timeout") || parameter.contains("_destination_");
    let found = NO_EFFECT.iter().find(|(_, names)| starts(names) || is_pace);
    found.map(|(why, _)| *why)
}

/// Whether no mail depends on a parameter that has this value.
pub(crate) fn is_free(parameter: &str, value: &str) -> bool {
    free(parameter, value).is_some()
}

/// Why the entries of a table are not there.
pub(super) fn why_lost(table: &str) -> String {
    if crate::import::is_list(table) {
        return format!(
            "the source of `{table}` is not there: name the folder that holds it, `mx=etc-postfix/`"
        );
    }
    let kind = table.split(':').next().unwrap_or_default();
    if crate::import::EXPRESSIONS.contains(&kind) {
        return "a table of expressions, which the language does not have".to_owned();
    }
    format!(
        "`{table}` answers by itself, and nothing of it is in the export; `postmap -q contoso.com {table}` asks it for one name"
    )
}

/// The parameters that others name.
pub(super) fn named(export: &Export) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let objects = export
        .objects
        .iter()
        .filter(|object| object.kind != "table");
    for value in objects.flat_map(|object| object.properties.values()) {
        crate::import::expanded(&value.items().concat(), |name| {
            named.insert(name.to_owned());
            None
        });
    }
    named
}

/// Parameters whose tables say which domains there are, or where mail goes and how.
pub(super) const OF_PATHS: [&str; 9] = [
    "mydestination",
    "relay_domains",
    "sender_dependent_default_transport_maps",
    "sender_dependent_relayhost_maps",
    "smtp_sasl_password_maps",
    "smtp_tls_policy_maps",
    "transport_maps",
    "virtual_alias_domains",
    "virtual_mailbox_domains",
];

/// The verdict on a parameter, or on an entry of a table.
pub(in crate::draft) fn verdict(
    draft: &Draft,
    part: &Part,
    object: &LiveObject,
    property: &str,
    value: &Live,
) -> (Verdict, String) {
    let location = part.location.as_str();
    let key = (
        location.to_owned(),
        object.kind.clone(),
        object.name.clone(),
    );
    if let Some((verdict, why)) = draft.judged.get(&(key, property.to_owned())) {
        // What was to be written by a route that cannot be is not said.
        let mut lost = draft.left_out.iter().filter(|(key, _)| key.0 == location);
        let lost = lost.find(|(key, _)| why.ends_with(&format!("`{}`", key.2)));
        return match lost {
            Some((_, why)) => (Verdict::NotUnderstood, why.clone()),
            None => (*verdict, why.clone()),
        };
    }
    let because = |verdict, why: &str| (verdict, why.to_owned());
    if object.kind == "table" {
        let main = part
            .export
            .of_kind("main.cf")
            .flat_map(|main| &main.properties);
        let namers = main.filter(|(_, value)| value.items().concat().contains(&object.name));
        let namers: Vec<&str> = namers.map(|(name, _)| name.as_str()).collect();
        let is_of_paths = namers.iter().any(|name| OF_PATHS.contains(name));
        if let Some(why) = namers.first().and_then(|first| free(first, ""))
            && namers.iter().all(|name| free(name, "").is_some())
        {
            return because(Verdict::NoEffect, why);
        }
        let kind = object.name.split(':').next().unwrap_or_default();
        return match value {
            _ if crate::import::EXPRESSIONS.contains(&kind) => because(
                Verdict::Unmanaged,
                "a table of expressions, which the language does not have",
            ),
            Live::Lost if is_of_paths || crate::import::is_list(&object.name) => {
                (Verdict::Truncated, why_lost(&object.name))
            }
            Live::Lost => because(
                Verdict::Unmanaged,
                "a table of this type answers by itself, and cannot be read",
            ),
            _ => because(
                Verdict::NotUnderstood,
                "the draft says nothing of this entry",
            ),
        };
    }
    if value.items().concat().is_empty() {
        return because(Verdict::Default, "it is empty");
    }
    let text = value.items().join(" ");
    if let Some(why) = free(property, &text) {
        return because(Verdict::NoEffect, why);
    }
    if property == "inet_interfaces" {
        return because(
            Verdict::NotUnderstood,
            "only programs on the host itself hand it mail, and the draft lets others do so",
        );
    }
    if property == "soft_bounce" && text == "no" {
        return because(Verdict::Default, "what every host has");
    }
    if draft
        .named
        .contains(&(location.to_owned(), property.to_owned()))
    {
        return because(
            Verdict::NoEffect,
            "a parameter of the host's own, which counts where another names it",
        );
    }
    let mut unsaid = UNSAID.iter();
    let unsaid = unsaid.find(|(_, names)| names.iter().any(|name| property.starts_with(name)));
    let why = unsaid.map_or(
        "no table knows this parameter, or the draft cannot say its value",
        |(why, _)| why,
    );
    because(Verdict::NotUnderstood, why)
}
