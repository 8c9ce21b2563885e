use crate::dns::fixture::{at, domain, host, location, name, network, server, tenant, topology};
use crate::dns::{RData, RecordType};
use crate::finding::Findings;
use crate::plan::{Plan, derive};
use crate::platforms::product::UNKNOWN;
use crate::publish::publish;
use crate::topology::{
    Dkim, DkimSigner, Domain, Handling, LocationId, LocationKind, Party, Sending, Sends, Topology,
};
use crate::values::{OwnerName, Pattern};

fn id(index: usize) -> LocationId {
    LocationId::from_index(index)
}

/// The plan with what is published.
fn published(topology: Topology) -> Plan {
    let mut plan = derive(topology, &mut Findings::default());
    publish(&mut plan);
    plan
}

fn texts(plan: &Plan, owner: &str) -> Vec<String> {
    let owner = OwnerName::parse(owner).expect("an owner");
    let sets = plan
        .zones
        .iter()
        .filter_map(|zone| zone.set(&owner, RecordType::Txt));
    sets.flat_map(|set| &set.records)
        .filter_map(|record| match &record.data {
            RData::Txt(octets) => String::from_utf8(octets.clone()).ok(),
            _ => None,
        })
        .collect()
}

fn withheld(plan: &Plan) -> Vec<&str> {
    plan.withheld
        .iter()
        .map(|item| item.what.as_str())
        .collect()
}

/// Two places: the tenant `cloud` (0), and `hq` (1) which sends through it unless `direct`.
fn two_places(direct: bool, domains: Vec<Domain>) -> Topology {
    let mut hq = server("hq", "mail.contoso.com", "203.0.113.10");
    if !direct {
        hq.sends = at(Sends::Via(id(0)));
    }
    topology(vec![tenant("cloud"), hq], domains)
}

#[test]
fn spf_is_the_egress_of_the_last_own_hop() {
    for (direct, wanted) in [
        (false, "v=spf1 include:spf.protection.outlook.com -all"),
        (true, "v=spf1 ip4:203.0.113.10 -all"),
    ] {
        let mut contoso = domain("contoso.com", &[1]);
        // The tenant relays for its own names alone.
        contoso.mx = vec![at(id(0))];
        let plan = published(two_places(direct, vec![contoso]));
        assert_eq!(texts(&plan, "contoso.com"), [wanted]);
    }
    let plan = published(two_places(true, vec![domain("contoso.com", &[0, 1])]));
    assert_eq!(
        texts(&plan, "contoso.com"),
        ["v=spf1 ip4:203.0.113.10 include:spf.protection.outlook.com -all"]
    );
}

#[test]
fn a_gateway_in_front_is_in_spf_only_where_mail_leaves_through_it() {
    for (sends, rewrites_sender, wanted) in [
        (
            Sends::Direct,
            false,
            "v=spf1 include:spf.protection.outlook.com -all",
        ),
        (
            Sends::Via(id(1)),
            false,
            "v=spf1 include:spf.filter.example -all",
        ),
        // What it sends is no longer the domain's to answer for.
        (Sends::Via(id(1)), true, ""),
    ] {
        let mut cloud = tenant("cloud");
        cloud.sends = at(sends);
        let forwards = vec![(
            at(Pattern::parse("contoso.com").expect("a pattern")),
            at(Party::Location(id(0))),
        )];
        let mut filter = location(
            "filter",
            LocationKind::Other(
                UNKNOWN,
                Handling {
                    forwards,
                    ..Handling::default()
                },
            ),
        );
        filter.rewrites_sender = Some(at(rewrites_sender));
        filter.hosts.push(host("mx.filter.example"));
        filter.spf = Some(at("include:spf.filter.example".to_owned()));
        let mut contoso = domain("contoso.com", &[0]);
        contoso.mx = vec![at(id(1))];
        let plan = published(topology(vec![cloud, filter], vec![contoso]));
        assert_eq!(texts(&plan, "contoso.com").join(" "), wanted);
    }
}

#[test]
fn private_egress_is_no_spf() {
    let mut topology = two_places(true, vec![domain("contoso.com", &[1])]);
    topology.locations[1].egress = vec![network("10.0.0.0/8")];
    let plan = published(topology);
    assert!(withheld(&plan).contains(&"the SPF record of `contoso.com`"));
    assert_eq!(texts(&plan, "contoso.com"), Vec::<String>::new());
}

#[test]
fn a_domain_that_only_sends_is_never_forbidden_by_mistake() {
    let mut news = domain("news.contoso.com", &[]);
    news.sending = Sending::SendOnly;
    let unknown = published(topology(vec![tenant("cloud")], vec![news.clone()]));
    assert!(withheld(&unknown).contains(&"the SPF record of `news.contoso.com`"));
    news.dkim = Dkim::Signers(vec![DkimSigner {
        signer: at(Party::Location(id(0))),
        selectors: Vec::new(),
    }]);
    let known = published(topology(vec![tenant("cloud")], vec![news]));
    assert_eq!(
        texts(&known, "news.contoso.com"),
        ["v=spf1 include:spf.protection.outlook.com -all"]
    );
}

#[test]
fn a_record_that_the_user_keeps_already_stands_once() {
    let text = "v=spf1 include:spf.protection.outlook.com -all";
    let mut topology = topology(vec![tenant("cloud")], vec![domain("contoso.com", &[0])]);
    let settings = topology.dns.zones.entry(name("contoso.com")).or_default();
    settings.records.push(at(crate::topology::ForeignRecord {
        name: "@".to_owned(),
        kind: "TXT".to_owned(),
        data: text.to_owned(),
        ttl: None,
    }));
    assert_eq!(texts(&published(topology), "contoso.com"), [text]);
}
