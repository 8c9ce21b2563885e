//! The codes of all checks: each is listed here once, with its name, its severity and the file it is written in.

use serde::{Serialize, Serializer};
use std::fmt;

/// Hands the list of all checks to a macro. Codes and names are contracts: add, never rename, never give a code again.
macro_rules! every_code {
    ($then:ident) => {
        $then! {
            #[doc = "Ambiguity: more than one object or reading could decide."]
            a {
                A001 "accepted-domains-beside-wildcard" Error a001_accepted_domains_beside_wildcard;
                A002 "apex-of-wildcard" Error a002_apex_of_wildcard;
                A003 "nested-wildcards" Warning a003_nested_wildcards;
                A004 "equal-patterns" Error a004_equal_patterns;
                A006 "cost-tie" Warning a006_cost_tie;
                A007 "name-tie-break" Warning a007_name_tie_break;
                A008 "partner-in-own-wildcard" Error a008_partner_in_own_wildcard;
                A009 "wildcard-over-own-subdomain" Warning a009_wildcard_over_own_subdomain;
                A010 "ip-range-partial-overlap" Error a010_ip_range_partial_overlap;
                A011 "inbound-double-match" Error a011_inbound_double_match;
                A012 "restrict-vs-allow-partner" Error a012_restrict_vs_allow_partner;
                A013 "equal-mx-different-end" Error a013_equal_mx_different_end;
                A015 "reading-dependent-spec" Note a015_reading_dependent_spec;
            }
            #[doc = "Configuration: what exists against what was compiled (`drift`)."]
            c {
                C001 "object-missing" Warning c001_object_missing;
                C002 "property-differs" Warning c002_property_differs;
                C003 "object-unknown" Note c003_object_unknown;
                C004 "mail-goes-elsewhere" Error c004_mail_goes_elsewhere;
                C005 "export-incomplete" Warning c005_export_incomplete;
            }
            #[doc = "Dead configuration: objects that never act."]
            d {
                D001 "shadowed-route" Error d001_shadowed_route;
                D002 "matches-nothing" Warning d002_matches_nothing;
                D003 "disabled-referenced" Error d003_disabled_referenced;
                D004 "scoped-without-rule" Error d004_scoped_without_rule;
                D005 "partly-shadowed" Note d005_partly_shadowed;
            }
            #[doc = "Exchange: what its products cannot hold."]
            e {
                E001 "connector-name-too-long" Error e001_connector_name_too_long;
                E002 "cidr-out-of-range" Error e002_cidr_out_of_range;
                E003 "smarthost-missing" Error e003_smarthost_missing;
                E004 "onpremises-only-flag-on-partner" Error e004_onpremises_only_flag_on_partner;
                E010 "rule-names-unscoped-connector" Error e010_rule_names_unscoped_connector;
                E011 "expected-size-exceeds-path" Warning e011_expected_size_exceeds_path;
                E012 "smart-host-unreachable" Error e012_smart_host_unreachable;
                E013 "cannot-be-written" Error e013_cannot_be_written;
                E014 "setting-not-on-this-tenant" Error e014_setting_not_on_this_tenant;
                E015 "arc-sealer-by-hand" Warning e015_arc_sealer_by_hand;
                E016 "trusted-behind-a-lock" Warning e016_trusted_behind_a_lock;
                E017 "smart-host-of-others" Error e017_smart_host_of_others;
                E018 "detour-without-inbound-connector" Error e018_detour_without_inbound_connector;
                E019 "automatic-forward-off" Warning e019_automatic_forward_off;
            }
            #[doc = "Gaps: mail that nothing carries."]
            g {
                G001 "no-route-for-population" Error g001_no_route_for_population;
                G002 "accepted-but-no-mailbox" Warning g002_accepted_but_no_mailbox;
                G003 "population-without-accepted-domain" Error g003_population_without_accepted_domain;
                G004 "mx-entry-cannot-forward" Error g004_mx_entry_cannot_forward;
                G005 "one-direction-only" Error g005_one_direction_only;
                G006 "dsn-cannot-return" Warning g006_dsn_cannot_return;
                G007 "subdomain-hole" Error g007_subdomain_hole;
                G008 "internal-relay-without-onward" Error g008_internal_relay_without_onward;
                G010 "backup-mx-gap" Error g010_backup_mx_gap;
                G011 "missing-egress" Error g011_missing_egress;
                G013 "opaque-end" Warning g013_opaque_end;
                G014 "domain-in-two-tenants" Error g014_domain_in_two_tenants;
                G015 "routing-domain-needed" Error g015_routing_domain_needed;
                G016 "entry-not-said" Error g016_entry_not_said;
            }
            #[doc = "Hybrid."]
            h {
                H001 "hybrid-connector-misses-domain" Error h001_hybrid_connector_misses_domain;
                H002 "cloudservices-one-side" Error h002_cloudservices_one_side;
                H003 "cmt-without-onprem-egress" Error h003_cmt_without_onprem_egress;
                H004 "cmt-forwarding-leak" Warning h004_cmt_forwarding_leak;
                H007 "subdomain-match-needs-relay" Error h007_subdomain_match_needs_relay;
            }
            #[doc = "Intent: `expect`."]
            i {
                I001 "expectation-not-met" Error i001_expectation_not_met;
                I002 "ways-not-followed" Error i002_ways_not_followed;
            }
            #[doc = "Calendar: limits and retirements with a date."]
            k {
                K001 "dated-limit" Warning k001_dated_limit;
            }
            #[doc = "Loops and lost mail."]
            l {
                L001 "loop" Error l001_loop;
                L002 "possible-loop" Warning l002_possible_loop;
                L003 "mx-returns-to-sender" Error l003_mx_returns_to_sender;
                L004 "cmt-marker-lost" Error l004_cmt_marker_lost;
                L005 "redirect-cycle" Error l005_redirect_cycle;
                L006 "routing-domain-not-routed" Error l006_routing_domain_not_routed;
                L007 "missing-routing-alias" Error l007_missing_routing_alias;
                L008 "authoritative-on-both-sides" Error l008_authoritative_on_both_sides;
                L009 "unknown-recipients-end" Error l009_unknown_recipients_end;
                L010 "discard-route" Warning l010_discard_route;
                L011 "unreachable-queue" Error l011_unreachable_queue;
                L013 "backscatter" Warning l013_backscatter;
            }
            #[doc = "DNS records."]
            n {
                N001 "mx-host-is-cname" Error n001_mx_host_is_cname;
                N002 "null-mx-mixed" Error n002_null_mx_mixed;
                N003 "parked-not-closed" Warning n003_parked_not_closed;
                N004 "mx-disagrees-with-intent" Error n004_mx_disagrees_with_intent;
                N005 "mx-mixed-filter" Warning n005_mx_mixed_filter;
                N007 "record-over-cname" Error n007_record_over_cname;
                N008 "sts-mx-mismatch" Error n008_sts_mx_mismatch;
                N009 "sts-without-tlsrpt" Note n009_sts_without_tlsrpt;
                N010 "dane-without-dnssec" Error n010_dane_without_dnssec;
                N011 "tlsa-missing-for-some-mx" Error n011_tlsa_missing_for_some_mx;
                N012 "sts-dane-conflict" Warning n012_sts_dane_conflict;
                N013 "mx-tenant-host-mismatch" Error n013_mx_tenant_host_mismatch;
                N014 "stale-facts" Warning n014_stale_facts;
                N015 "ttl-too-long-for-phase" Warning n015_ttl_too_long_for_phase;
                N016 "wildcard-mx-covers-parked" Warning n016_wildcard_mx_covers_parked;
                N017 "fact-missing" Note n017_fact_missing;
                N018 "duplicate-text-record" Error n018_duplicate_text_record;
                N019 "below-delegation" Error n019_below_delegation;
                N020 "host-without-address" Error n020_host_without_address;
                N021 "sts-certificate" Error n021_sts_certificate;
                N022 "provider-name-computed" Note n022_provider_name_computed;
                N023 "report-not-authorized" Note n023_report_not_authorized;
                N024 "external-record-missing" Warning n024_external_record_missing;
                N025 "tlsa-roll-over" Warning n025_tlsa_roll_over;
                N026 "wildcard-broken" Warning n026_wildcard_broken;
                N027 "sender-name-not-found" Warning n027_sender_name_not_found;
                N028 "report-not-delivered" Warning n028_report_not_delivered;
            }
            #[doc = "Partners."]
            p {
                P001 "partner-asymmetric-tls" Warning p001_partner_asymmetric_tls;
                P002 "partner-rejects-own-senders" Error p002_partner_rejects_own_senders;
                P003 "partner-also-accepted" Error p003_partner_also_accepted;
                P005 "ip-and-cert-in-one" Note p005_ip_and_cert_in_one;
                P006 "nested-partners" Warning p006_nested_partners;
                P007 "partner-past-via" Warning p007_partner_past_via;
            }
            #[doc = "Relaying and trust."]
            r {
                R001 "open-relay" Error r001_open_relay;
                R002 "over-wide-ip-relay" Warning r002_over_wide_ip_relay;
                R003 "shared-ip-relay" Error r003_shared_ip_relay;
                R004 "filter-bypass" Error r004_filter_bypass;
                R005 "direct-send-exposed" Warning r005_direct_send_exposed;
                R006 "treat-as-internal" Warning r006_treat_as_internal;
                R007 "internal-flag-from-outside" Error r007_internal_flag_from_outside;
                R008 "onmicrosoft-locked-out" Note r008_onmicrosoft_locked_out;
                R009 "restrict-without-list" Error r009_restrict_without_list;
                R010 "ipv6-source" Error r010_ipv6_source;
                R011 "lockdown-shuts-out-internet" Error r011_lockdown_shuts_out_internet;
            }
            #[doc = "The spec itself."]
            s {
                S001 "unknown-reference" Error s001_unknown_reference;
                S002 "duplicate-name" Error s002_duplicate_name;
                S003 "invalid-domain" Error s003_invalid_domain;
                S004 "non-canonical-name" Note s004_non_canonical_name;
                S005 "infix-wildcard" Error s005_infix_wildcard;
                S006 "wildcard-public-suffix" Warning s006_wildcard_public_suffix;
                S007 "unknown-key" Error s007_unknown_key;
                S008 "self-route" Error s008_self_route;
                S009 "count-mismatch" Warning s009_count_mismatch;
                S010 "recipient-in-two-locations" Error s010_recipient_in_two_locations;
                S011 "duplicate-proxy" Error s011_duplicate_proxy;
                S012 "unused-definition" Note s012_unused_definition;
                S013 "unused-suppression" Warning s013_unused_suppression;
                S014 "suppression-without-reason" Error s014_suppression_without_reason;
                S015 "duplicate-key" Error s015_duplicate_key;
                S016 "reserved-domain" Note s016_reserved_domain;
                S017 "syntax" Error s017_syntax;
                S018 "wrong-type" Error s018_wrong_type;
                S019 "bad-value" Error s019_bad_value;
                S020 "include" Error s020_include;
                S021 "encoding" Error s021_encoding;
                S022 "not-on-this-kind" Error s022_not_on_this_kind;
                S023 "key-without-effect" Warning s023_key_without_effect;
            }
            #[doc = "TLS."]
            t {
                T001 "floor-below-demand" Error t001_floor_below_demand;
                T002 "demand-unsatisfiable" Error t002_demand_unsatisfiable;
                T003 "cert-name-mismatch" Error t003_cert_name_mismatch;
                T004 "wildcard-depth" Warning t004_wildcard_depth;
                T005 "self-signed-with-validation" Error t005_self_signed_with_validation;
                T006 "cert-expires-in-phase" Error t006_cert_expires_in_phase;
                T007 "cert-attribution-name" Error t007_cert_attribution_name;
                T012 "tls-inspection-between-hybrid" Error t012_tls_inspection_between_hybrid;
            }
            #[doc = "Authentication."]
            u {
                U001 "egress-not-in-spf" Error u001_egress_not_in_spf;
                U002 "spf-too-many-lookups" Error u002_spf_too_many_lookups;
                U003 "spf-void-lookups" Warning u003_spf_void_lookups;
                U004 "spf-multiple-records" Error u004_spf_multiple_records;
                U005 "spf-plus-all" Error u005_spf_plus_all;
                U006 "spf-stale-mechanism" Note u006_spf_stale_mechanism;
                U007 "spf-not-inherited" Warning u007_spf_not_inherited;
                U008 "dmarc-unprovable" Error u008_dmarc_unprovable;
                U009 "dkim-broken-after-signing" Error u009_dkim_broken_after_signing;
                U010 "dkim-selector-missing" Error u010_dkim_selector_missing;
                U011 "forward-without-dkim" Note u011_forward_without_dkim;
                U012 "skip-list-missing" Error u012_skip_list_missing;
                U013 "skip-list-wrong" Error u013_skip_list_wrong;
                U014 "arc-sealer-untrusted" Note u014_arc_sealer_untrusted;
                U015 "dmarc-missing" Note u015_dmarc_missing;
                U016 "helo-without-spf" Note u016_helo_without_spf;
                U017 "spf-syntax" Error u017_spf_syntax;
                U018 "spf-without-effect" Warning u018_spf_without_effect;
                U019 "dkim-target-foreign" Warning u019_dkim_target_foreign;
                U020 "spf-alone" Note u020_spf_alone;
                U021 "dkim-key-unusable" Error u021_dkim_key_unusable;
                U022 "spf-too-long" Note u022_spf_too_long;
                U023 "sends-as-parked" Error u023_sends_as_parked;
                U024 "fact-behind-verdict" Note u024_fact_behind_verdict;
                U025 "spf-include-without-record" Error u025_spf_include_without_record;
                U026 "dmarc-weaker-below" Note u026_dmarc_weaker_below;
            }
            #[doc = "Devices."]
            v {
                V001 "device-no-path" Error v001_device_no_path;
                V002 "direct-send-external" Error v002_direct_send_external;
                V003 "device-sender-not-accepted" Error v003_device_sender_not_accepted;
                V004 "device-ip-overlap" Error v004_device_ip_overlap;
                V005 "private-source-ip" Error v005_private_source_ip;
                V006 "device-tls-too-old" Warning v006_device_tls_too_old;
                V007 "smtp-auth-disabled" Error v007_smtp_auth_disabled;
                V009 "device-beyond-sends-to" Warning v009_device_beyond_sends_to;
                V010 "device-login" Warning v010_device_login;
            }
            #[doc = "What a product cannot express."]
            x {
                X008 "plus-address-escapes-user-route" Warning x008_plus_address_escapes_user_route;
                X009 "unknown-transport" Error x009_unknown_transport;
                X010 "unlisted-mailboxes" Error x010_unlisted_mailboxes;
                X011 "tls-level-raised" Note x011_tls_level_raised;
                X012 "rule-not-expressible" Error x012_rule_not_expressible;
                X013 "certificate-not-checked" Error x013_certificate_not_checked;
                X014 "no-delivery-service" Error x014_no_delivery_service;
                X015 "catch-all-without-list" Error x015_catch_all_without_list;
                X016 "host-named-as-domain" Warning x016_host_named_as_domain;
                X017 "two-logins-for-one-host" Error x017_two_logins_for_one_host;
            }
        }
    };
}
pub(crate) use every_code;

macro_rules! codes {
    ($(#[$doc:meta] $group:ident { $($code:ident $name:literal $severity:ident $module:ident;)* })*) => {
        /// The code of a check: the letter of its group and three digits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $name] $code,)*)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$($(Self::$code,)*)*];

            /// The code as it is written: `A001`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$code => stringify!($code),)*)*
                }
            }
        }
    };
}
every_code!(codes);

impl Code {
    /// The code that is written so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Tests and arguments name codes as text.
impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
