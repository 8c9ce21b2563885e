"""Zones with one record added, removed or changed, in each form in which `drift` reads them, and what differs.

Reads one JSON document: zones, each with its origin and its text as a master file, and of how many changes one is asked for. What
differs is found by reading the written text
again, with dnspython, with octoDNS and as JSON, by the rules of docs/drift.md.
"""

import json
import shutil
import sys
import tempfile

import dns.rdata
import dns.rdatatype
import dns.zone
import formats
import yaml

# Of these a set has to hold nothing but what the spec says.
WHOLE = ("A", "AAAA", "CNAME", "MX", "SRV", "TLSA")
FOR_MAIL = ("v=spf1", "v=dmarc1", "v=dkim1", "v=stsv1", "v=tlsrptv1")

# Other data of each type.
OTHERS = {
    "A": "192.0.2.99",
    "AAAA": "2001:db8::99",
    "CAA": '0 issue "other.example"',
    "CNAME": "other.example.",
    "MX": "77 other.example.",
    "NS": "ns.other.example.",
    "SRV": "7 7 777 other.example.",
    "TLSA": "3 1 1 " + "ab" * 32,
    "TXT": '"v=other"',
}


def records_of(origin, text):
    """Owner, type, TTL and data of each record, as dnspython reads a master file."""
    zone = dns.zone.from_text(text, origin=origin + ".", relativize=False, check_origin=False)
    for owner, ttl, data in zone.iterate_rdatas():
        kind = dns.rdatatype.to_text(data.rdtype)
        if kind != "SOA":
            yield owner.to_text().lower(), kind, ttl, data.to_text()


def label(owner, origin):
    """The name of a record within its zone; empty for the zone itself."""
    return owner.rstrip(".")[: -len(origin)].rstrip(".")


def as_bind(origin, records):
    lines = ["%s %d IN %s %s\n" % (owner, ttl, kind, data) for owner, kind, ttl, data in records]
    return "$ORIGIN %s.\n" % origin + "".join(lines)


def texts(data):
    return b"".join(dns.rdata.from_text("IN", "TXT", data).strings).decode()


def as_octodns(origin, records):
    sets = {}
    for owner, kind, ttl, data in records:
        words = data.split()
        if kind == "TXT":
            value = texts(data).replace(";", "\\;")
        elif kind == "MX":
            value = {"preference": int(words[0]), "exchange": words[1]}
        elif kind == "SRV":
            value = dict(zip(("priority", "weight", "port"), map(int, words)), target=words[3])
        elif kind == "CAA":
            value = {"flags": int(words[0]), "tag": words[1], "value": words[2].strip('"')}
        elif kind == "TLSA":
            fields = ("certificate_usage", "selector", "matching_type")
            value = dict(zip(fields, map(int, words)), certificate_association_data="".join(words[3:]))
        else:
            value = data
        name = label(owner, origin)
        one = sets.setdefault((name, kind), {"type": kind, "ttl": ttl, "values": []})
        one["values"].append(value)
    document = {}
    for (name, kind), one in sorted(sets.items()):
        if kind == "CNAME":
            one["value"] = one.pop("values")[0]
        document.setdefault(name, []).append(one)
    return yaml.safe_dump(document)


# What a type has beside its target, in the words of dnscontrol.
FIELDS = {
    "CAA": ("caaflag", "caatag"),
    "MX": ("mxpreference",),
    "SRV": ("srvpriority", "srvweight", "srvport"),
    "TLSA": ("tlsausage", "tlsaselector", "tlsamatchingtype"),
}


def as_dnscontrol(origin, records):
    found = []
    for owner, kind, ttl, data in records:
        one = {"type": kind, "name": label(owner, origin) or "@", "ttl": ttl}
        words = data.split()
        for name in FIELDS.get(kind, ()):
            word = words.pop(0)
            one[name] = int(word) if word.isdigit() else word
        one["target"] = texts(data) if kind == "TXT" else "".join(words).strip('"')
        found.append(one)
    return json.dumps({"domains": [{"name": origin, "records": found}]})


