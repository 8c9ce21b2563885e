"""What pyspf makes of senders. Reads one JSON document: what stands under names, and addresses with domains.

Prints for each the result, why, and the lookups and void lookups that it counted.
"""

import json
import sys

import spf

world = json.load(sys.stdin)
names = {}


def look_up(name, kind, strict=None, timeout=None):
    found = names.get(str(name).lower().rstrip("."), {}).get(kind, [])
    if kind in ("TXT", "SPF"):
        found = [[text.encode()] for text in found]
    elif kind == "MX":
        found = [(10, host) for host in found]
    return [((name, kind), value) for value in found]


spf.DNSLookup = look_up
results = []
for zone in world:
    names = zone["names"]
    for address, domain in zone["asked"]:
        query = spf.query(i=address, s="someone@" + domain, h="helo.test")
        result, _, why = query.check()
        results.append([result, why, query.lookups, query.void_lookups])
json.dump(results, sys.stdout)
