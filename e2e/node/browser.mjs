// A person with a browser: drives Chromium through sign-in and through the pages of the server, as it
// is told over a loopback port, and says what was seen. `cargo e2e http` runs it.
//
// KESTRA_E2E_MODULES is the folder of node_modules, KESTRA_E2E_CHROMIUM the browser, KESTRA_E2E_SHOTS
// the folder of screenshots, KESTRA_E2E_PROFILE a folder that may be filled. It prints its address and
// ends with its standard input.
//
// Each `browser` named in a request is a profile of its own with one page. JavaScript is off in all of
// them but those that a request asks to be popups: no page here needs it.

import fs from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const need = createRequire(path.join(process.env.KESTRA_E2E_MODULES, 'here.js'));
const { chromium } = need('playwright-core');
const AXE = await fs.readFile(need.resolve('axe-core/axe.min.js'), 'utf8');

const PATIENCE = 60_000;
/** Pages on a route. */
const MOST = 6;
const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--no-proxy-server',
];

class Fault extends Error {}

/** What the pages of a profile met: complaints of the browser, URLs, secrets it was given. */
class Profile {
  constructor(context) {
    this.context = context;
    this.complaints = [];
    this.addresses = [];
    this.secrets = new Map();
    context.setDefaultTimeout(PATIENCE);
    context.on('page', (page) => this.listen(page));
  }

  listen(page) {
    page.on('console', (said) => {
      // A page that is itself the answer to a fault is no complaint.
      const isPage = said.text().startsWith('Failed to load') && said.location().url === page.url();
      if (['error', 'warning'].includes(said.type()) && !isPage) this.complaints.push(said.text());
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      this.addresses.push(request.url());
      for (const name of ['code', 'state', 'txn', 't']) {
        const value = url.searchParams.get(name);
        if (value) this.secrets.set(value, `${name} of an address`);
      }
    });
  }

  async remember() {
    for (const cookie of await this.context.cookies()) {
      if (cookie.value.length > 15) this.secrets.set(cookie.value, `cookie ${cookie.name}`);
    }
    const fields = await this.page
      .locator('input[name=form], input[name=txn]')
      .evaluateAll((all) => all.map((one) => [one.name, one.value]));
    for (const [name, value] of fields) if (value.length > 15) this.secrets.set(value, `field ${name}`);
  }
}

class Person {
  constructor(browser) {
    this.browser = browser;
    this.profiles = new Map();
  }

  async profile(name, popup) {
    let profile = this.profiles.get(name);
    if (!profile) {
      const context = await this.browser.newContext({
        javaScriptEnabled: Boolean(popup),
        viewport: { width: 900, height: 900 },
        reducedMotion: 'reduce',
      });
      profile = new Profile(context);
      profile.page = await context.newPage();
      this.profiles.set(name, profile);
    }
    return profile;
  }

  /** Opens a URL and answers the pages on the route: consent or the choice of a sign-in, then the provider. */
  async visit({ browser, url, user, password, decision = 'Approve', keyboard, popup, shot }) {
    const profile = await this.profile(browser, popup);
    if (popup) {
      const opened = profile.context.waitForEvent('page');
      await profile.page.evaluate((address) => void window.open(address), url);
      profile.page = await opened;
      await profile.page.waitForLoadState();
    } else {
      await profile.page.goto(url);
    }
    const seen = new Seen(profile, { popup });
    const hand = keyboard ? new Keyboard(profile.page) : new Mouse(profile.page);
    let asked = 0;
    let ours = false;
    for (;;) {
      const { page } = profile;
      await seen.look();
      await profile.remember();
      if (seen.steps.length > MOST) throw new Fault(`no end: ${seen.steps.join(' → ')}`);
      ours = await seen.isOurs();
      if (await page.locator('form[action="/consent"]').count()) {
        await seen.judge(shot && `${shot}-consent`);
        await hand.press(decision);
      } else if (ours && (await page.locator('input[name="action"][value="sign_in"]').count())) {
        // The browser goes to the provider only after a button is pressed.
        await seen.judge(shot && `${shot}-sign-in`);
        await hand.press('Sign in at');
      } else if (!ours && (await page.locator('input[name="username"]').count())) {
        // A second time: the provider refused.
        if (!user || (asked += 1) > 1) break;
        await seen.keep(shot && `${shot}-provider`);
        await hand.write('input[name="username"]', user);
        await hand.write('input[name="password"]', password);
        await hand.enter('input[name="password"]');
      } else break;
    }
    if (ours) await seen.judge(shot && `${shot}-end`);
    return seen.told();
  }