def read_dnscontrol(origin, text):
    for one in json.loads(text)["domains"][0]["records"]:
        name = "" if one["name"] == "@" else one["name"] + "."
        kind, target = one["type"], one["target"]
        if kind == "TXT":
            yield formats.shown(origin, name + origin, kind, one["ttl"], target.encode().hex())
            continue
        target = '"%s"' % target if kind == "CAA" else target
        words = [str(one[field]) for field in FIELDS.get(kind, ())] + [target]
        yield formats.of_text(origin, name + origin, kind, one["ttl"], " ".join(words))


def read_octodns(origin, text):
    folder = tempfile.mkdtemp()
    try:
        return list(formats.octodns({origin: text}, folder))
    finally:
        shutil.rmtree(folder)


FORMS = {
    "bind": (".zone", as_bind, lambda origin, text: formats.master({origin: text})),
    "octodns": (".yaml", as_octodns, read_octodns),
    "dnscontrol": (".json", as_dnscontrol, read_dnscontrol),
}


def sets_of(lines):
    """The data of each set of records, with its TTL."""
    sets = {}
    for line in lines:
        _, owner, kind, ttl, data = line.split(" ", 4)
        sets.setdefault((kind, owner), {})[data] = ttl
    return sets


def is_for_mail(kind, data):
    return kind == "TXT" and bytes.fromhex(data).decode().lower().startswith(FOR_MAIL)


def differing(before, after):
    found = []
    for key, want in before.items():
        have = after.get(key, {})
        more = set(have) - set(want)
        is_more = key[0] in WHOLE and more or any(is_for_mail(key[0], data) for data in more)
        is_late = {want[data] for data in want} != {have[data] for data in want if data in have}
        if not set(want) <= set(have) or is_more or is_late:
            found.append(key)
    for key, have in after.items():
        if key not in before and (key[0] == "MX" or any(is_for_mail(key[0], data) for data in have)):
            found.append(key)
    return sorted("%s %s" % (kind.lower(), owner) for kind, owner in found)


def changed(origin, records):
    """What was done, and the records after it."""
    sets = {}
    for record in records:
        sets.setdefault(record[:2], []).append(record)
    for at, (owner, kind, ttl, data) in enumerate(records):
        rest = records[:at] + records[at + 1 :]
        what = "%s %s %s" % (owner, kind, data)
        yield "without " + what, rest
        yield "other " + what, records[:at] + [(owner, kind, ttl, OTHERS[kind])] + records[at + 1 :]
        late = [(o, k, t + 60 if (o, k) == (owner, kind) else t, d) for o, k, t, d in records]
        yield "late " + what, late
        if kind != "CNAME":
            yield "more beside " + what, records + [(owner, kind, ttl, OTHERS[kind])]
    apex, new = origin + ".", "new-name." + origin + "."
    for owner, kind, data in [
        (apex, "MX", OTHERS["MX"]),
        (apex, "TXT", '"v=spf1 -all"'),
        (apex, "TXT", '"verification=1"'),
        (new, "A", OTHERS["A"]),
        (new, "MX", OTHERS["MX"]),
        (new, "TXT", '"v=spf1 -all"'),
        ("_dmarc." + new, "TXT", '"v=DMARC1; p=none"'),
        (new, "CAA", OTHERS["CAA"]),
    ]:
        ttls = [record[2] for record in sets.get((owner, kind), [])]
        yield "new %s %s %s" % (owner, kind, data), records + [(owner, kind, (ttls or [3600])[0], data)]


def main():
    answers = []
    asked = json.load(sys.stdin)
    for origin, text in asked["zones"]:
        records = [record for record in records_of(origin, text) if record[1] in OTHERS]
        before = sets_of(formats.master({origin: text}))
        all_changes = [("nothing", records), *changed(origin, records)]
        for what, after in all_changes[:: asked["part"]]:
            for form, (ending, write, read) in FORMS.items():
                written = write(origin, after)
                found = differing(before, sets_of(read(origin, written)))
                answers.append([origin, form + ": " + what, origin + ending, written, found])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
