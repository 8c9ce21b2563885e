//! Checks: everything that can be said against a spec, one file per check.
//!
//! The module comment of a check's file is its page: `explain` shows it, `docs/checks.md` collects all of them, and the
//! tests run the failing and the mended spec that stand in it. This module must not know how findings are shown, nor
//! how any file is written.

mod astray;
mod certificates;
mod claims;
mod consequences;
mod doubt;
mod filtering;
mod ignore;
mod page;
mod ranges;
mod rivals;
mod words;

mod a001_accepted_domains_beside_wildcard;
mod a002_apex_of_wildcard;
mod a003_nested_wildcards;
mod a004_equal_patterns;
mod a006_cost_tie;
mod a007_name_tie_break;
mod a008_partner_in_own_wildcard;
mod a009_wildcard_over_own_subdomain;
mod a010_ip_range_partial_overlap;
mod a011_inbound_double_match;
mod a012_restrict_vs_allow_partner;
mod a013_equal_mx_different_end;
mod a015_reading_dependent_spec;
mod d001_shadowed_route;
mod d002_matches_nothing;
mod d003_disabled_referenced;
mod d004_scoped_without_rule;
mod d005_partly_shadowed;
mod e001_connector_name_too_long;
mod e002_cidr_out_of_range;
mod e003_smarthost_missing;
mod e004_onpremises_only_flag_on_partner;
mod e010_rule_names_unscoped_connector;
mod e012_smart_host_unreachable;
mod e013_cannot_be_written;
mod e014_setting_not_on_this_tenant;
mod e015_arc_sealer_by_hand;
mod e016_trusted_behind_a_lock;
mod g001_no_route_for_population;
mod g002_accepted_but_no_mailbox;
mod g003_population_without_accepted_domain;
mod g004_mx_entry_cannot_forward;
mod g005_one_direction_only;
mod g006_dsn_cannot_return;
mod g007_subdomain_hole;
mod g008_internal_relay_without_onward;
mod g010_backup_mx_gap;
mod g011_missing_egress;
mod g013_opaque_end;
mod h001_hybrid_connector_misses_domain;
mod h002_cloudservices_one_side;
mod h003_cmt_without_onprem_egress;
mod h004_cmt_forwarding_leak;
mod h007_subdomain_match_needs_relay;
mod i001_expectation_not_met;
mod i002_ways_not_followed;
mod l001_loop;
mod l002_possible_loop;
mod l003_mx_returns_to_sender;
mod l004_cmt_marker_lost;
mod l005_redirect_cycle;
mod l006_routing_domain_not_routed;
mod l007_missing_routing_alias;
mod l008_authoritative_on_both_sides;
mod l009_unknown_recipients_end;
mod l011_unreachable_queue;
mod l013_backscatter;
mod n001_mx_host_is_cname;
mod n004_mx_disagrees_with_intent;
mod n007_record_over_cname;
mod n017_fact_missing;
mod n018_duplicate_text_record;
mod n019_below_delegation;
mod n020_host_without_address;
mod p001_partner_asymmetric_tls;
mod p002_partner_rejects_own_senders;
mod p003_partner_also_accepted;
mod p005_ip_and_cert_in_one;
mod p006_nested_partners;
mod r001_open_relay;
mod r002_over_wide_ip_relay;
mod r003_shared_ip_relay;
mod r004_filter_bypass;
mod r005_direct_send_exposed;
mod r006_treat_as_internal;
mod r007_internal_flag_from_outside;
mod r008_onmicrosoft_locked_out;
mod r009_restrict_without_list;
mod r011_lockdown_shuts_out_internet;
mod s001_unknown_reference;
mod s002_duplicate_name;
mod s003_invalid_domain;
mod s004_non_canonical_name;
mod s005_infix_wildcard;
mod s006_wildcard_public_suffix;
mod s007_unknown_key;
mod s008_self_route;
mod s009_count_mismatch;
mod s010_recipient_in_two_locations;
mod s011_duplicate_proxy;
mod s012_unused_definition;
mod s013_unused_suppression;
mod s014_suppression_without_reason;
mod s015_duplicate_key;
mod s016_reserved_domain;
mod s017_syntax;
mod s018_wrong_type;
mod s019_bad_value;
mod s020_include;
mod s021_encoding;
mod s022_not_on_this_kind;
mod t001_floor_below_demand;
mod t002_demand_unsatisfiable;
mod t003_cert_name_mismatch;
mod t004_wildcard_depth;
mod t005_self_signed_with_validation;
mod t007_cert_attribution_name;
mod t012_tls_inspection_between_hybrid;
mod u001_egress_not_in_spf;
mod u002_spf_too_many_lookups;
mod u004_spf_multiple_records;
mod u017_spf_syntax;
mod v001_device_no_path;
mod v002_direct_send_external;
mod v003_device_sender_not_accepted;
mod v004_device_ip_overlap;
mod v005_private_source_ip;
mod v006_device_tls_too_old;
mod v007_smtp_auth_disabled;
mod x009_unknown_transport;
mod x010_unlisted_mailboxes;
mod x011_tls_level_raised;
mod x012_rule_not_expressible;
mod x013_certificate_not_checked;
mod x014_no_delivery_service;
mod x015_catch_all_without_list;

