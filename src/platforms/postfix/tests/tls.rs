//! TLS that is demanded of next hops.

use crate::platforms::postfix::fixture::{at, certificate, fabrikam, id, partner, plan, tables};
use crate::platforms::postfix::tests::fabrikam_plan;
use crate::platforms::postfix::{Configuration, Hop, TlsPolicy, TlsPolicyLevel};
use crate::routes::RouteId;
use crate::topology::Issuer;
use crate::values::{DomainName, TlsLevel};

#[test]
fn policies_stand_under_the_text_of_the_next_hop() {
    let plan = fabrikam_plan();
    let mx = tables(&plan, 2);
    for (key, level, names) in [
        (
            "[fabrikam-com.mail.protection.outlook.com]:25",
            TlsPolicyLevel::Encrypt,
            &[][..],
        ),
        ("[mail.lab.fabrikam.com]:25", TlsPolicyLevel::Encrypt, &[]),
        (
            "[smtp.archive.example]:25",
            TlsPolicyLevel::Secure,
            &["smtp.archive.example"],
        ),
    ] {
        let Some(policy) = mx.smtp.policies.get(key) else {
            panic!("no policy for {key}: {:?}", mx.smtp.policies);
        };
        if key.contains("outlook") {
            assert!(policy.level >= level, "{key}");
            continue;
        }
        assert_eq!(policy.level, level, "{key}");
        assert_eq!(policy.names, names, "{key}");
    }
    let texts: Vec<&str> = mx
        .hops
        .iter()
        .filter(|hop| hop.route.is_some())
        .map(|hop| hop.next_hop.as_str())
        .collect();
    for key in mx.smtp.policies.keys() {
        assert!(
            texts.contains(&key.as_str()),
            "{key} is looked up by nobody"
        );
    }
}

#[test]
fn policies_of_several_hosts_and_of_names_below() {
    let policies = [
        ("[a.example]:25", TlsPolicyLevel::Secure),
        ("[b.example]:25", TlsPolicyLevel::Encrypt),
        (".below.example", TlsPolicyLevel::Encrypt),
    ];
    let mut tables = Configuration::default();
    tables.smtp.policies = policies
        .map(|(key, level)| {
            let policy = TlsPolicy {
                level,
                names: Vec::new(),
                route: RouteId::from_index(0),
            };
            (key.to_owned(), policy)
        })
        .into();
    let Ok(domain) = DomainName::parse("x.below.example") else {
        panic!("a name");
    };
    for (next_hop, level) in [
        ("[a.example]:25", TlsPolicyLevel::Secure),
        ("[a.example]:25, [b.example]:25", TlsPolicyLevel::Encrypt),
        ("[a.example]:25, [c.example]:25", TlsPolicyLevel::May),
        ("", TlsPolicyLevel::Encrypt),
        ("x.below.example:25", TlsPolicyLevel::May),
        ("[x.below.example]", TlsPolicyLevel::May),
    ] {
        let hop = Hop {
            service: "smtp".to_owned(),
            next_hop: next_hop.to_owned(),
            route: None,
        };
        assert_eq!(tables.tls(Some(&hop), &domain), level, "{next_hop}");
    }
}

#[test]
fn levels_are_raised_and_never_lowered() {
    let mut topology = fabrikam();
    topology.partners = vec![
        crate::topology::Partner {
            certificate: Some(certificate(&["*.bank.example"], Issuer::Public)),
            via: vec![at(id(2))],
            ..partner(
                "bank",
                &["bank.example", "*.bank.example"],
                Some(TlsLevel::CaVerified),
            )
        },
        crate::topology::Partner {
            auth: Some(at("post".to_owned())),
            hosts: vec![at(
                crate::values::Host::parse("out.post.example:587").expect("a host")
            )],
            via: vec![at(id(2))],
            ..partner("post", &["post.example"], None)
        },
    ];
    let (plan, findings) = plan(topology);
    let mx = tables(&plan, 2);
    let policy = |key: &str| {
        mx.smtp
            .policies
            .get(key)
            .map(|policy| (policy.level, policy.names.clone()))
    };
    let secure = Some((TlsPolicyLevel::Secure, vec![".bank.example".to_owned()]));
    assert_eq!(policy("bank.example"), secure);
    assert_eq!(policy(".bank.example"), secure);
    assert_eq!(
        policy("[out.post.example]:587").map(|(level, _)| level),
        Some(TlsPolicyLevel::Encrypt)
    );
    assert_eq!(mx.smtp.credentials["[out.post.example]:587"], "post");
    assert_eq!(
        findings
            .iter()
            .filter(|finding| finding.check == "X011")
            .count(),
        2,
        "{findings:?}"
    );
}
