// The records that each `dnsconfig.js` of a JSON list makes, with the functions of dnscontrol as stubs that note what they are
// given. Nothing else is there, so a script that calls more than it may ends with an error.
"use strict";
const vm = require("node:vm");

const hex = (text) => Buffer.from(text, "utf8").toString("hex");

function records(script) {
  const found = [];
  const record = (type, data) => (name, ...rest) => {
    const ttl = rest.pop();
    if (typeof ttl !== "object" || !Number.isInteger(ttl.ttl)) throw new Error(`${type} ${name} has no TTL`);
    return { name, type, ttl: ttl.ttl, data: data(...rest) };
  };
  const words = (count) => (...rest) => {
    if (rest.length !== count) throw new Error(`${rest.length} words in place of ${count}`);
    return rest.join(" ");
  };
  const own = {
    TTL: (ttl) => ({ ttl }),
    NS: record("NS", words(1)),
    A: record("A", words(1)),
    AAAA: record("AAAA", words(1)),
    CNAME: record("CNAME", words(1)),
    MX: record("MX", words(2)),
    SRV: record("SRV", words(4)),
    TLSA: record("TLSA", words(4)),
    TXT: record("TXT", (text) => hex(text)),
    CAA_CRITICAL: { critical: true },
    CAA: record("CAA", (tag, value, critical) => `${critical ? 128 : 0} ${tag} "${value}"`),
    D_EXTEND: (zone, ...records) => {
      for (const { name, type, ttl, data } of records) {
        const owner = name === "@" ? zone : `${name}.${zone}`;
        found.push(`${zone} ${owner} ${type} ${ttl} ${data}`);
      }
    },
  };
  vm.runInNewContext(script, own, { timeout: 5000 });
  return found;
}

let input = "";
process.stdin.on("data", (part) => (input += part));
process.stdin.on("end", () => {
  const answers = JSON.parse(input).map((script) => {
    try {
      return records(script);
    } catch (error) {
      return String(error);
    }
  });
  process.stdout.write(JSON.stringify(answers));
});
