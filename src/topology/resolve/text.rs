//! Texts with a shape of their own: credentials, tenant names, Postfix services, SPF terms.

use crate::finding::Code;
use crate::spf::meant;
use crate::values::{BadValue, Network, OwnerName, is_invisible, shown};

/// Free text on one line, at most so many characters, none of which is a control character.
pub(super) fn line(text: &str, most: usize) -> Result<String, BadValue> {
    if text.trim().is_empty() {
        return Err(BadValue::new("this text cannot be empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(
            BadValue::new(format!("{} holds a control character", shown(text)))
                .help("remove it: what stands here is one line of text that can be seen"),
        );
    }
    if text.chars().any(is_invisible) {
        return Err(BadValue::new(format!(
            "{} holds a character that cannot be seen",
            shown(text)
        ))
        .help("remove it: what is compiled is read by people, and must say to them what it says to the machine"));
    }
    let length = text.chars().count();
    if length > most {
        return Err(BadValue::new(format!(
            "{} is {length} characters long, at most {most} are possible",
            shown(text)
        ))
        .help("shorten it"));
    }
    Ok(text.to_owned())
}

/// The name of a credential: what a password store calls it, never the secret.
pub(super) fn credential(text: &str) -> Result<String, BadValue> {
    let admitted = |c: char| c.is_ascii_alphanumeric() || "._-@/".contains(c);
    if text.is_empty() || text.len() > 64 || !text.chars().all(admitted) {
        return Err(BadValue::new(
            "a credential is named by letters, digits and `._-@/`, at most 64 of them",
        )
        .help("write the name under which it is kept, never the secret itself"));
    }
    Ok(text.to_owned())
}

/// The name of a tenant: what stands before `.onmicrosoft.com`.
pub(super) fn tenant(text: &str) -> Result<String, BadValue> {
    let lower = text.to_ascii_lowercase();
    let error = BadValue::new(format!("{} is no name of a tenant", shown(text)));
    for suffix in [
        ".mail.onmicrosoft.com",
        ".onmicrosoft.com",
        ".onmicrosoft.us",
        ".partner.onmschina.cn",
    ] {
        if let Some(name) = lower.strip_suffix(suffix) {
            return Err(error.help(format!("write `{name}`")));
        }
    }
    let admitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if lower.is_empty()
        || lower.len() > 63
        || !lower.bytes().all(admitted)
        || lower.starts_with('-')
        || lower.ends_with('-')
    {
        return Err(error.help("write what stands before `.onmicrosoft.com`, such as `contoso`"));
    }
    Ok(lower)
}

/// The name of a server as Exchange knows it.
pub(super) fn server(text: &str) -> Result<String, BadValue> {
    let label = text.split('.').next().unwrap_or_default();
    let admitted = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    if label.is_empty() || text.len() > 253 || !text.bytes().all(admitted) {
        return Err(
            BadValue::new(format!("{} is no name of a server", shown(text)))
                .help("write it as `Get-ExchangeServer` shows it, such as `EX01`"),
        );
    }
    Ok(text.to_owned())
}

/// A service of master.cf and what it hands to, as transport(5) writes it.
pub(super) fn service(text: &str) -> Result<String, BadValue> {
    let error = |why: &str| BadValue::new(format!("{} {why}", shown(text)));
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(error(
            "holds white space, which ends a value in a Postfix table",
        ));
    }
    let Some((name, _)) = text.split_once(':') else {
        return Err(error("names no service of master.cf followed by a colon")
            .help(format!("write `\"{text}:\"`")));
    };
    service_name(name)?;
    Ok(text.to_owned())
}

/// The name of a service in master.cf.
pub(super) fn service_name(text: &str) -> Result<String, BadValue> {
    let admitted = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.';
    if text.is_empty() || text.len() > 64 || !text.bytes().all(admitted) {
        return Err(BadValue::new(format!(
            "{} is no name of a service in master.cf",
            shown(text)
        ))
        .help("write what stands first in its line of master.cf, such as `lmtp`"));
    }
    Ok(text.to_owned())
}

/// What separates the extension of an address; empty: nothing does.
pub(super) fn delimiter(text: &str) -> Result<String, BadValue> {
    let admitted = |b: u8| b"+-_=.#!$%&*/?^~|".contains(&b);
    if text.len() > 8 || !text.bytes().all(admitted) {
        return Err(BadValue::new(format!(
            "{} does not separate a user from a detail",
            shown(text)
        ))
        .help("write `+`, another punctuation mark, or `\"\"` for none"));
    }
    Ok(text.to_owned())
}

