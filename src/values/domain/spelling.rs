//! The one spelling of a name: mapped, in lower case, without the final dot, and within the limits of the DNS.

use crate::finding::Code;
use crate::values::bad_value::{BadValue, is_invisible, shown};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::borrow::Cow;
use std::net::IpAddr;

/// Longest name in octets, without the trailing dot (RFC 1035, 2.3.4).
pub(super) const MAX_NAME: usize = 253;

/// Longest label in octets (RFC 1035, 2.3.4).
pub(super) const MAX_LABEL: usize = 63;

/// A text longer than this cannot become a name, however it is spelled.
pub(super) const MAX_TEXT: usize = 2000;

/// What a kind of name admits beyond letters, digits and hyphens.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    least_labels: usize,
    underscore: bool,
}

pub(super) const DOMAIN: Rules = Rules {
    least_labels: 2,
    underscore: false,
};

pub(super) const ZONE: Rules = Rules {
    least_labels: 2,
    underscore: true,
};

pub(super) const HOST: Rules = Rules {
    least_labels: 1,
    underscore: false,
};

pub(super) const OWNER: Rules = Rules {
    least_labels: 1,
    underscore: true,
};

/// Whether a text is a name in its one spelling already, as nearly all are. What is not plain may still be a name.
fn is_plain(text: &str, rules: Rules) -> bool {
    let admitted =
        |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-') || (rules.underscore && *b == b'_');
    let (mut labels, mut last) = (0, &[][..]);
    for label in text.as_bytes().split(|b| *b == b'.') {
        let is_label = !label.is_empty()
            && label.len() <= MAX_LABEL
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
            && !label.starts_with(b"xn--")
            && label.iter().all(admitted);
        if !is_label {
            return false;
        }
        (labels, last) = (labels + 1, label);
    }
    text.len() <= MAX_NAME && labels >= rules.least_labels && !last.iter().all(u8::is_ascii_digit)
}

/// The one spelling of a name, or why it is none.
pub(super) fn normalize(text: &str, rules: Rules) -> Result<Cow<'_, str>, BadValue> {
    if is_plain(text, rules) {
        return Ok(Cow::Borrowed(text));
    }
    if text.len() > MAX_TEXT {
        return Err(bad(
            text,
            &format!(
                "is {} octets long, a name has at most {MAX_NAME}",
                text.len()
            ),
        ));
    }
    refuse_other_things(text)?;
    let mapped = if needs_mapping(text) {
        Cow::Owned(map(text)?)
    } else if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    };
    let name = match mapped {
        Cow::Borrowed(name) => Cow::Borrowed(name.strip_suffix('.').unwrap_or(name)),
        Cow::Owned(mut name) => {
            if name.ends_with('.') {
                name.pop();
            }
            Cow::Owned(name)
        }
    };
    check_labels(text, &name, rules)?;
    // Mapping can turn other digits into ASCII ones, so what came out is looked at again.
    let last = name.rsplit('.').next().unwrap_or_default();
    if !last.is_empty() && last.len() < name.len() && last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad(text, "ends in a number, as no domain name does"));
    }
    Ok(name)
}

/// Plain ASCII without A-labels is its own mapping but for its case, and most names are that.
pub(super) fn needs_mapping(text: &str) -> bool {
    !text.is_ascii()
        || text.split('.').any(|label| {
            label
                .get(..4)
                .is_some_and(|p| p.eq_ignore_ascii_case("xn--"))
        })
}

pub(super) fn map(text: &str) -> Result<String, BadValue> {
    let to_ascii = |part: &str| {
        Uts46::new()
            .to_ascii(
                part.as_bytes(),
                AsciiDenyList::EMPTY,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            )
            .map(Cow::into_owned)
    };
    // What maps to a letter or a dot is one.
    let is_kept = |c: char| {
        is_no_letter(c) && to_ascii(&c.to_string()).is_ok_and(|mapped| mapped.starts_with("xn--"))
    };
    if let Some(c) = text.chars().find(|&c| is_kept(c)) {
        let why = format!(
            "holds {}, which no domain name can have",
            shown(&c.to_string())
        );
        return Err(without(text, &why, is_no_letter));
    }
    to_ascii(text).map_err(|_| {
        let label = text.split('.').find(|label| to_ascii(label).is_err());
        bad(
            text,
            &match label {
                Some(label) if label.len() < text.len() => {
                    format!(
                        "has a label that IDNA (RFC 5891) does not admit: {}",
                        shown(label)
                    )
                }
                _ => "is not admitted by IDNA (RFC 5891)".to_owned(),
            },
        )
    })
}

