//! Mail-flow rules of a tenant: predicates of `New-TransportRule`, evaluated one after the other.

use crate::mail::Mail;
use crate::names::{domain_of, is_below};
use crate::world::World;
use mailtopo::testing::platforms::exchange_online::{
    Configuration, OutboundConnector, RuleValue, TransportRule,
};

/// The message after the rules, with the connector they choose; one entry for every answer to what cannot be known.
pub(crate) fn choices<'a>(
    world: &World<'_>,
    here: usize,
    tenant: &'a Configuration,
    mail: &Mail,
    to_inside: bool,
) -> Vec<(Mail, Option<&'a OutboundConnector>)> {
    let mut open = vec![mail.clone()];
    let mut done = Vec::new();
    for rule in tenant.rules.iter().filter(|rule| rule.enabled) {
        let mut still = Vec::new();
        for mail in open {
            let who = mail.person.clone();
            let guessed = mail
                .guesses
                .iter()
                .find(|(name, whose, _)| *name == rule.name && *whose == who)
                .map(|(.., acts)| *acts);
            let fires = applies(world, here, rule, &mail, to_inside);
            let doubtful = fires.is_none() && guessed.is_none();
            let fires = fires.or(guessed);
            if fires != Some(true) {
                let mut mail = mail.clone();
                if doubtful {
                    mail.guesses.push((rule.name.clone(), who.clone(), false));
                }
                still.push(mail);
            }
            if fires != Some(false) {
                let mut mail = mail;
                if doubtful {
                    mail.guesses.push((rule.name.clone(), who, true));
                }
                if let Some(stamp) = &rule.set_header
                    && !mail.stamps.contains(stamp)
                {
                    mail.stamps.push(stamp.clone());
                }
                let connector = tenant
                    .outbound
                    .iter()
                    .find(|c| c.name == rule.connector && c.is_transport_rule_scoped && c.enabled);
                // The first rule that matches ends the rules (StopRuleProcessing), whatever its connector is good for.
                done.push((mail, connector));
            }
        }
        open = still;
    }
    done.extend(open.into_iter().map(|mail| (mail, None)));
    done
}

/// `None`: nobody can tell.
fn applies(
    world: &World<'_>,
    here: usize,
    rule: &TransportRule,
    mail: &Mail,
    to_inside: bool,
) -> Option<bool> {
    let mut unknown = false;
    for (name, value) in &rule.predicates {
        let (plain, except) = match name.strip_prefix("ExceptIf") {
            Some(plain) => (plain, true),
            None => (*name, false),
        };
        let holds = match plain {
            "FromScope" => Some(
                text(value)
                    == if mail.inside {
                        "InOrganization"
                    } else {
                        "NotInOrganization"
                    },
            ),
            "SentToScope" => Some(
                text(value)
                    == if to_inside {
                        "InOrganization"
                    } else {
                        "NotInOrganization"
                    },
            ),
            "From" => Some(list(value).contains(&mail.sender)),
            "SentTo" => Some(list(value).iter().any(|one| is_meant(one, mail))),
            "FromAddressMatchesPatterns" => Some(matches(value, &mail.sender)),
            "RecipientAddressMatchesPatterns" => Some(matches(value, primary(world, here, mail))),
            "RecipientADAttributeContainsWords" => attribute(world, value, &mail.person),
            "SentToMemberOf" => member(world, value, &mail.person),
            "FromMemberOf" => member(world, value, &mail.sender),
            // The words of a header stand beside the header's name, which is judged with them.
            "HeaderContainsMessageHeader" | "HeaderMatchesMessageHeader" => continue,
            "HeaderContainsWords" | "HeaderMatchesPatterns" => {
                let wanted = name
                    .replace("ContainsWords", "ContainsMessageHeader")
                    .replace("MatchesPatterns", "MatchesMessageHeader");
                let header = rule
                    .predicates
                    .iter()
                    .find(|(other, _)| *other == wanted)
                    .map_or("", |(_, v)| text(v));
                let stamped = mail.stamps.iter().find(|(known, _)| known == header);
                match stamped {
                    Some((_, found)) => Some(
                        plain == "HeaderMatchesPatterns"
                            || list(value).iter().any(|word| found.contains(word.as_str())),
                    ),
                    // What we did not stamp an outsider may have.
                    None if except => Some(false),
                    None => None,
                }
            }
            _ => None,
        };
        match (holds, except) {
            (Some(true), true) | (Some(false), false) => return Some(false),
            (None, _) => unknown = true,
            _ => {}
        }
    }
    (!unknown).then_some(true)
}