/// SPF terms that pass (RFC 7208), without version and without `all`.
pub(super) fn spf_terms(text: &str) -> Result<String, BadValue> {
    let error = |why: String| BadValue::coded(Code::U017, format!("{} {why}", shown(text)));
    let mut terms = Vec::new();
    for term in text.split_ascii_whitespace() {
        let bare = term.strip_prefix('+').unwrap_or(term);
        let (name, value) = bare.split_at(bare.find([':', '/', '=']).unwrap_or(bare.len()));
        let value = value.strip_prefix(':').unwrap_or(value);
        let name = name.to_ascii_lowercase();
        let good = match name.as_str() {
            "v" => {
                return Err(
                    error("is a whole record, only its terms are wanted".to_owned())
                        .help("leave `v=spf1` and `all` out"),
                );
            }
            "all" | "-all" | "~all" | "?all" => {
                return Err(error("ends the record, which `spf.all` decides".to_owned())
                    .help("leave `all` out"));
            }
            "include" | "exists" => is_target(value),
            "a" | "mx" => {
                let (host, prefix) = value.split_at(value.find('/').unwrap_or(value.len()));
                (host.is_empty() || is_target(host))
                    && prefix.bytes().all(|b| b == b'/' || b.is_ascii_digit())
            }
            "ip4" => Network::parse(value).is_ok_and(|network| !network.is_ipv6()),
            "ip6" => Network::parse(value).is_ok_and(|network| network.is_ipv6()),
            _ => false,
        };
        if !good {
            let meant = meant(term).filter(|meant| spf_terms(meant).is_ok());
            return Err(error(format!(
                "holds {}, which is no SPF term that passes",
                shown(term)
            ))
            .help(meant.map_or_else(
                || {
                    "write terms such as `include:spf.filter.example` or `ip4:192.0.2.0/24`"
                        .to_owned()
                },
                |meant| format!("write `{meant}` in its place"),
            )));
        }
        terms.push(bare.to_owned());
    }
    if terms.is_empty() {
        return Err(BadValue::new("this text cannot be empty"));
    }
    Ok(terms.join(" "))
}

/// The target of an SPF term; one with macros is taken as it is.
fn is_target(value: &str) -> bool {
    OwnerName::parse(value).is_ok()
        || (value.contains("%{") && value.bytes().all(|b| b.is_ascii_graphic()))
}

/// A bare name that SPF includes.
pub(super) fn spf_include(text: &str) -> Result<String, BadValue> {
    if let Some(name) = text.strip_prefix("include:") {
        return Err(
            BadValue::new(format!("{} is a term, a bare name is wanted", shown(text)))
                .help(format!("write {}", shown(name))),
        );
    }
    OwnerName::parse(text).map(|name| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_keeps_its_shape() {
        assert_eq!(tenant("Contoso").as_deref(), Ok("contoso"));
        assert_eq!(
            tenant("contoso.onmicrosoft.com")
                .unwrap_err()
                .help
                .as_deref(),
            Some("write `contoso`")
        );
        assert!(service("lmtp:unix:private/dovecot-lmtp").is_ok());
        assert_eq!(
            service("virtual").unwrap_err().help.as_deref(),
            Some("write `\"virtual:\"`")
        );
        assert!(service("lmtp:unix:a b").is_err());
        assert!(credential("hunter2 !").is_err());
        assert!(server("EX 01").is_err());
        assert!(delimiter("").is_ok() && delimiter("a").is_err());
        assert!(line(&"x".repeat(65), 64).is_err() && line("a\nb", 64).is_err());
    }

    #[test]
    fn spf_terms_that_pass() {
        for text in [
            "include:spf.filter.example",
            "ip4:192.0.2.0/24 ip6:2001:db8::/32",
            "a mx:mail.example/24",
            "exists:%{i}.spf.example",
        ] {
            assert_eq!(spf_terms(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "v=spf1 mx -all",
            "-all",
            "all",
            "ip4:10.0.0.1/8",
            "include:",
            "-mx",
            "redirect=x.example",
            "include:a b",
        ] {
            assert!(spf_terms(text).is_err(), "{text}");
        }
        assert!(spf_include("include:spf.example").is_err());
    }
}
