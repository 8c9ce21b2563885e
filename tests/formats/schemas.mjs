// Our schemas in two validators, the reports for GitLab against what its parser requires, and what was said of those in SARIF.
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { registerSchema, validate } from "@hyperjump/json-schema/draft-07";
import { readFileSync, readdirSync, existsSync } from "node:fs";
import { parse } from "yaml";

const [root, reports, said] = process.argv.slice(2);
let found = 0;
const wrong = (text) => {
  console.log(text);
  found = 1;
};

const ajv = new Ajv({ strict: true, allErrors: true });
addFormats(ajv);
for (const [name, file] of [["topology", "mailtopo.yaml"], ["facts", "facts.yaml"]]) {
  const schema = JSON.parse(readFileSync(`${root}/schemas/${name}.schema.json`, "utf8"));
  const first = ajv.compile(schema);
  registerSchema(schema, `https://schemas.test/${name}`);
  const second = await validate(`https://schemas.test/${name}`);
  let taken = 0;
  for (const example of readdirSync(`${root}/examples`)) {
    const path = `${root}/examples/${example}/${file}`;
    if (!existsSync(path)) continue;
    const value = parse(readFileSync(path, "utf8"), { schema: "core" });
    const answers = [first(value), second(value).valid];
    // One example shows mistakes, which its folder says.
    if (answers[0] !== answers[1]) wrong(`${path}: ajv says ${answers[0]}, hyperjump ${answers[1]}`);
    else if (!answers[0] && !readFileSync(`${root}/examples/${example}/README.md`, "utf8").match(/mistake|error/i)) wrong(`${path}: refused by both`);
    taken += answers[0] ? 1 : 0;
  }
  console.log(`${name}: ${taken} examples taken by ajv (strict) and hyperjump`);
}

let issues = 0;
for (const file of readdirSync(reports).filter((name) => name.endsWith(".json"))) {
  const prints = new Set();
  for (const issue of JSON.parse(readFileSync(`${reports}/${file}`, "utf8"))) {
    issues += 1;
    const texts = [issue.description, issue.check_name, issue.fingerprint, issue.location.path];
    if (texts.some((text) => typeof text !== "string" || text === "")) wrong(`${file}: a text is missing`);
    if (!["info", "minor", "major", "critical", "blocker"].includes(issue.severity)) wrong(`${file}: ${issue.severity}`);
    if (!Number.isInteger(issue.location.lines.begin)) wrong(`${file}: no line`);
    if (prints.has(issue.fingerprint)) wrong(`${file}: ${issue.fingerprint} twice`);
    prints.add(issue.fingerprint);
  }
}
console.log(`GitLab: ${issues} issues`);

const logs = new Map();
const log = (uri) => {
  if (!logs.has(uri)) logs.set(uri, JSON.parse(readFileSync(new URL(uri), "utf8")).runs[0]);
  return logs.get(uri);
};
let rules = 0;
for (const result of JSON.parse(readFileSync(said, "utf8")).runs.flatMap((run) => run.results ?? [])) {
  const at = result.locations[0].physicalLocation;
  const run = log(at.artifactLocation.uri);
  const rule = /rules\[(\d+)\]/.exec(result.message.arguments?.[0] ?? "");
  // All checks are declared, so that a clean run closes what was open. What is to be shown of a check matters where it found something.
  const id = rule && run.tool.driver.rules[Number(rule[1])].id;
  if (result.ruleId === "GH2012" && id && !run.results.some((one) => one.ruleId === id)) continue;
  wrong(`${at.artifactLocation.uri}: ${result.ruleId} ${JSON.stringify(result.message)}`);
}
for (const name of readdirSync(reports).filter((name) => name.endsWith(".sarif"))) {
  rules += JSON.parse(readFileSync(`${reports}/${name}`, "utf8")).runs[0].results.length;
}
console.log(`SARIF: ${rules} results`);
process.exit(found);
