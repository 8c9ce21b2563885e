"""What checkdmarc says of DMARC, MTA-STS and TLS-RPT texts beside opinions on what they ask for.

Reads a JSON list of [kind, domain, text]; prints the complaints about each. Nothing is looked up.
"""

import json
import sys

import checkdmarc.dmarc as dmarc
import checkdmarc.mta_sts as mta_sts
import checkdmarc.smtp_tls_reporting as tls_rpt

# Whether others agree to reports is what N023 speaks of, and whether they take mail nobody here knows.
dmarc.verify_dmarc_report_destination = lambda *_, **__: True
dmarc.get_mx_records = lambda *_, **__: [{"hostname": "mx.invalid", "preference": 10}]

# A policy that asks for nothing, and one without reports, are the user's choice.
OPINIONS = ("makes DMARC unenforced", "rua tag (destination for aggregate reports) not found", "fo tag without")


def of_dmarc(domain, text):
    return dmarc.parse_dmarc_record(text, domain)["warnings"]


def of_mta_sts(_, text):
    return mta_sts.parse_mta_sts_record(text).get("warnings", [])


def of_policy(_, text):
    return mta_sts.parse_mta_sts_policy(text).get("warnings", [])


def of_tls_rpt(_, text):
    return tls_rpt.parse_smtp_tls_reporting_record(text).get("warnings", [])


KINDS = {"dmarc": of_dmarc, "mta-sts": of_mta_sts, "policy": of_policy, "tls-rpt": of_tls_rpt}


def complaints(kind, domain, text):
    try:
        found = KINDS[kind](domain, text)
    except Exception as error:
        return ["%s: %s" % (type(error).__name__, error)]
    return [one for one in found if not any(opinion in one for opinion in OPINIONS)]


json.dump([complaints(*asked) for asked in json.load(sys.stdin)], sys.stdout)