  /** Fills a field of the page that is open and sends its form; looks for the text afterwards. */
  async enter({ browser, field, text, button, shot }) {
    const profile = this.known(browser);
    const { page } = profile;
    const seen = new Seen(profile, {});
    const mark = profile.addresses.length;
    const before = page.url();
    await page.locator(field).fill(text);
    await new Mouse(page).press(button);
    await profile.remember();
    await seen.look();
    await seen.judge(shot);
    const moved = page.url() !== before;
    const told = await seen.told();
    await seen.search(text, 'after it was sent');
    await page.goBack();
    await seen.search(text, 'on the page before');
    // The answer to a form that left the browser where it was is stored nowhere.
    if (moved) {
      await page.goForward();
      await seen.search(text, 'on the page again');
    }
    if (profile.addresses.slice(mark).some((address) => address.includes(text))) {
      seen.faults.push('the text stands in an address');
    }
    return told;
  }

  /** Presses a button or a link of the page that is open. */
  async press({ browser, button, shot }) {
    const profile = this.known(browser);
    const seen = new Seen(profile, {});
    await new Mouse(profile.page).press(button);
    await profile.remember();
    await seen.look();
    if (await seen.isOurs()) await seen.judge(shot);
    return seen.told();
  }

  /** Whether a page of another origin can show the address in a frame. */
  async frame({ url, origin }) {
    const context = await this.browser.newContext({ javaScriptEnabled: false });
    try {
      const page = await context.newPage();
      await page.goto(`${origin}/frame?url=${encodeURIComponent(url)}`);
      const inner = page.frames().find((frame) => frame !== page.mainFrame());
      const text = await inner.evaluate(() => document.body?.innerText ?? '').catch(() => '');
      return { framed: text.includes('Kestra MCP'), url: inner.url() };
    } finally {
      await context.close();
    }
  }

  /** What must stand in no log, of all profiles, each with a name for it. */
  async secrets() {
    return { secrets: Object.fromEntries([...this.profiles.values()].flatMap(({ secrets }) => [...secrets])) };
  }

  known(name) {
    const profile = this.profiles.get(name);
    if (!profile) throw new Fault(`there is no browser ${name}`);
    return profile;
  }
}

class Mouse {
  constructor(page) {
    this.page = page;
  }

  async press(words) {
    const button = this.page.getByRole('button', { name: words });
    await button.or(this.page.getByRole('link', { name: words })).first().click();
    await this.page.waitForLoadState();
  }

  async write(field, text) {
    await this.page.locator(field).fill(text);
  }

  async enter(field) {
    await this.page.locator(field).press('Enter');
    await this.page.waitForLoadState();
  }
}

/** Reaches everything by the tabulator key, and demands that the focus can be seen. */
class Keyboard {
  constructor(page) {
    this.page = page;
  }

  async press(words) {
    await this.reach((focus) => focus.words.startsWith(words));
    await this.go();
  }

  async write(field, text) {
    const name = /name="(\w+)"/.exec(field)[1];
    await this.reach((focus) => focus.name === name);
    await this.page.keyboard.type(text);
  }

  async enter() {
    await this.go();
  }

  async go() {
    const gone = this.page.waitForNavigation();
    await this.page.keyboard.press('Enter');
    await gone;
  }

