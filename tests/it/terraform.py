"""The records that the resources in `mail.tf` make, as tfparse evaluates them, and those of the zone files.

Reads one JSON document with the text of `mail.tf` and the zones by name; prints two sorted lists of records.
"""

import json
import pathlib
import sys
import tempfile

import dns.rdata
import dns.zone
import tfparse

asked = json.load(sys.stdin)


def record(name, kind, ttl, text):
    data = dns.rdata.from_text("IN", kind, text)
    if kind == "TXT":
        shown = b"".join(data.strings).decode()
    else:
        shown = data.to_text().lower()
    return [name.lower().rstrip("."), kind, int(ttl), shown]


def dotted(name):
    return name if name == "." else name + "."


def route53(one):
    for value in one["records"]:
        # The provider puts the quotation marks around a text; within, they part its strings.
        text = '"%s"' % value.replace('""', '" "') if one["type"] == "TXT" else value
        yield record(one["name"], one["type"], one["ttl"], text)


def cloudflare(one):
    data, kind = one["data"], one["type"]
    if kind == "MX":
        text = "%d %s" % (one["priority"], dotted(one["content"]))
    elif kind == "SRV":
        text = "%(priority)d %(weight)d %(port)d " % data + dotted(data["target"])
    elif kind == "TLSA":
        text = "%(usage)d %(selector)d %(matching_type)d %(certificate)s" % data
    elif kind == "CAA":
        text = '%(flags)d %(tag)s "%(value)s"' % data
    elif kind == "CNAME":
        text = dotted(one["content"])
    else:
        text = one["content"]
    yield record(one["name"], kind, one["ttl"], text)


written = []
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "mail.tf").write_text(asked["tf"])
    ids = ", ".join('"%s" = "id"' % zone for zone in asked["zones"])
    pathlib.Path(folder, "ids.auto.tfvars").write_text("mail_zone_ids = {%s}\n" % ids)
    parsed = tfparse.load_from_path(folder)
    for one in parsed.get("aws_route53_record", []):
        written.extend(route53(one))
    for one in parsed.get("cloudflare_dns_record", []):
        written.extend(cloudflare(one))
wanted = []
for origin, text in asked["zones"].items():
    zone = dns.zone.from_text(text, origin=origin + ".", relativize=False, check_origin=False)
    for owner, ttl, data in zone.iterate_rdatas():
        kind = dns.rdatatype.to_text(data.rdtype)
        if kind != "SOA" and not (kind == "NS" and asked["provider_has_ns"]):
            wanted.append(record(owner.to_text(), kind, ttl, data.to_text()))
json.dump([sorted(written), sorted(wanted)], sys.stdout)
