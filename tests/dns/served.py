"""Serves zones on the loopback interface with NSD and Knot, and asks both for every name; asks Mail::SPF about senders.

Reads a JSON list of worlds: `zones` by origin, the `planned` records, those of `others` that stand beside them, and the
addresses and domains that are `asked` about. Prints for each what a server answered otherwise than the plan says (RFC 1034
and RFC 4592), how many answers there were, and the results of Mail::SPF.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset

HERE = pathlib.Path(__file__).parent
TYPES = ["A", "AAAA", "MX", "TXT", "CNAME", "SRV", "TLSA", "CAA"]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def nsd(folder, port, zones):
    config = [
        "server:",
        "  ip-address: 127.0.0.1@%d" % port,
        '  zonesdir: "%s"' % folder,
        '  pidfile: "%s/pid"' % folder,
        '  xfrdfile: "%s/xfrd"' % folder,
        '  zonelistfile: "%s/list"' % folder,
        '  xfrdir: "%s"' % folder,
        '  database: ""',
        '  username: ""',
        '  logfile: "%s/log"' % folder,
        "  server-count: 1",
        "remote-control:",
        "  control-enable: no",
    ]
    for origin, path in zones.items():
        config += ["zone:", '  name: "%s"' % origin, '  zonefile: "%s"' % path]
    pathlib.Path(folder, "nsd.conf").write_text("\n".join(config) + "\n")
    return ["nsd", "-d", "-c", os.path.join(folder, "nsd.conf")]


def knot(folder, port, zones):
    config = [
        "server:",
        '  rundir: "%s"' % folder,
        '  listen: "127.0.0.1@%d"' % port,
        "  udp-workers: 1",
        "  tcp-workers: 1",
        "  background-workers: 1",
        "log:",
        '  - target: "%s/log"' % folder,
        "    any: info",
        "database:",
        '  storage: "%s"' % folder,
        "zone:",
    ]
    for origin, path in zones.items():
        config += ['  - domain: "%s"' % origin, '    file: "%s"' % path]
    pathlib.Path(folder, "knot.conf").write_text("\n".join(config) + "\n")
    return ["knotd", "-c", os.path.join(folder, "knot.conf")]


class Server:
    """A name server while it runs."""

    def __init__(self, kind, zones):
        self.folder = tempfile.mkdtemp()
        self.port = free_port()
        paths = {}
        for number, (origin, text) in enumerate(zones.items()):
            path = os.path.join(self.folder, "zone%d" % number)
            pathlib.Path(path).write_text(text)
            paths[origin] = path
        command = kind(self.folder, self.port, paths)
        self.shown = command[0]
        environment = dict(os.environ, PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        try:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except FileNotFoundError:
            sys.exit("%s is needed: apt-get install nsd knot" % command[0])
        first = next(iter(zones))
        for _ in range(200):
            try:
                if self.ask(first, "SOA", 0.2).rcode() == dns.rcode.NOERROR:
                    return
            except (dns.exception.Timeout, OSError):
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.process.kill()
        said = self.process.communicate()[0].decode()
        log = pathlib.Path(self.folder, "log")
        sys.exit("%s serves nothing: %s %s" % (self.shown, said, log.read_text() if log.exists() else ""))

    def ask(self, name, kind, timeout=5.0):
        query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
        query.flags &= ~dns.flags.RD
        answer, _ = dns.query.udp_with_fallback(query, "127.0.0.1", port=self.port, timeout=timeout)
        return answer

    def end(self):
        # With all its children, which would wait for their work to end.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Plan:
    """What a zone has to answer."""

    def __init__(self, origin, records):
        self.origin = origin
        self.sets = {}
        self.names = {origin}
        self.cut = set()
        for _, name, kind, ttl, data in records:
            self.sets.setdefault((name, kind), (int(ttl), set()))[1].add(data)
            if kind == "NS" and name != origin:
                self.cut.add(name)
            while name != origin:
                self.names.add(name)
                name = name.split(".", 1)[1]

    def answer(self, name, kind):
        """The code, and TTL and data of the set that answers; nothing below a delegation."""
        above = name
        chain = []
        while above != self.origin:
            chain.append(above)
            above = above.split(".", 1)[1]
        if any(one in self.cut for one in chain):
            return None
        at = name
        if name not in self.names:
            encloser = next((one for one in chain if one in self.names), self.origin)
            at = "*." + encloser
            if at not in self.names:
                return dns.rcode.NXDOMAIN, None, kind
        for wanted in (kind, "CNAME"):
            if (at, wanted) in self.sets:
                return dns.rcode.NOERROR, self.sets[at, wanted], wanted
        return dns.rcode.NOERROR, None, kind

    def questions(self):
        for name in sorted(self.names):
            for kind in TYPES:
                yield name, kind
            if name.startswith("*."):
                yield from (("zz-unnamed" + name[1:], kind) for kind in TYPES)
                yield from (("a.b" + name[1:], kind) for kind in TYPES)
        yield from (("zz-outside." + self.origin, kind) for kind in TYPES)
        yield from (("_dmarc.zz-outside." + self.origin, kind) for kind in ("TXT", "A"))


def data_of(item):
    kind = dns.rdatatype.to_text(item.rdtype)
    if kind == "TXT":
        return b"".join(item.strings).hex()
    if kind == "CAA":
        return '%d %s "%s"' % (item.flags, item.tag.decode(), item.value.decode())
    return item.to_text().lower()


def ask_all(server, plans):
    wrong, count = [], 0
    for plan in plans:
        for name, kind in plan.questions():
            wanted = plan.answer(name, kind)
            if wanted is None:
                continue
            count += 1
            code, content, shown = wanted
            answer = server.ask(name, kind)
            found = None
            for one in answer.answer:
                if one.rdtype == dns.rdatatype.from_text(shown) and one.name == dns.name.from_text(name):
                    found = (one.ttl, {data_of(item) for item in one})
            # An alias into the same zone is followed, to what may not exist.
            aliased = shown == "CNAME" and kind != "CNAME"
            if (answer.rcode() != code and not aliased) or found != content:
                wrong.append("%s: %s %s: %s %s, planned %s %s" % (server.shown, name, kind, answer.rcode(), found, code, content))
    outside = server.ask("outside.invalid.", "A")
    if outside.rcode() != dns.rcode.REFUSED:
        wrong.append("%s answers for what is not its own: %s" % (server.shown, outside.rcode()))
    return wrong, count


def mail_spf(port, asked):
    if not asked:
        return []
    run = subprocess.run(
        ["perl", str(HERE / "mail_spf.pl"), str(port)], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        sys.exit("Mail::SPF cannot be asked; where it is missing, apt-get install libmail-spf-perl: " + run.stderr)
    return json.loads(run.stdout)


answers = []
for world in json.load(sys.stdin):
    plans = [Plan(origin, [one for one in world["planned"] if one[0] == origin]) for origin in world["zones"]]
    result = {"wrong": [], "answers": 0, "spf": []}
    for kind in (nsd, knot):
        server = Server(kind, world["zones"])
        try:
            wrong, count = ask_all(server, plans)
        finally:
            server.end()
        result["wrong"] += wrong
        result["answers"] += count
    if world["asked"]:
        server = Server(nsd, {**world["zones"], **world["others"]})
        try:
            result["spf"] = mail_spf(server.port, world["asked"])
        finally:
            server.end()
    answers.append(result)
json.dump(answers, sys.stdout)
