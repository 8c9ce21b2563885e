use crate::writer::any_text;
use crate::writer::postfix::{
    CidrTable, Part, RegexpTable, Table, Value, comment, inline, list, parameter, value,
};
use proptest::prelude::*;

fn table(entries: &[(&str, &str)]) -> Result<String, crate::writer::postfix::Refused> {
    let mut table = Table::default();
    for (key, value) in entries {
        table.insert(*key, value)?;
    }
    table.text()
}

/// Reads a table as postmap does: blank and comment lines, continuation lines, key up to the first white space.
fn read(text: &str) -> Vec<(String, String)> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    let blank = [' ', '\t', '\r'];
    let split = |line: &String| {
        let (key, value) = line.split_once(blank).unwrap_or((line, ""));
        (key.to_owned(), value.trim_matches(blank).to_owned())
    };
    lines.iter().map(split).collect()
}

fn literal(text: &str) -> Result<Value, crate::writer::postfix::Refused> {
    value(&[Part::Text(text)])
}

/// Expands a value as Postfix does, with every parameter empty.
fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            after
        } else {
            after.split_once('}').map_or("", |(_, after)| after)
        };
    }
    out + rest
}

#[test]
fn tables_are_sorted_lower_case_and_aligned() {
    let text = table(&[
        ("contoso.com", "smtp:[hub.contoso.com]:25"),
        ("Bob@contoso.com", "relay:[x] # part of the value"),
        (".contoso.com", "error:5.1.2 no such domain"),
    ]);
    assert_eq!(
        text.expect("can be written"),
        ".contoso.com     error:5.1.2 no such domain\n\
         bob@contoso.com  relay:[x] # part of the value\n\
         contoso.com      smtp:[hub.contoso.com]:25\n"
    );
}

#[test]
fn what_postmap_would_skip_is_refused() {
    for (key, value) in [
        ("", "x"),
        ("a b", "x"),
        ("a\u{a0}b", "x"),
        ("#a", "x"),
        ("\u{feff}a", "x"),
        ("\"a b\"@x", "x"),
        ("a\\b", "x"),
        ("a", ""),
        ("a", " x"),
        ("a", "x "),
        ("a", "x\ny z"),
        ("a", "x\ty"),
    ] {
        assert!(table(&[(key, value)]).is_err(), "{key:?} {value:?}");
    }
}

#[test]
fn duplicates_are_refused_whatever_their_case() {
    for (one, other) in [
        ("a@b", "A@B"),
        ("münchen.de", "MÜNCHEN.de"),
        ("straße@x", "STRASSE@x"),
    ] {
        let refused = table(&[(one, "x"), (other, "y")]).expect_err("a duplicate");
        assert!(refused.message.contains("twice"), "{refused}");
    }
}

#[test]
fn networks_keep_their_order_and_none_is_hidden() {
    let net = |text: &str| text.parse().expect("a network");
    let mut table = CidrTable::default();
    for (network, action) in [
        ("10.1.0.0/16", "OK"),
        ("10.0.0.0/8", "REJECT"),
        ("2001:db8::/32", "OK"),
        ("10.1.2.0/24", "OK"),
    ] {
        assert_eq!(table.push(net(network), action), Ok(()));
    }
    assert_eq!(
        table.text(),
        "10.1.0.0/16    OK\n10.0.0.0/8     REJECT\n2001:db8::/32  OK\n"
    );
    for (network, action) in [
        ("10.2.0.0/16", "OK"),
        ("10.0.0.0/8", "OK"),
        ("192.0.2.5/24", "OK"),
        ("192.0.2.0/24", ""),
    ] {
        assert!(table.push(net(network), action).is_err(), "{network}");
    }
}