/// Texts that are something else are told so, before their characters are complained about.
pub(super) fn refuse_other_things(text: &str) -> Result<(), BadValue> {
    if text.is_empty() {
        return Err(BadValue::coded(Code::S003, "a domain name cannot be empty"));
    }
    if text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
    {
        let last = text
            .trim_end_matches('.')
            .rsplit('.')
            .next()
            .unwrap_or(text);
        let numeric = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
        if numeric && text.parse::<IpAddr>().is_ok() {
            return Err(an_address(text));
        }
        if numeric && last.len() < text.len() {
            return Err(bad(text, "ends in a number, as no domain name does"));
        }
        return Ok(());
    }
    if let Some(c) = text.chars().find(|c| c.is_whitespace()) {
        let trimmed = text.trim();
        let error = bad(
            text,
            if c == ' ' {
                "holds a space"
            } else {
                "holds white space"
            },
        );
        return Err(
            if trimmed.is_empty() || trimmed.chars().any(char::is_whitespace) {
                error
            } else {
                error.help(format!("write {}", shown(trimmed)))
            },
        );
    }
    if text.chars().any(is_invisible) {
        return Err(without(
            text,
            "holds a character that cannot be seen",
            is_invisible,
        ));
    }
    if text.parse::<IpAddr>().is_ok() || text.starts_with('[') {
        return Err(an_address(text));
    }
    if let Some((_, host)) = text.split_once("://") {
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        return Err(bad(text, "is a URL, not a domain name").help(format!("write {}", shown(host))));
    }
    if let Some((local, domain)) = text.rsplit_once('@') {
        let error = if local.is_empty() {
            bad(text, "begins with `@`")
        } else {
            bad(text, "is an address, not a domain name")
        };
        return Err(error.help(format!("write {}", shown(domain))));
    }
    if text.contains('*') {
        let error = bad(text, "holds a wildcard, where one name is wanted");
        return Err(match text.strip_prefix("*.") {
            Some(base) if !base.contains('*') => error.help(format!(
                "write {}; at a domain, `subdomains: true` takes mail for names below it that have no entry",
                shown(base)
            )),
            _ => error.help("write the names one by one"),
        });
    }
    Ok(())
}

pub(super) fn an_address(text: &str) -> BadValue {
    bad(text, "is an IP address, not a domain name")
        .help("write the name; addresses stand in `hosts`, `egress` and `addresses`")
}

/// The mistake of holding such characters; the name without them is proposed where it is one.
pub(super) fn without(text: &str, why: &str, unwanted: impl Fn(char) -> bool) -> BadValue {
    let mended: String = text.chars().filter(|&c| !unwanted(c)).collect();
    let error = bad(text, why);
    if mended != text && normalize(&mended, HOST).is_ok() {
        error.help(format!("write {}", shown(&mended)))
    } else {
        error.help("remove it")
    }
}

/// Punctuation, symbols and pictures, which the mapping of UTS 46 lets through and no name can have (RFC 5892): a
/// typesetter's quotes around a name would otherwise be a part of it.
pub(super) fn is_no_letter(c: char) -> bool {
    matches!(c,
        '\u{a1}'..='\u{bf}' if !matches!(c, '\u{aa}' | '\u{b7}' | '\u{ba}'))
        || matches!(c,
            '\u{d7}' | '\u{f7}' | '\u{2010}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{3004}'
            | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{fe30}'..='\u{fe6f}' | '\u{1f000}'..='\u{1faff}')
}

pub(super) fn check_labels(text: &str, name: &str, rules: Rules) -> Result<(), BadValue> {
    if name.is_empty() {
        return Err(bad(text, "has no label"));
    }
    if name.len() > MAX_NAME {
        return Err(bad(
            text,
            &format!(
                "is {} octets long, a name has at most {MAX_NAME}",
                name.len()
            ),
        ));
    }
    let mut labels = 0;
    for label in name.split('.') {
        labels += 1;
        check_label(text, label, rules)?;
    }
    if labels < rules.least_labels {
        return Err(bad(
            text,
            "has a single label, a domain for mail has at least two",
        )
        .help(format!("write the whole name, such as `{name}.example`")));
    }
    Ok(())
}

pub(super) fn check_label(text: &str, label: &str, rules: Rules) -> Result<(), BadValue> {
    if label.is_empty() {
        let why = if text.starts_with('.') {
            "begins with a dot"
        } else if text.ends_with("..") {
            "ends with two dots"
        } else {
            "has an empty label: two dots stand side by side"
        };
        let mended: Vec<&str> = text.split('.').filter(|l| !l.is_empty()).collect();
        let help = match mended.join(".").as_str() {
            "" => "write a name".to_owned(),
            mended => format!("write {}", shown(mended)),
        };
        return Err(bad(text, why).help(help));
    }
    if label.len() > MAX_LABEL {
        return Err(bad(
            text,
            &format!(
                "has a label of {} octets, at most {MAX_LABEL} are possible: {}",
                label.len(),
                shown(label)
            ),
        ));
    }
    let admitted =
        |c: char| c.is_ascii_alphanumeric() || c == '-' || (rules.underscore && c == '_');
    if let Some(c) = label.chars().find(|&c| !admitted(c)) {
        return Err(match c {
            '_' => {
                let labels = text.split('.').filter(|label| !label.contains('_'));
                let rest: Vec<&str> = labels.collect();
                let error = bad(
                    text,
                    "holds an underscore, which no domain for mail and no host can have",
                );
                if rest.len() < 2 {
                    error
                } else {
                    error.help(format!(
                        "name the domain itself, such as {}; records of other purposes stand in `dns.zones`",
                        shown(&rest.join("."))
                    ))
                }
            }
            c => bad(text, &format!("holds {}", shown(&c.to_string()))),
        });
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(bad(
            text,
            &format!(
                "has a label that begins or ends with a hyphen: {}",
                shown(label)
            ),
        ));
    }
    Ok(())
}

pub(super) fn bad(text: &str, why: &str) -> BadValue {
    BadValue::coded(Code::S003, format!("{} {why}", shown(text)))
}
