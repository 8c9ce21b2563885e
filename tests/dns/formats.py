"""The records that the written formats give, each read by its own tool.

Reads a JSON list of outputs; prints for each the records by format: "zone owner type TTL data", texts in hexadecimal digits.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile

import dns.rdata
import dns.zone
import tfparse
from octodns.provider.yaml import YamlProvider
from octodns.zone import Zone


def shown(zone, name, kind, ttl, data):
    return "%s %s %s %d %s" % (zone, name.lower().rstrip("."), kind, int(ttl), data)


def of_text(zone, name, kind, ttl, text):
    """A record whose data is written as in a master file."""
    data = dns.rdata.from_text("IN", kind, text)
    if kind == "TXT":
        return shown(zone, name, kind, ttl, b"".join(data.strings).hex())
    if kind == "CAA":
        # What is within the quotation marks counts.
        return shown(zone, name, kind, ttl, '%d %s "%s"' % (data.flags, data.tag.decode(), data.value.decode()))
    return shown(zone, name, kind, ttl, data.to_text().lower())


def master(zones):
    for origin, text in zones.items():
        zone = dns.zone.from_text(text, origin=origin + ".", relativize=False, check_origin=False)
        for owner, ttl, data in zone.iterate_rdatas():
            if data.rdtype != dns.rdatatype.SOA:
                yield of_text(origin, owner.to_text(), dns.rdatatype.to_text(data.rdtype), ttl, data.to_text())


def octodns(texts, folder):
    source = os.path.join(folder, "source")
    target = os.path.join(folder, "target")
    os.makedirs(source)
    os.makedirs(target)
    for origin, text in texts.items():
        pathlib.Path(source, origin + ".yaml").write_text(text)
    have = YamlProvider("mailtopo", source, default_ttl=3600, enforce_order=True)
    want = YamlProvider("target", target, default_ttl=3600)
    for origin in texts:
        zone = Zone(origin + ".", [])
        have.populate(zone, lenient=False)
        plan = want.plan(zone)
        created = 0 if plan is None else len([c for c in plan.changes if type(c).__name__ == "Create"])
        if created != len(zone.records):
            raise ValueError("%s: %d of %d sets are planned" % (origin, created, len(zone.records)))
        for record in zone.records:
            values = record.values if hasattr(record, "values") else [record.value]
            for value in values:
                kind = record._type
                if kind == "TXT":
                    # Within a value a semicolon is escaped, and nothing else.
                    text = value.replace("\\;", ";")
                    data = text.encode().hex()
                    yield shown(origin, record.fqdn, kind, record.ttl, data)
                else:
                    yield of_text(origin, record.fqdn, kind, record.ttl, value.rdata_text)


def dotted(name):
    return name if name == "." else name + "."


def zone_of(name, zones):
    """The zone whose identifier the resource has, which only the provider's account could tell: the nearest."""
    return max((zone for zone in zones if name == zone or name.endswith("." + zone)), key=len)


def route53(one, zones):
    for value in one["records"]:
        # The provider puts the quotation marks around a text; within, they part its strings.
        text = '"%s"' % value.replace('""', '" "') if one["type"] == "TXT" else value
        yield of_text(zone_of(one["name"], zones), one["name"], one["type"], one["ttl"], text)


def cloudflare(one, zones):
    data, kind = one["data"], one["type"]
    if kind == "MX":
        text = "%d %s" % (one["priority"], dotted(one["content"]))
    elif kind == "SRV":
        text = "%(priority)d %(weight)d %(port)d " % data + dotted(data["target"])
    elif kind == "TLSA":
        text = "%(usage)d %(selector)d %(matching_type)d %(certificate)s" % data
    elif kind == "CAA":
        text = '%(flags)d %(tag)s "%(value)s"' % data
    elif kind in ("CNAME", "NS"):
        text = dotted(one["content"])
    else:
        text = one["content"]
    yield of_text(zone_of(one["name"], zones), one["name"], kind, one["ttl"], text)


# What a user writes who gives the data to resources of his own.
OWN = """
resource "own_record" "mail" {
  for_each = local.mail_records
  zone     = each.value.zone
  name     = each.value.name
  type     = each.value.type
  ttl      = each.value.ttl
  values   = each.value.values
}
"""


def terraform(text, zones, folder):
    own = "resource " not in text
    os.makedirs(folder)
    pathlib.Path(folder, "mail.tf").write_text(text + (OWN if own else ""))
    if not own:
        ids = ", ".join('"%s" = "id"' % zone for zone in zones)
        pathlib.Path(folder, "ids.auto.tfvars").write_text("mail_zone_ids = {%s}\n" % ids)
    parsed = tfparse.load_from_path(folder)
    for one in parsed.get("own_record", []):
        for value in one["values"]:
            if one["type"] == "TXT":
                yield shown(one["zone"], one["name"], "TXT", one["ttl"], value.encode().hex())
            else:
                yield of_text(one["zone"], one["name"], one["type"], one["ttl"], value)
    for one in parsed.get("aws_route53_record", []):
        yield from route53(one, zones)
    for one in parsed.get("cloudflare_dns_record", []):
        yield from cloudflare(one, zones)


def kind_of(text):
    for kind in ("aws_route53_record", "cloudflare_dns_record"):
        if 'resource "%s"' % kind in text:
            return {"aws_route53_record": "route53", "cloudflare_dns_record": "cloudflare"}[kind]
    return "data"


def safely(records):
    try:
        return sorted(records)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)


def main():
    answers = []
    for output in json.load(sys.stdin):
        folder = tempfile.mkdtemp()
        tf = output["tf"]
        answers.append(
            {
                "bind": safely(master(output["zones"])),
                "octodns": safely(octodns(output["octodns"], folder)) if output["octodns"] else None,
                kind_of(tf): safely(terraform(tf, output["zones"], os.path.join(folder, "tf"))),
            }
        )
        shutil.rmtree(folder)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