use crate::analysis::{Extent, Flows, Model};
use crate::finding::{Findings, Severity};
use crate::plan::Plan;
use crate::values::Date;
use consequences::Causes;

/// A check.
#[derive(Debug)]
pub struct Check {
    /// A group letter and three digits; never given to another check.
    pub code: &'static str,
    /// The stable name beside the code.
    pub name: &'static str,
    /// How bad its findings are, unless the page says otherwise.
    pub severity: Severity,
    /// The file it is written in, which begins with its page.
    source: &'static str,
    run: Run,
}

/// Who looks.
#[derive(Debug)]
enum Run {
    /// Whatever reads the spec and resolves its names.
    Reading,
    /// Whatever derives routes and lowers them to the objects of each product.
    Deriving,
    /// This function.
    Plan(fn(&Plan, &mut Findings)),
    /// This function, which looks at what depends on a reading of the documents.
    Doubt(fn(&Flows<'_>, &mut Findings)),
    /// This function, which follows messages.
    Walk(fn(&Flows<'_>, &mut Findings)),
    /// Whatever applies `ignore`.
    Ignoring,
}

macro_rules! table {
    ($($module:ident),* $(,)?) => {
        [$(&$module::CHECK),*]
    };
}

/// Every check, by code.
pub const ALL: &[&Check] = &table![
    a001_accepted_domains_beside_wildcard,
    a002_apex_of_wildcard,
    a003_nested_wildcards,
    a004_equal_patterns,
    a006_cost_tie,
    a007_name_tie_break,
    a008_partner_in_own_wildcard,
    a009_wildcard_over_own_subdomain,
    a010_ip_range_partial_overlap,
    a011_inbound_double_match,
    a012_restrict_vs_allow_partner,
    a013_equal_mx_different_end,
    a015_reading_dependent_spec,
    d001_shadowed_route,
    d002_matches_nothing,
    d003_disabled_referenced,
    d004_scoped_without_rule,
    d005_partly_shadowed,
    e001_connector_name_too_long,
    e002_cidr_out_of_range,
    e003_smarthost_missing,
    e004_onpremises_only_flag_on_partner,
    e010_rule_names_unscoped_connector,
    e012_smart_host_unreachable,
    e013_cannot_be_written,
    e014_setting_not_on_this_tenant,
    e015_arc_sealer_by_hand,
    e016_trusted_behind_a_lock,
    g001_no_route_for_population,
    g002_accepted_but_no_mailbox,
    g003_population_without_accepted_domain,
    g004_mx_entry_cannot_forward,
    g005_one_direction_only,
    g006_dsn_cannot_return,
    g007_subdomain_hole,
    g008_internal_relay_without_onward,
    g010_backup_mx_gap,
    g011_missing_egress,
    g013_opaque_end,
    h001_hybrid_connector_misses_domain,
    h002_cloudservices_one_side,
    h003_cmt_without_onprem_egress,
    h004_cmt_forwarding_leak,
    h007_subdomain_match_needs_relay,
    i001_expectation_not_met,
    i002_ways_not_followed,
    l001_loop,
    l002_possible_loop,
    l003_mx_returns_to_sender,
    l004_cmt_marker_lost,
    l005_redirect_cycle,
    l006_routing_domain_not_routed,
    l007_missing_routing_alias,
    l008_authoritative_on_both_sides,
    l009_unknown_recipients_end,
    l011_unreachable_queue,
    l013_backscatter,
    n001_mx_host_is_cname,
    n004_mx_disagrees_with_intent,
    n007_record_over_cname,
    n017_fact_missing,
    n018_duplicate_text_record,
    n019_below_delegation,
    n020_host_without_address,
    p001_partner_asymmetric_tls,
    p002_partner_rejects_own_senders,
    p003_partner_also_accepted,
    p005_ip_and_cert_in_one,
    p006_nested_partners,
    r001_open_relay,
    r002_over_wide_ip_relay,
    r003_shared_ip_relay,
    r004_filter_bypass,
    r005_direct_send_exposed,
    r006_treat_as_internal,
    r007_internal_flag_from_outside,
    r008_onmicrosoft_locked_out,
    r009_restrict_without_list,
    r011_lockdown_shuts_out_internet,
    s001_unknown_reference,
    s002_duplicate_name,
    s003_invalid_domain,
    s004_non_canonical_name,
    s005_infix_wildcard,
    s006_wildcard_public_suffix,
    s007_unknown_key,
    s008_self_route,
    s009_count_mismatch,
    s010_recipient_in_two_locations,
    s011_duplicate_proxy,
    s012_unused_definition,
    s013_unused_suppression,
    s014_suppression_without_reason,
    s015_duplicate_key,
    s016_reserved_domain,
    s017_syntax,
    s018_wrong_type,
    s019_bad_value,
    s020_include,
    s021_encoding,
    s022_not_on_this_kind,
    t001_floor_below_demand,
    t002_demand_unsatisfiable,
    t003_cert_name_mismatch,
    t004_wildcard_depth,
    t005_self_signed_with_validation,
    t007_cert_attribution_name,
    t012_tls_inspection_between_hybrid,
    u001_egress_not_in_spf,
    u002_spf_too_many_lookups,
    u004_spf_multiple_records,
    u017_spf_syntax,
    v001_device_no_path,
    v002_direct_send_external,
    v003_device_sender_not_accepted,
    v004_device_ip_overlap,
    v005_private_source_ip,
    v006_device_tls_too_old,
    v007_smtp_auth_disabled,
    x009_unknown_transport,
    x010_unlisted_mailboxes,
    x011_tls_level_raised,
    x012_rule_not_expressible,
    x013_certificate_not_checked,
    x014_no_delivery_service,
    x015_catch_all_without_list,
];

/// Looks at a plan with every check that needs nothing else, and says how much was followed.
pub fn run_plan_checks(plan: &Plan, findings: &mut Findings) -> Extent {
    for check in ALL {
        if let Run::Plan(run) = check.run {
            run(plan, findings);
        }
    }
    let mut walked = Findings::default();
    let model = Model::of(plan);
    let flows = Flows::of(&model);
    for check in ALL {
        if let Run::Doubt(run) = check.run {
            run(&flows, findings);
        }
    }
    for check in ALL {
        if let Run::Walk(run) = check.run {
            run(&flows, &mut walked);
        }
    }
    let causes = Causes::of(plan, findings);
    walked.retain(|finding| !causes.explain(finding));
    findings.extend(walked.into_sorted());
    flows.extent()
}

/// Hides what the spec says is known and accepted, and says which of these entries are stale.
pub fn hide_ignored(plan: &Plan, today: Date, findings: &mut Findings) {
    ignore::apply(&plan.topology.ignores, today, findings);
}

/// The check with this code or name; case does not matter.
pub fn find(code_or_name: &str) -> Option<&'static Check> {
    ALL.iter().copied().find(|check| {
        check.code.eq_ignore_ascii_case(code_or_name)
            || check.name.eq_ignore_ascii_case(code_or_name)
    })
}

/// The code or name nearest to a word that is neither.
pub fn nearest(word: &str) -> Option<&'static str> {
    crate::finding::nearest(word, ALL.iter().flat_map(|check| [check.code, check.name]))
}

impl Check {
    /// Whether `ignore` can hide its findings: not where the spec itself could not be understood.
    fn can_be_ignored(&self) -> bool {
        match self.run {
            Run::Reading => self.severity != Severity::Error,
            Run::Ignoring => false,
            Run::Deriving | Run::Plan(_) | Run::Doubt(_) | Run::Walk(_) => true,
        }
    }
}

#[cfg(test)]
mod tests;