  async reach(wanted) {
    for (let presses = 0; presses < 30; presses += 1) {
      const focus = await this.page.evaluate(() => {
        const here = document.activeElement;
        const style = getComputedStyle(here);
        const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        return {
          words: (here.textContent ?? '').trim(),
          name: here.getAttribute('name'),
          visible: outline || style.boxShadow !== 'none',
        };
      });
      if (wanted(focus)) {
        if (!focus.visible) throw new Fault('the focus cannot be seen');
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Fault('the keyboard does not reach it');
  }
}

/** What was seen on the way. */
class Seen {
  constructor(profile, { popup }) {
    this.profile = profile;
    this.popup = popup;
    this.steps = [];
    this.faults = [];
    this.openers = [];
    this.mark = profile.complaints.length;
  }

  get page() {
    return this.profile.page;
  }

  get browser() {
    return this.profile.context.browser();
  }

  async isOurs() {
    return Boolean(await this.page.locator('header p', { hasText: /^Kestra MCP$/ }).count());
  }

  async look() {
    const { origin, pathname } = new URL(this.page.url());
    const heading = this.page.locator('h1').first();
    const words = (await heading.count()) ? (await heading.innerText()).trim() : '';
    this.steps.push(`${origin}${pathname}: ${words}`);
    if (this.popup) this.openers.push(await this.page.evaluate(() => window.opener !== null));
  }

  /** A page of ours: light, dark and narrow, without script, without findings of the checker. */
  async judge(shot) {
    const { page } = this;
    const scripts = await page.locator('script').count();
    if (scripts) this.faults.push(`${scripts} scripts`);
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await this.keep(shot && `${shot}-${colorScheme}`);
    }
    this.faults.push(...(await check(this.browser, page.url(), await page.content())));
  }

  async keep(shot) {
    if (!shot) return;
    await this.page.screenshot({ path: path.join(process.env.KESTRA_E2E_SHOTS, `${shot}.png`), fullPage: true });
  }

  async search(text, when) {
    const values = await this.page.locator('input').evaluateAll((all) => all.map((one) => one.value));
    if ((await this.page.content()).includes(text)) this.faults.push(`the text stands in the page ${when}`);
    if (values.includes(text)) this.faults.push(`the text stands in a field ${when}`);
  }

  async told() {
    const { page } = this;
    this.faults.push(...this.profile.complaints.slice(this.mark).map((words) => `the browser says: ${words}`));
    const address = new URL(page.url());
    return {
      steps: this.steps,
      faults: this.faults,
      openers: this.openers,
      address: address.origin + address.pathname,
      heading: (await page.locator('h1').count()) ? (await page.locator('h1').first().innerText()).trim() : '',
      text: await page.evaluate(() => document.body?.innerText ?? ''),
    };
  }
}

/** What the checker finds. It is a script, so it looks at a twin: the same address, page and style. */
async function check(browser, url, content) {
  const context = await browser.newContext({ viewport: { width: 900, height: 900 } });
  try {
    const twin = await context.newPage();
    await twin.route('**/*', (route) =>
      route.request().isNavigationRequest()
        ? route.fulfill({ contentType: 'text/html; charset=utf-8', body: content })
        : route.continue(),
    );
    await twin.goto(url);
    await twin.evaluate(AXE);
    const faults = [];
    for (const colorScheme of ['light', 'dark']) {
      await twin.emulateMedia({ colorScheme });
      const found = await twin.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      for (const { id, nodes } of found.violations) {
        faults.push(`${colorScheme}: ${id} at ${nodes.map((node) => node.target).join(', ')}`);
      }
    }
    await twin.setViewportSize({ width: 320, height: 900 });
    const width = await twin.evaluate(() => document.documentElement.scrollWidth);
    if (width > 320) faults.push(`${width} px wide on a screen of 320`);
    return faults;
  } finally {
    await context.close();
  }
}

const browser = await chromium.launch({
  executablePath: process.env.KESTRA_E2E_CHROMIUM,
  args: FLAGS,
  chromiumSandbox: false,
});
const person = new Person(browser);
const able = ['visit', 'enter', 'press', 'frame', 'secrets'];

const server = http.createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (request.method === 'GET' && pathname === '/frame') {
    const address = encodeURI(searchParams.get('url')).replaceAll('"', '%22').replaceAll('&', '&amp;');
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>frame</title><iframe src="${address}"></iframe>`);
    return;
  }
  response.setHeader('content-type', 'application/json');
  try {
    const what = pathname.slice(1);
    if (!able.includes(what)) throw new Fault(`nobody can ${what}`);
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    response.end(JSON.stringify(await person[what](JSON.parse(Buffer.concat(pieces) || '{}'))));
  } catch (error) {
    response.statusCode = 500;
    // Queries may hold what must not be shown.
    response.end(JSON.stringify({ error: error.message.split('\n')[0].replaceAll(/\?\S*/g, '?…') }));
  }
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume();
process.stdin.on('end', async () => {
  await browser.close();
  process.exit(0);
});
