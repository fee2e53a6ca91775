import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { StethoscopeProfile } from '../../src/verdict/stethoscope-profile.js';
import { RunningLubdub, runLubdub } from '../support/run-lubdub.js';
import { PluggedIn } from '../support/simulated-devices.js';
import { findChromium, launchChromium } from './chromium.js';

const SCREENSHOTS = 'dist/screenshots';
const executablePath = findChromium();
const hasPseudoTerminals = process.platform === 'linux' || process.platform === 'darwin';

const VIEWPORTS = {
  phone: { width: 360, height: 740 },
  touch: { width: 800, height: 480 },
  tablet: { width: 1024, height: 600 },
  desktop: { width: 1280, height: 800 },
} as const;

/**
 * A nurse fits a stethoscope on the page: the program itself, simulated stethoscopes on real pseudo-terminals that play
 * bundled recordings, the model that ships. Nothing is made up.
 */
(executablePath === undefined || !hasPseudoTerminals ? describe.skip : describe)(
  'a stethoscope is fitted on the page',
  function () {
    let folder: string;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let url: string;
    let live: RunningLubdub | undefined;
    let stethoscope: RunningLubdub | undefined;
    let complaints: string[];

    before(async () => {
      await mkdir(SCREENSHOTS, { recursive: true });
      browser = await launchChromium(executablePath!);
    });
    after(() => browser?.close());

    beforeEach(async () => {
      complaints = [];
      folder = await mkdtemp(join(tmpdir(), 'lubdub-fit-page-'));
      await plugIn('a0318');
      const environment = { XDG_CONFIG_HOME: join(folder, 'config') };
      live = new RunningLubdub(
        [
          ...['live', '--port', join(folder, 'tty'), '--wait', '--page-port', '0'],
          ...['--out', join(folder, 'out')],
        ],
        environment,
      );
      [, url] = await live.untilText(/live page: (\S+)/);
      await open();
    });

    afterEach(async () => {
      await context?.close();
      live?.kill('SIGKILL');
      stethoscope?.kill('SIGKILL');
      await Promise.all([live?.finished, stethoscope?.finished]);
      await rm(folder, { recursive: true, force: true });
      expect(complaints).to.deep.equal([]);
    });

    async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
      context = await browser.newContext({ viewport: VIEWPORTS.tablet, colorScheme: 'light', ...options });
      page = await context.newPage();
      watch(page);
      await page.goto(url);
      await page.waitForSelector('body[data-connected=true]');
    }

    function watch(watched: Page): void {
      watched.on('pageerror', (error) => complaints.push(error.message));
      watched.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
    }

    /** @param speed `max`: as fast as the program takes it, which a recording for the fit does */
    async function plugIn(recording: string, speed = 'max'): Promise<void> {
      stethoscope?.kill('SIGKILL');
      await stethoscope?.finished;
      await rm(join(folder, 'tty'), { force: true });
      const file = `test/recordings/${recording}.wav`;
      const link = join(folder, 'tty');
      stethoscope = new RunningLubdub([
        'simulate',
        file,
        '--loop',
        '--speed',
        speed,
        '--link',
        link,
        '--json',
      ]);
      await stethoscope.until('device');
    }

    const says = (selector: string, pattern: RegExp, on = page) =>
      on.waitForFunction(
        ([wanted, source]) =>
          new RegExp(source).test(
            (globalThis as never as Dom).document.querySelector(wanted)?.textContent ?? '',
          ),
        [selector, pattern.source] as const,
        { timeout: 60_000 },
      );
    const shown = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('#fit-steps .buttons button')].filter((one) => !one.hidden).map((one) => one.id)`,
      );
    const focused = () => page.evaluate<string>('document.activeElement.id');
    const listFolder = (...names: string[]) => readdir(join(folder, ...names)).catch(() => [] as string[]);

    /** In every size: nothing is cut, nothing overlaps the edge, and no rule of accessibility is broken. */
    async function look(name: string): Promise<void> {
      for (const [size, viewport] of Object.entries(VIEWPORTS)) {
        await page.setViewportSize(viewport);
        // The small one at night.
        await page.emulateMedia({ colorScheme: size === 'touch' ? 'dark' : 'light' });
        await page.waitForTimeout(150);
        await page.screenshot({ path: `${SCREENSHOTS}/fit-${name}-${size}.png` });
        const wide = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(wide, `${name} at ${size} is too wide`).to.equal(0);
        const small = await page.evaluate<
          string[]
        >(`[...document.querySelectorAll('#fit button, #fit input[type=text]')]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.id)`);
        expect(small, `${name} at ${size}: too small for a finger`).to.deep.equal([]);
        // While somebody holds a stethoscope nobody scrolls.
        const below = await page.evaluate<
          string[]
        >(`[...document.querySelectorAll('#fit-steps .buttons button')]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().bottom > innerHeight).map((one) => one.id)`);
        expect(below, `${name} at ${size}: out of sight`).to.deep.equal([]);
      }
      await page.setViewportSize(VIEWPORTS.tablet);
      // Trusted types keep scripts out of the page itself; the test's own has another way in.
      const { violations } = await page.evaluate<AxeResults>(
        `(() => { ${axe.source}; return axe.run(document, { resultTypes: ['violations'] }); })()`,
      );
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).to.deep.equal([]);
    }

    async function record(recording: string): Promise<void> {
      await plugIn(recording);
      await says('#fit-signal-word', /^(?!Not heard yet|No connection)/);
      await page.click('#fit-record');
      await says('#fit-step', /^Good|^Not usable|^This one/);
    }

    it('from the unknown stethoscope over three colleagues to a profile that is used, as calibrate makes it', async () => {
      await says('#notice', /^Unknown stethoscope: on such/);
      await look('live-unknown');
      await page.click('#fit-link');
      await says('#fit-device', /^SIM-0001$/);
      await says('#fit-profile', /^Unknown stethoscope/);
      expect(await page.inputValue('#fit-name')).to.equal('SIM-0001');
      await look('overview');

      await page.fill('#fit-name', 'ward 3');
      await page.press('#fit-name', 'Enter');
      await says('#fit-refusal', /must be called by 1 to 48 letters/);
      expect(await focused()).to.equal('fit-name');
      await page.fill('#fit-name', 'ward-3');
      await page.check('#fit-keep');
      await page.press('#fit-name', 'Enter');
      await says('#fit-step-title', /^Colleague 1 of at least 3$/);
      expect(await focused()).to.equal('fit-step-title');
      expect(await shown()).to.deep.equal(['fit-record', 'fit-cancel']);
      await look('colleague');

      // In real time, to see it; the rest of the way as fast as the program takes it.
      await plugIn('a0318', '1');
      await says('#fit-signal-word', /signal/);
      await page.focus('#fit-record');
      await page.keyboard.press('Enter');
      await says('#fit-seconds', /^[5-9] of 20 s$/);
      expect(await focused()).to.equal('fit-stop');
      expect(await shown()).to.deep.equal(['fit-stop', 'fit-cancel']);
      await look('recording');
      await says('#fit-step', /^Good: \d+ s of good signal\.$/);
      expect(await focused()).to.equal('fit-next');
      expect(await page.textContent('#fit')).to.not.match(/abnormal: \d|normal \d+ %/i);
      await page.click('#fit-next');
      await says('#fit-step-title', /^Colleague 2 of at least 3$/);

      await record('e00622');
      await says('#fit-step', /^Not usable: .*Record again, or leave this colleague out\.$/);
      expect(await shown()).to.deep.equal(['fit-record', 'fit-leave-out', 'fit-cancel']);
      await look('unusable');
      await record('c0001');
      await says('#fit-people', /✓ Colleague 1: \d+ s✓ Colleague 2: \d+ s/);
      await page.click('#fit-next');
      await record('e01341');
      await says('#fit-step', /^Good: .* Three are enough; five are better\.$/);
      expect(await shown()).to.include.members(['fit-next', 'fit-record', 'fit-finish']);
      await look('enough');
      await page.click('#fit-finish');
      await says('#fit-result-title', /^Profile ward-3$/);
      expect(await focused()).to.equal('fit-result-title');
      await says(
        '#fit-result-people',
        /^It rests on 3 colleagues and \d+ s .*; 1 recording was not usable\./,
      );
      await look('result');

      const path = join(folder, 'config', 'lubdub', 'stethoscopes', 'ward-3.json');
      const written = JSON.parse(await readFile(path, 'utf8')) as StethoscopeProfile;
      const out = join(folder, 'again.json');
      const kept = (await listFolder('out')).map((name) => join(folder, 'out', name));
      const again = await runLubdub(['calibrate', ...kept, '--stethoscope', 'ward-3', '--out', out]);
      expect(again.exitCode, again.stderr).to.equal(0);
      const made = JSON.parse(await readFile(out, 'utf8')) as StethoscopeProfile;
      expect({ ...written, createdAt: '' }).to.deep.equal({ ...made, createdAt: '' });

      await page.click('#fit-done');
      await says(
        '#fit-profile',
        /^Profile ward-3, fitted on 3 healthy people on \d{4}-\d\d-\d\d: the threshold/,
      );
      await look('fitted');
      await page.click('#go-live');
      await says('#notice', /^Profile ward-3: fitted on 3 healthy people/);
      await says('#stethoscope', /^Profile ward-3$/);
      await look('live-fitted');

      await page.click('#go-fit');
      await page.click('#fit-remove');
      await page.keyboard.press('Enter');
      expect(await listFolder('config', 'lubdub', 'stethoscopes')).to.deep.equal(['ward-3.json']);
      await page.click('#fit-remove');
      await page.click('#fit-removal button[value=remove]');
      await says('#fit-profile', /^Unknown stethoscope|^Plug it in/);
      expect(await listFolder('config', 'lubdub', 'stethoscopes')).to.deep.equal([]);
    });

    it('goes on where the page is loaded anew or a second one looks on, and leaves nothing when it is cancelled', async () => {
      await page.goto(`${url}#/stethoscope`);
      await says('#fit-device', /^SIM-0001$/);
      await page.click('#fit-form button[type=submit]');
      await says('#fit-step-title', /^Colleague 1/);
      await record('a0318');
      await page.click('#fit-next');
      await page.reload();
      await says('#fit-step-title', /^Colleague 2 of at least 3$/);
      await says('#fit-people', /^✓ Colleague 1: \d+ s$/);

      const second = await context.newPage();
      watch(second);
      await second.goto(`${url}#/stethoscope`);
      await says('#fit-step-title', /^Colleague 2/, second);
      await plugIn('c0001', '1');
      await says('#fit-signal-word', /signal/);
      await page.click('#fit-record');
      await says('#fit-step', /^Recording 20 s/, second);
      await second.click('#fit-stop');
      await says('#fit-step', /^Place the stethoscope/);
      await second.close();

      // It is lost half-way: that recording is gone, the others stay.
      await says('#fit-signal-word', /signal/);
      await page.click('#fit-record');
      await says('#fit-seconds', /^[2-9] of 20 s$/);
      stethoscope!.kill('SIGKILL');
      await says('#fit-problem', /Nothing of this recording is used: record it again\.$/);
      expect(await page.textContent('#fit-people')).to.match(/^✓ Colleague 1: \d+ s$/);
      await look('lost');

      // Another stethoscope is not the one that is fitted.
      await rm(join(folder, 'tty'), { force: true });
      const other = new PluggedIn({ serialNumber: 'OTHER-2', link: join(folder, 'tty') });
      try {
        await says('#fit-signal-word', /^(?!Not heard yet|No connection)/);
        await page.click('#fit-record');
        await says('#fit-problem', /^Another stethoscope answers/);
      } finally {
        other.unplug();
      }

      await page.click('#fit-cancel');
      await says('#fit-giving-up-text', /The recordings so far are gone\.$/);
      await page.keyboard.press('Escape');
      await says('#fit-step-title', /^Colleague 2/);
      await page.click('#fit-cancel');
      await page.click('#fit-giving-up button[value=cancel]');
      await page.waitForSelector('#fit-form', { state: 'visible' });
      expect(await listFolder('out')).to.deep.equal([]);
      expect(await listFolder('config', 'lubdub')).to.deep.equal([]);
    });
  },
);

if (executablePath === undefined) {
  console.warn(
    '\n  NOT TESTED: the fit of a stethoscope in a browser. Install chromium, or name one in CHROMIUM.\n',
  );
}

/** What the page's functions see of the browser; the tests themselves run without one. */
interface Dom {
  readonly document: { querySelector(selector: string): { readonly textContent: string } | null };
}