/// "The rule checks the recipient's primary SMTP email address without checking any proxy addresses" (the default of
/// `RecipientAddressType`); of whom the directory does not have there is none.
fn primary<'m>(world: &World<'_>, here: usize, mail: &'m Mail) -> &'m str {
    let domain = domain_of(&mail.recipient);
    let known = mail.home.is_some()
        && world.our_domain(domain).is_some()
        && world.accepts(here, domain)
        && world.knows_everybody(here, domain);
    if known || mail.home == Some(world.places[here].id) {
        &mail.person
    } else {
        &mail.recipient
    }
}

/// Whether an address is that of the recipient, under whichever of its addresses the message comes.
pub(crate) fn is_meant(address: &str, mail: &Mail) -> bool {
    address == mail.recipient || address == mail.person
}

fn text(value: &RuleValue) -> &str {
    match value {
        RuleValue::Text(text) => text,
        RuleValue::List(list) => list.first().map_or("", String::as_str),
    }
}

fn list(value: &RuleValue) -> &[String] {
    match value {
        RuleValue::Text(text) => std::slice::from_ref(text),
        RuleValue::List(list) => list,
    }
}

/// The three kinds of expression that are written: one name, names below one, everything.
fn matches(value: &RuleValue, address: &str) -> bool {
    list(value).iter().any(|expression| {
        let plain = expression.replace('\\', "");
        let Some(plain) = plain.strip_suffix('$') else {
            return address.contains(plain.as_str());
        };
        match plain.strip_prefix('@') {
            Some(name) => domain_of(address) == name,
            None => plain
                .strip_prefix('.')
                .is_some_and(|base| is_below(domain_of(address), base)),
        }
    })
}

/// `City:New Orleans`: what the lists of mailboxes say, where they say anything.
fn attribute(world: &World<'_>, value: &RuleValue, address: &str) -> Option<bool> {
    let (name, words) = text(value).split_once(':')?;
    let details = details(world, address)?;
    let found = if name == "City" {
        details.city.as_ref()?
    } else {
        details.department.as_ref()?
    };
    let answers: Vec<Option<bool>> = words.split(',').map(|word| has_word(found, word)).collect();
    if answers.contains(&Some(true)) {
        Some(true)
    } else if answers.contains(&None) {
        None
    } else {
        Some(false)
    }
}

/// "The words aren't case-sensitive, and can be surrounded by spaces and punctuation marks ... if the text is surrounded by
/// other characters, it isn't considered a match": property type `Words` in
/// <https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/conditions-and-exceptions>. What a
/// punctuation mark is beyond those of plain text is not said.
fn has_word(text: &str, word: &str) -> Option<bool> {
    const MARKS: &str = "!\"#%&'()*,-./:;?@[\\]{}";
    let small = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    let (text, word) = (small(text), small(word));
    if word.is_empty() {
        return None;
    }
    let mut doubtful = false;
    for start in 0..text.len() {
        if !text[start..].starts_with(&word) {
            continue;
        }
        let before = start.checked_sub(1).map(|at| text[at]);
        let after = text.get(start + word.len()).copied();
        let sides: Vec<char> = before.into_iter().chain(after).collect();
        let ends = |c: &char| c.is_whitespace() || MARKS.contains(*c);
        if sides.iter().all(ends) {
            return Some(true);
        }
        doubtful |= !sides.iter().any(|c| c.is_alphanumeric());
    }
    if doubtful { None } else { Some(false) }
}

fn member(world: &World<'_>, value: &RuleValue, address: &str) -> Option<bool> {
    let details = details(world, address)?;
    if details.groups.is_empty() {
        return None;
    }
    let wanted = list(value).iter();
    Some(wanted.clone().any(|group| {
        let mut groups = details.groups.iter();
        groups.any(|known| known.to_lowercase() == group.to_lowercase())
    }))
}

fn details<'a>(
    world: &World<'a>,
    address: &str,
) -> Option<&'a mailtopo::testing::topology::RecipientDetails> {
    world.mailbox(address)?.0.details.as_deref()
}
