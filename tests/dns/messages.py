"""Whole messages: signed, changed on the way where the spec says so, and judged by pyspf, dkimpy and authheaders.

Reads one JSON document: for each row the ways that mail takes by `trace`, the records that are written, and the private key
behind the public one in them. Prints what receivers find out on each way.
"""

import json
import sys

import authheaders
import authres
import dkim
import dns.zone
import spf

names = {}


def texts(name):
    name = (name.decode() if isinstance(name, bytes) else str(name)).lower().rstrip(".")
    return names.get(name, [])


def one_text(name, *_, **__):
    found = texts(name)
    return found[0] if found else None


def key(name, *_, **__):
    found = one_text(name)
    return found.encode() if found else None


def spf_look_up(name, kind, strict=None, timeout=None):
    return [((name, kind), [text.encode()]) for text in texts(name)] if kind == "TXT" else []


def read(zone, text):
    zone = dns.zone.from_text(text, origin=zone + ".", relativize=False, check_origin=False)
    for owner, _, data in zone.iterate_rdatas("TXT"):
        text = b"".join(data.strings).decode()
        names.setdefault(owner.to_text().lower().rstrip("."), []).append(text)


spf.DNSLookup = spf_look_up
results = []
for row in json.load(sys.stdin):
    names.clear()
    for zone, text in row["zones"].items():
        read(zone, text)
    for name, found in row["foreign"].items():
        names.setdefault(name, []).extend(found)
    for way in row["ways"]:
        author, envelope = way["from"], way["envelope"]
        message = b"From: <ann@%s>\r\nTo: <sun@customer.example>\r\nSubject: row\r\n\r\nText.\r\n" % author.encode()
        for signature in way["dkim"]:
            header = dkim.sign(
                message,
                signature["selector"].encode(),
                signature["d"].encode(),
                row["key"].encode(),
                signature_algorithm=b"ed25519-sha256",
                include_headers=[b"from", b"subject"],
            )
            message = header + message
            if not signature["survives"]:
                message += b"A footer.\r\n"
        # Behind an empty sender stands the name that the server gives (RFC 7208, section 2.4).
        sender = "ann@" + envelope if envelope else ""
        query = spf.query(i=way["address"], s=sender, h=way["helo"])
        by_spf = query.check()[0]
        sender = sender or "postmaster@" + way["helo"]
        spf_result = authres.SPFAuthenticationResult(result=by_spf, smtp_mailfrom=sender)
        dkim_result = authheaders.check_dkim(message, dnsfunc=key)
        dmarc = authheaders.check_dmarc(message, spf_result, dkim_result, dnsfunc=one_text)
        asked = {
            "names": names.copy(),
            "text": message.decode(),
            "address": way["address"],
            "envelope": envelope,
            "helo": way["helo"],
        }
        results.append({"spf": by_spf, "dkim": dkim_result.result, "dmarc": dmarc.result, "message": asked})
json.dump(results, sys.stdout)
