// Opens the page of `graph --format html` for every given spec in Chromium and asks: does it log an error or ask for anything
// from elsewhere, does an accessibility checker find anything, does a typed address show the paths of `trace` and light their
// arrows, does the keyboard work, and is it there within a second?
// Usage: node paths.mjs CHROMIUM MAILTOPO PICTURES SPEC...
import { execFileSync } from 'node:child_process';
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';

const [chromium, mailtopo, pictures, ...specs] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), 'x.js'));
const puppeteer = require('puppeteer-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// Names that would leave their element if they could, and three hundred locations.
const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
writeFileSync('hostile.yaml', `version: 1\norganization: "${hostile}"\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}\ndomains:\n  contoso.com: {mailboxes: {cloud: 400, hq: 60}, mx: cloud}\nroutes:\n  - {name: "${hostile}", from: cloud, to: hq, recipients: [contoso.com]}\n`);
let many = 'version: 1\nlocations:\n  hub: {kind: postfix, hosts: [hub.example.com], egress: [192.0.2.1], certificate: hub.example.com, delivers_to: "lmtp:unix:private/lmtp"}\n';
for (let at = 0; at < 300; at += 1) many += `  l${at}: {kind: postfix, hosts: [l${at}.example.com], egress: [198.51.${100 + Math.floor(at / 250)}.${at % 250 + 1}], certificate: l${at}.example.com, delivers_to: "lmtp:unix:private/lmtp", sends: {via: hub}}\n`;
many += 'domains:\n  example.com: {mailboxes: hub, mx: hub, dns: none}\n';
for (let at = 0; at < 300; at += 1) many += `  d${at}.example.com: {mailboxes: l${at}, mx: hub, dns: none}\n`;
writeFileSync('300-locations.yaml', many);

const run = (...words) => {
  try {
    return execFileSync(mailtopo, words, { encoding: 'utf8', maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return error.stdout;
  }
};
const plain = (path) => JSON.stringify([path.ends, path.certainty, path.hops.map((hop) => `${hop.at} to ${hop.to} by ${hop.by}`)]);

const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] });
let passed = 0;
let failed = 0;
let compared = 0;
mkdirSync(pictures, { recursive: true });
for (const spec of [...specs, 'hostile.yaml', '300-locations.yaml']) {
  const name = basename(spec) === 'mailtopo.yaml' ? basename(dirname(spec)) : basename(spec, '.yaml');
  const wrong = [];
  const html = run('graph', spec, '--format', 'html');
  // An example may have mistakes; these two have none.
  if (!html && specs.includes(spec)) { console.log(`no page: ${name}`); continue; }
  writeFileSync(`${name}.html`, html);
  const url = pathToFileURL(join(process.cwd(), `${name}.html`)).href;
  const page = await browser.newPage();
  page.on('console', (message) => wrong.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => { wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => { if (request.url() !== url) wrong.push(`request: ${request.url()}`); });
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(url, { waitUntil: 'load' });
  const found = await page.evaluate(() => ({
    ready: performance.getEntriesByType('navigation')[0].loadEventEnd,
    scripts: document.querySelectorAll('script').length,
    others: document.querySelectorAll('iframe, object, embed, img, link, [onload], [onerror], [onclick]').length,
    form: !document.getElementById('ask').hidden,
    data: JSON.parse(document.getElementById('data').textContent),
  }));
  if (found.ready > 1000) wrong.push(`it took ${Math.round(found.ready)} ms to load`);
  if (found.scripts !== 2 || found.others > 0) wrong.push(`${found.scripts} scripts and ${found.others} elements that mailtopo does not write`);
  if (!found.form) wrong.push('nothing can be asked');

  // The policy of the page forbids scripts, the checker's among them; it runs in a world of its own.
  const client = await page.createCDPSession();
  await client.send('Page.enable');
  const { frameTree } = await client.send('Page.getFrameTree');
  const { executionContextId } = await client.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  const alone = async (expression) => {
    const answer = await client.send('Runtime.evaluate', { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? answer.exceptionDetails.text);
    return answer.result.value;
  };
  await alone(`${axe}; 0`);
  const accessible = async (when) => {
    const checked = await alone('axe.run().then((found) => ({ passes: found.passes.length, wrong: found.violations.map((rule) => `${rule.id}: ${rule.help}: ${rule.nodes[0].html.slice(0, 200)}`) }))');
    if (checked.passes < 10) wrong.push(`the accessibility checker looked at ${checked.passes} rules only`);
    wrong.push(...checked.wrong.map((text) => `accessibility ${when}: ${text}`));
  };
  await accessible('before');

  const { data } = found;
  const listed = Object.keys(data.addresses).slice(0, 3);
  const names = Object.keys(data.names).slice(0, 6).map((pattern) => `Nobody@${pattern === '*' ? 'nobody-knows.example' : pattern.replaceAll('*', 'down')}`);
  const addresses = [...listed, ...names];
  let lit = 0;
  for (const [at, to] of addresses.entries()) {
    const from = data.senders[at % data.senders.length];
    await page.select('#from', from);
    await page.$eval('#to', (input) => { input.value = ''; });
    await page.type('#to', to);
    await page.keyboard.press('Enter');
    const shown = new Set();
    for (;;) {
      const path = await page.evaluate(() => {
        const answer = document.getElementById('answer');
        const code = (element) => [...element.querySelectorAll('code')].map((part) => part.textContent);
        const items = [...answer.querySelectorAll('li')].map(code).map(([here, next, by]) => `${here} to ${next} by ${by}`);
        const end = answer.querySelector('p');
        const sure = /^\s?\((assumed|possible)\)/.exec(end.childNodes[2]?.textContent ?? '')?.[1] ?? 'certain';
        const next = [...answer.querySelectorAll('button')].find((button) => button.textContent === 'Next path' && !button.disabled);
        return { ends: code(end)[0] ?? end.textContent, sure, items, more: next !== undefined, lit: document.querySelectorAll('#picture .lit').length };
      });
      shown.add(JSON.stringify([path.ends, path.sure, path.items]));
      if (path.items.length > 0 && path.lit > 0) lit += 1;
      if (!path.more) break;
      await page.evaluate(() => [...document.querySelectorAll('#answer button')].find((button) => button.textContent === 'Next path').click());
    }
    const traced = JSON.parse(run('trace', spec, '--from', from, '--to', to, '--output-format', 'json'));
    const expected = new Set(traced.paths.map(plain));
    if (expected.size > 0 && [...expected].sort().join() !== [...shown].sort().join()) wrong.push(`${from} to ${to}: ${[...shown].join(' ')}, not ${[...expected].join(' ')}`);
    compared += 1;
  }
  if (lit === 0 && addresses.length > 0) wrong.push('no path was lit in the picture');
  await accessible('with a path');
  await page.screenshot({ path: join(pictures, `paths-${name}.png`) });

  // Each list lets its choice stand out, and the first entry of it lets all stand out again.
  for (const id of ['domain', 'location', 'finding']) {
    const values = await page.$eval(`#${id}`, (list) => [...list.options].map((option) => option.value));
    if (values.length < 2) continue;
    await page.select(`#${id}`, values[1]);
    const alone = await page.evaluate(() => [document.querySelectorAll('#picture .lit').length, document.getElementById('picture').classList.contains('traced')]);
    const isDrawn = id !== 'finding' || [data.found_at, data.found_on].some((lists) => lists.some((list) => list.includes(0)));
    if (id !== 'domain' && isDrawn && (alone[0] === 0 || !alone[1])) wrong.push(`the first ${id} lets nothing stand out`);
    if (id === 'finding' && await page.$eval('#answer', (answer) => answer.hidden)) wrong.push('a finding that is chosen is not said');
    await page.select(`#${id}`, '');
    if (await page.evaluate(() => document.querySelectorAll('#picture .lit').length) > 0) wrong.push(`without a ${id} something stands out`);
  }

  // The keyboard alone: to a box, along its arrow, choose it, and take the path away.
  await page.evaluate(() => document.getElementById('box-0').focus());
  const before = await page.evaluate(() => document.activeElement.id);
  await page.keyboard.press('ArrowRight');
  const after = await page.evaluate(() => document.activeElement.id);
  if (data.arrows.some((arrow) => arrow[0] === 0) && before === after) wrong.push('the arrow key stays where it is');
  await page.focus('#to');
  await page.keyboard.press('Escape');
  if (!await page.evaluate(() => document.getElementById('answer').hidden)) wrong.push('Escape leaves the path');
  await page.close();
  if (wrong.length > 0) {
    failed += 1;
    console.log(`FAILED ${name}\n  ${[...new Set(wrong)].join('\n  ')}`);
  } else {
    passed += 1;
    console.log(`${name}: ${html.length} octets, ${Math.round(found.ready)} ms`);
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed, ${compared} addresses compared with trace`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