#[test]
fn parameters() {
    let text =
        |name, text| parameter(name, &literal(text).expect("a value")).expect("can be written");
    assert_eq!(
        text("myhostname", "relay.contoso.com"),
        "myhostname = relay.contoso.com"
    );
    assert_eq!(text("relayhost", ""), "relayhost =");
    assert_eq!(
        text("smtpd_banner", "costs $5 #1"),
        "smtpd_banner = costs $$5 #1"
    );
    let table = value(&[
        Part::Text("lmdb:"),
        Part::Parameter("config_directory"),
        Part::Text("/transport"),
    ]);
    let table = table.expect("a value");
    assert_eq!(
        parameter("transport_maps", &table).as_deref(),
        Ok("transport_maps = lmdb:${config_directory}/transport")
    );
    let check = literal("check_client_access cidr:/etc/postfix/client_access").expect("a value");
    let last = literal("reject_unauth_destination").expect("a value");
    assert_eq!(
        list("smtpd_relay_restrictions", &[check, last]).as_deref(),
        Ok(
            "smtpd_relay_restrictions =\n    check_client_access cidr:/etc/postfix/client_access,\n    reject_unauth_destination"
        )
    );
    assert_eq!(list("relay_domains", &[]).as_deref(), Ok("relay_domains ="));
}

#[test]
fn no_value_leaves_its_parameter() {
    for text in ["a\nb = c", " a", "a ", "#a", "{a}", "a\u{2028}b"] {
        assert!(literal(text).is_err(), "{text:?}");
    }
    for text in ["", "a,b", "a  b"] {
        assert!(
            list("x", &[literal(text).expect("a value")]).is_err(),
            "{text:?}"
        );
    }
    for name in ["", "a b", "a=b", "A", "1a", "a\n"] {
        assert!(
            parameter(name, &literal("x").expect("a value")).is_err(),
            "{name:?}"
        );
        assert!(value(&[Part::Parameter(name)]).is_err(), "{name:?}");
    }
    assert!(comment("a\nmynetworks = 0.0.0.0/0").is_err());
    assert_eq!(comment("device:door").as_deref(), Ok("# device:door"));
}

#[test]
fn patterns_stand_for_unnamed_names_and_for_no_others() {
    let mut table = RegexpTable::default();
    let named = ["eu.contoso.com".to_owned()];
    assert_eq!(table.push_below("a-b.example", &[], "OK"), Ok(()));
    assert_eq!(table.push_below("contoso.com", &named, "OK"), Ok(()));
    assert_eq!(
        table.text(),
        "/@.+[.]a-b[.]example$/  OK\nif !/@(eu[.]contoso[.]com)$/\n/@.+[.]contoso[.]com$/  OK\nendif\n"
    );
    for name in ["", "a/b", "a b", "(a)", "a$"] {
        assert!(table.push_below(name, &[], "OK").is_err(), "{name:?}");
        assert!(table.push_below("x", &[name.to_owned()], "OK").is_err());
    }
}

#[test]
fn a_table_of_one_entry_within_main_cf() {
    let host = [Part::Parameter("myhostname")];
    let text = inline(&host, &[Part::Text("local:"), host[0]]).expect("a table");
    assert_eq!(
        parameter("transport_maps", &text).as_deref(),
        Ok("transport_maps = inline:{${myhostname}=local:${myhostname}}")
    );
    for (key, result) in [("a=b", "c"), ("a b", "c"), ("a", "b c"), ("a", "b,c")] {
        assert!(inline(&[Part::Text(key)], &[Part::Text(result)]).is_err());
    }
}

proptest! {
    #[test]
    fn an_entry_reads_back_or_is_refused(key in any_text(), value in any_text()) {
        if let Ok(text) = table(&[(&key, &value)]) {
            prop_assert_eq!(read(&text), vec![(key.to_lowercase(), value)]);
        }
    }

    #[test]
    fn likely_entries_read_back(key in "[#a@. \"]{1,5}", value in "[#a: ,$\t\n]{1,8}") {
        if let Ok(text) = table(&[(&key, &value), ("zz", "z")]) {
            prop_assert_eq!(read(&text), vec![(key, value), ("zz".to_owned(), "z".to_owned())]);
        }
    }

    #[test]
    fn literal_text_expands_to_itself_or_is_refused(text in "[$a(){} #,é]{0,8}") {
        if let Ok(Value(written)) = literal(&text) {
            prop_assert_eq!(expand(&written), text);
        }
    }
}
