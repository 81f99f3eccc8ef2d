// Drives a real headless Chromium through a provider's login and consent pages.
//   node browser-login.mjs URL [--user alice] [--password secret] [--timeout SECONDS] [--screenshot FILE]
// Prints {"url","status","title","text"} of the page the flow ends on: the first one outside the provider's
// origin (hoopctl's loopback callback), or the provider's own page when it asks nothing more.
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';

const { values: args, positionals: [start] } = parseArgs({
  allowPositionals: true,
  options: {
    user: { type: 'string', default: process.env.HOOP_TEST_USER ?? 'alice' },
    password: { type: 'string', default: 'any password' },
    timeout: { type: 'string', default: '60' },
    screenshot: { type: 'string' },
  },
});
if (!start) {
  console.error('usage: browser-login.mjs URL [--user NAME] [--password P] [--timeout SECONDS] [--screenshot FILE]');
  process.exit(2);
}
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => path && existsSync(path));
if (!executablePath) {
  console.error('Chromium is missing: install the Debian package `chromium`, or name the program in CHROMIUM.');
  process.exit(1);
}

const deadline = Date.now() + Number(args.timeout) * 1000;
const left = () => Math.max(1, deadline - Date.now());
const profile = await mkdtemp(join(tmpdir(), 'browser-login-'));
const browser = await puppeteer.launch({
  executablePath,
  userDataDir: profile,
  timeout: left(),
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
    // Nothing but loopback: a page's web fonts must not hold up the login.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE ::1',
  ],
});
let failed = false;
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(left());
  const provider = new URL(start).origin;
  let response = await page.goto(start, { waitUntil: 'domcontentloaded', timeout: left() });
  while (new URL(page.url()).origin === provider) {
    if (Date.now() > deadline) throw new Error(`still at ${page.url()} after ${args.timeout} s`);
    const name = await page.$('input[name=login], input[name=username]');
    const submit = await page.$('button[type=submit], input[type=submit]');
    if (!name && !submit) break;
    if (name) {
      await name.type(args.user);
      await (await page.$('input[name=password]'))?.type(args.password);
    }
    const arrived = page.waitForNavigation({ waitUntil: 'domcontentloaded', timeout: left() });
    await (submit ? submit.click() : page.keyboard.press('Enter'));
    response = await arrived;
  }
  if (args.screenshot) await page.screenshot({ path: args.screenshot });
  process.stdout.write(`${JSON.stringify({
    url: page.url(),
    status: response?.status() ?? null,
    title: await page.title(),
    text: await page.evaluate(() => document.body?.innerText ?? ''),
  })}\n`);
} catch (error) {
  failed = true;
  console.error(`login page: ${error.message}`);
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
