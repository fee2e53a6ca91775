import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { RunningLubdub, runLubdub } from '../support/run-lubdub.js';
import { findChromium, launchChromium } from './chromium.js';

const RECORDING = 'test/recordings/a0050.wav';
const SCREENSHOTS = 'dist/screenshots';
const executablePath = findChromium();
const hasPseudoTerminals = process.platform === 'linux' || process.platform === 'darwin';

/**
 * One patient from the first tap to the printed report, by touch at 800x480: the program itself, a simulated stethoscope
 * on a real pseudo-terminal, the model that ships. Nothing is made up.
 */
(executablePath === undefined || !hasPseudoTerminals ? describe.skip : describe)('a visit', function () {
  let folder: string;
  let browser: Browser;
  let page: Page;
  let live: RunningLubdub;
  let stethoscope: RunningLubdub;
  const complaints: string[] = [];

  const plugIn = async () => {
    stethoscope = new RunningLubdub([
      'simulate',
      RECORDING,
      '--loop',
      '--link',
      join(folder, 'tty'),
      '--json',
    ]);
    await stethoscope.until('device');
  };
  const unplug = async () => {
    stethoscope.kill('SIGKILL');
    await stethoscope.finished;
    await rm(join(folder, 'tty'), { force: true });
  };

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    folder = await mkdtemp(join(tmpdir(), 'lubdub-visit-'));
    await plugIn();
    const port = join(folder, 'tty');
    live = new RunningLubdub([
      'live',
      '--port',
      port,
      '--wait',
      '--page-port',
      '0',
      '--out',
      join(folder, 'recordings'),
    ]);
    const [, url] = await live.untilText(/live page: (\S+)/);
    browser = await launchChromium(executablePath!);
    const context = await browser.newContext({
      viewport: { width: 800, height: 480 },
      colorScheme: 'dark',
      hasTouch: true,
      timezoneId: 'Europe/Berlin',
    });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    await page.goto(url);
    await page.waitForSelector('body[data-connected=true]');
  });

  after(async () => {
    await browser?.close();
    live?.kill('SIGKILL');
    stethoscope?.kill('SIGKILL');
    await Promise.all([live?.finished, stethoscope?.finished]);
    await rm(folder, { recursive: true, force: true });
  });

  const says = (selector: string, pattern: RegExp, timeout = 30_000) =>
    page.waitForFunction(
      ([wanted, source]) =>
        new RegExp(source).test(
          (globalThis as never as Dom).document.querySelector(wanted)?.textContent ?? '',
        ),
      [selector, pattern.source] as const,
      { timeout },
    );
  const shot = (name: string) => page.screenshot({ path: `${SCREENSHOTS}/visit-${name}.png` });
  const site = (name: string) => page.tap(`#sites label:has-text("${name}")`);
  const sessions = async () => (await readdir(join(folder, 'recordings'))).sort();
  const read = async (name: string, file: string) =>
    JSON.parse(await readFile(join(folder, 'recordings', name, file), 'utf8')) as Record<string, never>;

  async function record(name: string, seconds: number): Promise<void> {
    await site(name);
    await page.tap('#start');
    await says('#now-site', new RegExp(`^${name}$`));
    await says('#site-large', new RegExp(`^${name}$`));
    await says('#verdict-figures', /Abnormal: \d/);
    await page.waitForTimeout(1000 * seconds);
  }

  async function stop(): Promise<void> {
    await page.tap('#stop');
    await says('#signal-word', /^Finished$/);
  }

  it('goes from a new patient over four sites, an unplug and a wrong site to the printed joint report', async () => {
    await page.tap('#new-patient');
    await page.keyboard.type('Jane Doe');
    await page.tap('#start');
    await says('#refusal', /looks like a name/);
    await page.fill('#subject', 'S-042');
    await says('#refusal', /^$/);

    await record('Aortic', 4);
    await shot('recording');
    await stop();
    await says('#sites', /Aortic[✓▲?] \w+\s*Pulmonicnext/);

    await record('Pulmonic', 1);
    await unplug();
    await says('#signal-word', /^No connection$/);
    await says('#rate-unit', /^before$/);
    expect(await page.textContent('#notice')).to.match(/^The stethoscope was unplugged/);
    await shot('unplugged');
    await plugIn();
    await says('#signal-word', /signal/);
    await says('#lost', /[1-9][\d,]* lost/);
    await page.waitForTimeout(3000);
    await stop();

    // The hand is on the tricuspid spot, the finger hits another.
    await record('Mitral', 4);
    await stop();
    await says('#verdict-title', /^Result: Mitral, S-042$/);
    await page.tap('#correct');
    await shot('correction');
    await page.tap('#correction-body label:has-text("Tricuspid")');
    await page.fill('#correction-note', 'held by hand');
    await page.tap('#correction-form button[type=submit]');
    await says('#verdict-title', /^Result: Tricuspid, S-042$/);
    await says('#sites', /Tricuspid[✓▲?] \w+\s*Mitralnext/);

    await record('Mitral', 4);
    await stop();
    await says('#examination-title', /^S-042: 4 of 4/);
    await says('#signal-advice', /All four done/);
    await shot('all-four');

    const names = await sessions();
    expect(names).to.have.length(4);
    const descriptions = await Promise.all(names.map((name) => read(name, 'session.json')));
    expect(
      descriptions.map(({ configuration, subject }) => [(configuration as { site: string }).site, subject]),
    ).to.deep.equal([
      ['aortic', 'S-042'],
      ['pulmonic', 'S-042'],
      ['mitral', 'S-042'],
      ['mitral', 'S-042'],
    ]);
    const corrections = await readFile(join(folder, 'recordings', names[2], 'corrections.ndjson'), 'utf8');
    expect(JSON.parse(corrections)).to.deep.include({ site: 'tricuspid', note: 'held by hand' });
    const verified = await runLubdub(['verify', ...names.map((name) => join(folder, 'recordings', name))]);
    expect(verified.exitCode, verified.stdout + verified.stderr).to.equal(0);

    await page.tap('#joint-report');
    await says('#joint-sites', /Aortic: \w+ · Pulmonic: \w+ · Tricuspid: \w+ · Mitral: \w+$/);
    await shot('examination');
    await page.evaluate(`document.addEventListener('load', ({ target }) => {
      if (target.localName === 'iframe') target.contentWindow.print = () => (window.printed = target.contentDocument.body.innerText);
    }, true)`);
    await page.tap('#joint-body button:has-text("Print report")');
    const printed = await page.evaluate<string>(`(async () => {
      for (let waited = 0; window.printed === undefined && waited < 60_000; waited += 50)
        await new Promise((resolve) => setTimeout(resolve, 50));
      return window.printed ?? 'nothing was printed';
    })()`);
    expect(printed).to.include('Joint result of 4 recordings');
    expect(printed).to.match(/Tricuspid area \(corrected\)/);
    expect(printed).to.match(
      /Site corrected by hand on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\+[12]: recorded as Mitral area \(apex\), is Tricuspid area/,
    );
    for (const room of ['Name', 'Examiner', 'Comment', 'Signature', 'held by hand', 'not a diagnosis']) {
      expect(printed).to.include(room);
    }
    await shot('printed');
    const downloading = page.waitForEvent('download');
    await page.tap('text=Export FHIR');
    const bundle = await readFile(await (await downloading).path(), 'utf8');
    expect(bundle).to.include('Site corrected by hand').and.include('held by hand');

    // A session is deleted only after a question.
    await page.tap('#joint-body a:has-text("Pulmonic")');
    await page.tap('#delete-session');
    await page.keyboard.press('Enter');
    expect(await sessions()).to.have.length(4);
    await page.tap('#delete-session');
    await page.tap('#deletion button[value=delete]');
    await says('#sessions-state', /^3 sessions/);
    expect(await sessions()).to.deep.equal(names.filter((name) => name !== names[1]));
    await page.fill('#search', 'tricuspid');
    await says('#sessions-state', /^1 of 3 sessions/);
    await page.tap('#go-live');
    await says('#examination-title', /^S-042: 3 of 4/);

    expect(complaints).to.deep.equal([]);
  });
});

if (executablePath === undefined) {
  console.warn('\n  NOT TESTED: a whole visit in a browser. Install chromium, or name one in CHROMIUM.\n');
}

/** What the page's functions see of the browser; the tests themselves run without one. */
interface Dom {
  readonly document: { querySelector(selector: string): { readonly textContent: string } | null };
}
