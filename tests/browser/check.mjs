// Opens every AS-BUILT.html below the given folders in Chromium and asks: does it log an error, does it ask for anything
// from elsewhere, does an accessibility checker find anything, does it run a script, and is each printed page whole?
// Usage: node check.mjs CHROMIUM PICTURES FOLDER...
import { readFileSync, readdirSync, statSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';

const [chromium, pictures, ...folders] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), 'x.js'));
const puppeteer = require('puppeteer-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

function pages(folder) {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return pages(path);
    return name === 'AS-BUILT.html' ? [path] : [];
  });
}

// A4 without the margins of the style sheet, in the pixels of CSS (96 an inch).
const PRINTED = { width: Math.floor((210 - 24) / 25.4 * 96), height: Math.floor((297 - 30) / 25.4 * 96) };

const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] });
let passed = 0;
let failed = 0;
mkdirSync(pictures, { recursive: true });
for (const path of folders.flatMap(pages)) {
  const wrong = [];
  const url = pathToFileURL(path).href;
  const page = await browser.newPage();
  page.on('console', (message) => wrong.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => { wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => { if (request.url() !== url) wrong.push(`request: ${request.url()}`); });
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(url, { waitUntil: 'networkidle0' });
  const found = await page.evaluate(() => ({
    scripts: document.querySelectorAll('script, iframe, object, embed, img, link, form, [onload], [onerror], [onclick]').length,
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    proof: [...document.querySelectorAll('h2')].some((heading) => heading.textContent.startsWith('Proof')),
  }));
  if (found.scripts > 0) wrong.push(`${found.scripts} elements that mailtopo does not write`);
  if (found.wide) wrong.push('it is wider than the window');
  if (!found.proof) wrong.push('it has no proof');
  const name = path.split(/[\\/]/).slice(-2, -1)[0];
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

  // The policy of the page forbids scripts, the checker's among them; it runs in a world of its own.
  const client = await page.createCDPSession();
  await client.send('Page.enable');
  const { frameTree } = await client.send('Page.getFrameTree');
  const { executionContextId } = await client.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  const run = async (expression) => {
    const answer = await client.send('Runtime.evaluate', { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? answer.exceptionDetails.text);
    return answer.result.value;
  };
  await run(`${axe}; 0`);
  const checked = await run('axe.run().then((found) => ({ passes: found.passes.length, wrong: found.violations.map((rule) => `${rule.id}: ${rule.help}: ${rule.nodes[0].html}`) }))');
  if (checked.passes < 10) wrong.push(`the accessibility checker looked at ${checked.passes} rules only`);
  wrong.push(...checked.wrong.map((text) => `accessibility: ${text}`));

  // Printed: nothing may stand beyond the right edge, and no row may be higher than a page, or it is cut.
  await page.emulateMediaType('print');
  await page.setViewport(PRINTED);
  const cut = await page.evaluate((height) => {
    const beyond = [...document.querySelectorAll('td, th, p, h1, h2, h3, pre')]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1 || element.scrollWidth > element.clientWidth + 1)
      .map((element) => `cut at the right: ${element.textContent.slice(0, 60)}`);
    const high = [...document.querySelectorAll('tr')]
      .filter((element) => element.getBoundingClientRect().height > height)
      .map((element) => `a row higher than a page: ${element.textContent.slice(0, 60)}`);
    return [...beyond, ...high];
  }, PRINTED.height);
  wrong.push(...cut);
  writeFileSync(join(pictures, `${name}.pdf`), await page.pdf({ preferCSSPageSize: true, printBackground: true }));
  await page.close();
  if (wrong.length > 0) {
    failed += 1;
    console.log(`FAILED ${path}\n  ${[...new Set(wrong)].join('\n  ')}`);
  } else {
    passed += 1;
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
