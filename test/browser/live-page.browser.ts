import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ConfigurationError } from '../../src/errors.js';
import { startPage, type RunningPage } from '../../src/page/server/start-page.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { recordSession } from '../support/recorded-session.js';
import { findChromium, launchChromium } from './chromium.js';
import { expectSoon as expectWithin } from './expect-soon.js';

const RECORDING = 'test/recordings/a0050.wav';
const SCREENSHOTS = 'dist/screenshots';
const executablePath = findChromium();

const VIEWPORTS = {
  touch: { width: 800, height: 480 },
  tablet: { width: 1024, height: 600 },
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const;
const SCHEMES = ['dark', 'light'] as const;
const expectSoon = (condition: () => boolean | Promise<boolean>) => expectWithin(condition, 30_000);

(executablePath === undefined ? describe.skip : describe)('the live page in a browser', function () {
  let browser: Browser;
  let root: string;
  let gapped: string;
  let samples: FakeController;
  let controller: FakeController;
  let server: RunningPage;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  before(async () => {
    browser = await launchChromium(executablePath!);
    await mkdir(SCREENSHOTS, { recursive: true });
    root = await mkdtemp(join(tmpdir(), 'lubdub-browser-'));
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    const session = (options: Omit<Parameters<typeof recordSession>[0], 'root'>) =>
      recordSession({ root, ...options });
    await session({ wav: RECORDING, startedAt: ago(7), subject: 'S-016', site: 'aortic' });
    gapped = basename(
      await session({
        wav: 'test/recordings/e00089.wav',
        startedAt: ago(5),
        subject: 'S-016',
        site: 'mitral',
        verdict: 'abnormal',
        gap: { atSample: 8000, lostSamples: 2000 },
      }),
    );
    await session({
      wav: 'test/recordings/b0344.wav',
      startedAt: ago(150),
      subject: 'S-015',
      verdict: 'inconclusive',
    });
    await session({ wav: 'test/recordings/b0344.wav', startedAt: ago(170), isTorn: true });
    samples = await FakeController.playing(RECORDING);
  });

  after(async () => {
    await browser?.close();
    await rm(root, { recursive: true, force: true });
  });

  beforeEach(async () => {
    controller = samples.again();
    server = await serve(0);
    complaints = [];
    await open();
  });

  afterEach(async () => {
    controller.pause();
    await context.close();
    await server.close();
    expect(complaints).to.deep.equal([]);
  });

  const serve = (port: number) =>
    startPage({
      controller,
      version: '0.1.0',
      rules: { ...validContract().verdict, minimumUsableSeconds: 15 },
      model: { name: 'made-up', version: '0.0.0' },
      falseAlarms: { mean: 0.35, least: 0.13, most: 0.59 },
      port,
      sessionsDirectory: root,
      onFault: (error) => complaints.push(String(error)),
    });

  async function open(options: Parameters<Browser['newContext']>[0] = {}, path = ''): Promise<void> {
    await context?.close();
    context = await browser.newContext({ viewport: VIEWPORTS.touch, colorScheme: 'dark', ...options });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // The tests themselves read the picture back.
      if (message.text().includes('willReadFrequently')) return;
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (origin !== new URL(server.url).origin) complaints.push(`a request to ${request.url()}`);
    });
    await page.goto(server.url + path);
    await page.waitForSelector('body[data-connected=true]');
  }

  const checkedSite = () =>
    page.evaluate<string | null>(`document.querySelector('#sites input:checked')?.value ?? null`);

  /** What the page says, once it says it. */
  const says = (id: string, text: string | RegExp) =>
    page.waitForFunction(
      ([wanted, pattern]) =>
        new RegExp(pattern).test(
          (globalThis as never as Dom).document.getElementById(wanted)?.textContent ?? '',
        ),
      [id, typeof text === 'string' ? escapeRegExp(text) : text.source] as const,
      { timeout: 30_000 },
    );

  async function listen(seconds = 12): Promise<void> {
    await controller.start({ site: 'mitral', subject: 'S-017' });
    controller.events$.next({
      kind: 'status',
      batteryPercent: 81,
      contact: true,
      overrunSamples: 0,
      clippedSamples: 0,
    });
    controller.play(seconds);
    controller.run();
    await says('connection', 'Connected');
  }

  /** First and second sounds where the bundled recording has them, about. */
  const mark = () =>
    controller.marks$.next(
      [2.78, 3.64, 4.71, 5.56, 7.25, 8.14, 8.98, 9.84].flatMap((timeSeconds) => [
        { timeSeconds, sound: 'S1' as const },
        { timeSeconds: timeSeconds + 0.29, sound: 'S2' as const },
      ]),
    );

  const windows = (count: number, change: Parameters<FakeController['window']>[1] = {}) => {
    for (let index = 0; index < count; index++) controller.window(index, change);
  };

  /** Every state in every size and colour: looked at by axe, kept as a picture for people. */
  async function inspect(name: string): Promise<void> {
    for (const [size, viewport] of Object.entries(VIEWPORTS)) {
      for (const colorScheme of SCHEMES) {
        // Between the smallest and the largest one look each is enough.
        if ((size === 'tablet' && colorScheme === 'dark') || (size === 'desktop' && colorScheme === 'light'))
          continue;
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(250);
        await page.screenshot({ path: `${SCREENSHOTS}/${name}-${size}-${colorScheme}.png` });
        const found = await page.evaluate<AxeResults>(
          `${axe.source}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
        );
        const violations = found.violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join()} ${failureSummary}`).join('; ')}`,
        );
        expect(violations, `${name}, ${size}, ${colorScheme}`).to.deep.equal([]);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${name} is too wide`).to.be.at.most(0);
      }
    }
    await page.setViewportSize(VIEWPORTS.touch);
    await page.emulateMedia({ colorScheme: 'dark' });
  }

  const fits = async () =>
    expect(
      await page.evaluate<number>(`document.getElementById('controls').getBoundingClientRect().bottom`),
    ).to.be.at.most(480);

  describe('in every state, at 800x480, 1024x600, on a desktop and a phone, dark and light, by the rules of WCAG 2.2 AA', () => {
    it('before a recording', async () => {
      await says('signal-word', 'Not recording');
      await fits();
      await inspect('idle');
    });

    it('while it listens', async () => {
      await listen();
      await says('notice', 'Unknown stethoscope: on such, 35 % (13 to 59 %) of healthy recordings');
      windows(8, { probability: 0.35 });
      mark();
      await says('verdict-needs', '5 s of good signal to go');
      await says('rate-value', '72');
      await says('signal-word', 'Good signal');
      await fits();
      await inspect('listening');
    });

    it('with a normal result', async () => {
      await listen(14);
      windows(15);
      await controller.stop();
      await says('verdict-word', 'Normal');
      await says('verdict-title', 'Result');
      await fits();
      await inspect('normal');
    });

    it('with an abnormal verdict', async () => {
      await listen(14);
      mark();
      windows(15, { probability: 0.87 });
      controller.events$.next({
        kind: 'verdict',
        verdict: 'abnormal',
        probability: 0.87,
        reasons: [],
        usableSeconds: 17,
      });
      await says('verdict-word', 'Abnormal');
      await says('verdict-figures', /87.%/);
      await fits();
      await inspect('abnormal');
    });

    it('with a poor signal: inconclusive, with the reason', async () => {
      await listen(14);
      windows(15, { usable: false, quality: 0.2, reasons: ['noisy'], heartRateBpm: null });
      controller.outcome = {
        verdict: 'inconclusive',
        probability: 0.4,
        reasons: ['too-little-usable-signal', 'noisy'],
        usableSeconds: 2,
        heartRateBpm: null,
      };
      await says('signal-word', 'Too noisy');
      await says('rate-value', '–');
      await says('verdict-figures', 'No probability yet');
      await inspect('noisy');
      await controller.stop();
      await says('verdict-word', 'Inconclusive');
      await says('verdict-needs', 'too much noise');
      await fits();
      await inspect('inconclusive');
    });

    it('without contact, with samples lost, then without a stethoscope', async () => {
      await listen(6);
      controller.lose(0.5);
      controller.play(3);
      controller.events$.next({
        kind: 'status',
        batteryPercent: 12,
        contact: false,
        overrunSamples: 0,
        clippedSamples: 0,
      });
      await says('signal-word', 'No contact');
      await says('lost', '1,000 lost');
      await inspect('no-contact');
      controller.pause();
      controller.events$.next({
        kind: 'connection',
        state: 'retrying',
        path: '/dev/ttyACM0',
        message: 'trying to reconnect in 1.0 s (attempt 2): /dev/ttyACM0 is gone',
      });
      await says('connection', 'Connection lost');
      await says('notice', 'The stethoscope was unplugged or no longer answers.');
      await says('signal-word', 'No connection');
      await says('rate-unit', 'before');
      expect(await page.textContent('#notice')).not.to.include('/dev');
      await page.click('#more');
      await says('details-text', 'trying to reconnect in 1.0 s (attempt 2): /dev/ttyACM0 is gone');
      await inspect('details');
      await page.keyboard.press('Escape');
      await inspect('disconnected');
    });

    it('with several sites of one subject', async () => {
      for (const [site, verdict, probability] of [
        ['aortic', 'normal', 0.2],
        ['tricuspid', 'inconclusive', 0.5],
        ['mitral', 'abnormal', 0.99],
      ] as const) {
        await controller.start({ site, subject: 'S-017' });
        controller.play(20);
        windows(10);
        controller.outcome = { verdict, probability };
        await controller.stop();
      }
      await says('examination-title', 'S-017: 3 of 4');
      await says('sites', /Aortic✓ normal\s*Pulmonicnext\s*Tricuspid\? unclear\s*Mitral▲ abnormal/);
      await says('signal-advice', 'Next: pulmonic, then Start.');
      await says('joint-word', 'Abnormal');
      await fits();
      await inspect('examination');
    });

    it('in the list of sessions', async () => {
      await page.click('#go-sessions');
      await says('sessions-state', '4 sessions');
      await says('examinations', 'Aortic normal, Mitral abnormal');
      expect(await page.title()).to.equal('Sessions · lubdub');
      await inspect('sessions');
    });

    it('in a session', async () => {
      await open({}, `#/sessions/${gapped}`);
      await page.waitForSelector('#session-look canvas');
      await says('sound-note', 'lost samples are silence');
      await inspect('session');
    });

    it('where a token is asked for', async () => {
      await server.close();
      server = await startPage({
        controller,
        version: '',
        rules: validContract().verdict,
        model: null,
        port: 0,
        token: 'a-token-of-enough-letters',
      });
      await context.clearCookies();
      await page.goto(`http://127.0.0.1:${server.port}/`);
      complaints = complaints.filter((text) => !text.includes('401') && !text.includes('WebSocket'));
      await inspect('sign-in');
      await page.fill('input[name=token]', 'a-token-of-enough-letters');
      await page.keyboard.press('Enter');
      await page.waitForSelector('body[data-connected=true]');
      expect(page.url()).to.equal(`http://127.0.0.1:${server.port}/`);
    });
  });

  describe('under the hand', () => {
    it('records, stops and discards by keyboard alone', async () => {
      await page.focus('#start');
      // Nothing is there to be discarded yet: the sites are next.
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Tab');
      await page.keyboard.type('S-021');
      await page.keyboard.press('Enter');
      await says('connection', 'Connected');
      expect(controller.calls.at(-1)).to.match(/^start (aortic|pulmonic) S-021$/);
      await page.focus('#stop');
      await page.keyboard.press('Enter');
      await says('verdict-title', 'Result');
      // The button that it turned into has the keyboard now.
      expect(await page.evaluate('document.activeElement.id')).to.equal('start');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      expect(controller.calls.at(-1)).to.equal('stop');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await says('signal-word', 'Ready');
      expect(controller.calls.at(-1)).to.equal('discard');
    });

    it('asks where site or code is missing, and takes “without” for an answer', async () => {
      await page.click('#start');
      await page.waitForSelector('#ask[open]');
      await inspect('ask');
      await page.click('#ask-form button[type=submit]');
      await says('ask-refusal', 'Choose a site');
      await page.click('#ask-sites label:has-text("Mitral")');
      await page.click('#ask-form button[type=submit]');
      await says('ask-refusal', 'Enter a code');
      await page.check('#ask-without');
      await page.click('#ask-form button[type=submit]');
      await says('now-site', 'Mitral');
      expect(controller.calls.at(-1)).to.equal('start mitral null');
      await page.click('#stop');
      await says('signal-word', 'Finished');
      // The spot is another one each time; that there is no code is known by now.
      await page.click('#start');
      await page.waitForSelector('#ask[open]');
      expect(await page.isVisible('#ask-code')).to.equal(false);
      await page.click('#ask-sites label:has-text("Without a site")');
      await page.click('#ask-form button[type=submit]');
      await expectSoon(() => controller.calls.at(-1) === 'start null null');
    });

    it('leaves the choice to the person, whatever the server says meanwhile', async () => {
      await page.click('#sites label:has-text("Tricuspid")');
      for (const site of ['aortic', 'mitral', null] as const) {
        controller.change({ site, subject: 'S-9' });
        await page.waitForTimeout(120);
        expect(await checkedSite(), String(site)).to.equal('tricuspid');
      }
      await page.fill('#subject', 'S-3');
      await page.click('#start');
      await says('now-site', 'Tricuspid');
      expect(controller.calls.at(-1)).to.equal('start tricuspid S-3');
    });

    it('loses none of 200 quick taps, and nothing moves under the finger', async function () {
      await open({ hasTouch: true });
      await page.fill('#subject', 'S-017');
      const sites = ['aortic', 'pulmonic', 'tricuspid', 'mitral'] as const;
      const middle = async (selector: string) => {
        const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
        return { x: x + width / 2, y: y + height / 2 };
      };
      // Looked up once: where a button was, it must be.
      const spots = await Promise.all(sites.map((site) => middle(`#sites label:has(input[value=${site}])`)));
      const start = await middle('#start');
      const tap = ({ x, y }: { x: number; y: number }) => page.touchscreen.tap(x, y);
      const happenings: (() => void)[] = [
        () => controller.change({ site: 'aortic', subject: 'S-9' }),
        () =>
          controller.events$.next({
            kind: 'notice',
            file: 'x',
            message: `a long notice, ${'word '.repeat(60)}`,
          }),
        () =>
          controller.events$.next({
            kind: 'connection',
            state: 'lost',
            path: '/dev/ttyACM0',
            reason: 'unplugged',
            message: 'gone '.repeat(50),
          }),
        () =>
          controller.events$.next({
            kind: 'device',
            path: '/dev/ttyACM0',
            firmware: null,
            serialNumber: null,
            sampleRateHz: 2000,
            stethoscope: null,
          }),
        () =>
          controller.events$.next({
            kind: 'status',
            batteryPercent: 7,
            contact: null,
            overrunSamples: 0,
            clippedSamples: 0,
          }),
      ];
      const lost: string[] = [];
      for (let i = 0; i < 200; i++) {
        const at = (i * 7 + Math.floor(i / 3)) % 4;
        happenings[i % happenings.length]();
        await tap(spots[at]);
        if ((await checkedSite()) !== sites[at]) lost.push(`tap ${i} on ${sites[at]}`);
        if (i % 10 !== 9) continue;
        await tap(start);
        await expectSoon(() => controller.calls.at(-1)?.startsWith('start ') === true);
        if (controller.calls.at(-1) !== `start ${sites[at]} S-017`)
          lost.push(`${controller.calls.at(-1)} at ${i}`);
        await says('now-site', new RegExp(sites[at].slice(1)));
        controller.outcome = { verdict: (['normal', 'abnormal', 'inconclusive'] as const)[at % 3] };
        await tap(start);
        await says('signal-word', 'Finished');
      }
      expect(lost).to.deep.equal([]);
      expect(await page.evaluate('document.scrollingElement.scrollTop')).to.equal(0);
    });

    it('has one button for a new patient: code, sites and what was shown of the last one go', async () => {
      await page.fill('#subject', 'S-017');
      await page.click('#sites label:has-text("Aortic")');
      await page.click('#start');
      await says('now-site', 'Aortic');
      controller.play(12);
      windows(8, { probability: 0.9 });
      controller.outcome = { verdict: 'abnormal', probability: 0.9 };
      await page.click('#stop');
      await says('verdict-word', 'Abnormal');
      await says('examination-title', 'S-017: 1 of 4');
      await page.click('#new-patient');
      await says('verdict-word', 'No verdict');
      await says('examination-title', /^Examination$/);
      await says('rate-value', '–');
      await expectSoon(() => controller.calls.at(-1) === 'name null null');
      expect(await page.inputValue('#subject')).to.equal('');
      expect(await checkedSite()).to.equal(null);
      expect(await page.evaluate('document.activeElement.id')).to.equal('subject');
      await inspect('new-patient');
    });

    it('highlights what keeps the recording where it asks to discard it', async () => {
      await listen(3);
      await page.click('#discard');
      expect(await page.evaluate('document.activeElement.value')).to.equal('keep');
      expect(await page.getAttribute('#confirm .primary', 'value')).to.equal('keep');
      await page.keyboard.press('Enter');
      expect(controller.calls.at(-1)).not.to.equal('discard');
    });

    it('says that data are lost where no window counts, and lets old figures fade', async () => {
      await listen(12);
      windows(10, { probability: 0.2 });
      controller.events$.next({
        kind: 'verdict',
        verdict: 'normal',
        probability: 0.2,
        reasons: [],
        usableSeconds: 12,
      });
      await says('signal-word', 'Good signal');
      // A gap twice a second: no window of three seconds is whole.
      for (let i = 0; i < 12; i++) {
        controller.lose(0.02);
        controller.play(0.5);
      }
      await says('signal-word', 'Losing data');
      await says('verdict-title', 'Verdict before the loss');
      await says('rate-unit', 'before');
      const colours = await page.evaluate<string[]>(
        `[...document.querySelectorAll('#verdict .big, #rate .big, #signal .big')].map((node) => getComputedStyle(node).color)`,
      );
      const good = await page.evaluate<string>(
        `(() => { const probe = document.createElement('i'); probe.style.color = 'var(--good)'; document.body.append(probe);
          const { color } = getComputedStyle(probe); probe.remove(); return color; })()`,
      );
      expect(colours).to.have.length(3).and.not.include(good);
      await inspect('losing');
      // It counts again.
      controller.play(4);
      controller.window(18, { startSeconds: 19, endSeconds: 22 });
      await says('signal-word', 'Good signal');
      await says('verdict-title', 'Verdict so far');
    });

    it('says so where nothing comes though the line stands', async () => {
      await listen(5);
      windows(3);
      await says('signal-word', 'Good signal');
      controller.pause();
      await says('signal-word', 'No data');
    });

    it('keeps Stop in sight on a phone', async () => {
      await listen(8);
      await page.setViewportSize(VIEWPORTS.phone);
      for (const y of [0, 300, 10_000]) {
        await page.evaluate(`scrollTo(0, ${y})`);
        const { y: top, height } = (await page.locator('#stop').boundingBox())!;
        expect(top + height, String(y)).to.be.at.most(VIEWPORTS.phone.height);
      }
    });

    it('has targets that a finger hits', async () => {
      const small = await page.evaluate<string[]>(
        `[...document.querySelectorAll('button, #sites span, #subject, nav a')]
          .filter((target) => target.offsetParent !== null)
          .filter((target) => target.getBoundingClientRect().height < 44 || target.getBoundingClientRect().width < 44)
          .map((target) => target.id || target.textContent)`,
      );
      expect(small).to.deep.equal([]);
    });

    it('sends no subject that is no code, and says why something is refused', async () => {
      await page.fill('#subject', 'Jane Doe');
      await page.click('#start');
      expect(controller.calls.filter((call) => call.startsWith('start'))).to.deep.equal([]);
      await says('refusal', 'This looks like a name. Take a code such as S-017');
      await page.fill('#subject', 'S-1');
      await page.click('#sites label:nth-of-type(1)');
      await page.click('#start');
      await says('now-site', 'Aortic');
      // What would be refused is not there to be tapped.
      expect(await page.isVisible('#sites')).to.equal(false);
      await page.click('#stop');
      await says('signal-word', 'Finished');
      controller.start = () => Promise.reject(new ConfigurationError('the disk is full; free some'));
      await page.click('#sites label:nth-of-type(2)');
      await page.click('#start');
      await says('refusal', 'The disk is full; free some.');
    });

    it('shows what it is told as text, never as markup', async () => {
      await controller.start({ site: null, subject: null });
      controller.events$.next({
        kind: 'notice',
        file: 'x',
        message: '<img src=x onerror="window.harm = 1">',
      });
      controller.events$.next({
        kind: 'error',
        file: null,
        code: 'LUBDUB_PORT',
        message: '<b id=harm>harm</b>',
      });
      await says('notice', '<b id=harm>');
      expect(
        await page.evaluate('window.harm === undefined && document.querySelector("#harm") === null'),
      ).to.equal(true);
    });

    it('remembers the colours that were chosen', async () => {
      const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const dark = await background();
      await page.click('#theme');
      await page.click('#theme');
      expect(await background()).to.not.equal(dark);
      const light = await background();
      await page.reload();
      expect(await background()).to.equal(light);
    });

    it('comes down to a narrow window without scrolling sideways', async () => {
      await listen();
      await page.setViewportSize({ width: 320, height: 640 });
      await page.waitForTimeout(200);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).to.be.at.most(320);
      await page.screenshot({ path: `${SCREENSHOTS}/narrow.png`, fullPage: true });
    });
  });

  describe('in motion', () => {
    /** Columns of the trace in which something is drawn in its colour. */
    const drawnColumns = () =>
      page.evaluate<number[]>(`(() => {
        const canvas = document.getElementById('trace');
        const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const columns = [];
        for (let x = 0; x < width; x++) {
          let least = -1;
          for (let y = 20; y < height - 20; y++) {
            const at = 4 * (y * width + x);
            if (data[at] === 0x7f && data[at + 1] === 0xe3 && data[at + 2] === 0xc0) { least = y; break; }
          }
          columns.push(least);
        }
        return columns;
      })()`);

    it('draws the trace over the whole width, with a hole where samples were lost', async () => {
      await controller.start({ site: null, subject: null });
      controller.play(4);
      controller.lose(2);
      controller.play(4);
      await page.waitForTimeout(2500);
      const columns = await drawnColumns();
      const share = (from: number, to: number) => {
        const part = columns.slice(Math.round(from * columns.length), Math.round(to * columns.length));
        return part.filter((y) => y >= 0).length / part.length;
      };
      expect(share(0.05, 0.38)).to.be.above(0.5);
      expect(share(0.44, 0.56)).to.equal(0);
      expect(share(0.64, 0.95)).to.be.above(0.5);
    });

    it('slides, and stands still for people who want no motion', async () => {
      for (const reducedMotion of ['no-preference', 'reduce'] as const) {
        await open({ reducedMotion });
        await controller.start({ site: null, subject: null });
        controller.play(12);
        controller.run();
        await page.waitForTimeout(1000);
        const before = await drawnColumns();
        await page.waitForTimeout(500);
        const after = await drawnColumns();
        // Where the trace runs through a picture that stands still, the first seconds of it stay.
        const same = before.slice(0, 60).filter((y, x) => Math.abs(y - after[x]) <= 1).length;
        if (reducedMotion === 'reduce') expect(same).to.be.above(55);
        else expect(same).to.be.below(50);
        controller.pause();
        controller.change({ state: 'stopped' });
      }
    });

    it('says that lubdub is gone, comes back by itself and shows the present', async () => {
      await listen();
      const { port } = server;
      await server.close();
      await page.waitForSelector('#server-lost:not([hidden])');
      await says('server-lost', 'What is shown is old');
      await page.screenshot({ path: `${SCREENSHOTS}/server-lost.png` });
      controller.window(3);
      server = await serve(port);
      await page.waitForSelector('body[data-connected=true]', { timeout: 10_000 });
      expect(await page.isHidden('#server-lost')).to.equal(true);
      // A page's own complaint about the line that broke is what a browser writes then.
      complaints = complaints.filter((text) => !text.includes('WebSocket'));
    });
  });

  describe('with a stored session', () => {
    beforeEach(async () => {
      await open({}, `#/sessions/${gapped}`);
      await says('sound-note', 'lost samples are silence');
    });

    it('looks closer by buttons, and elsewhere by dragging', async () => {
      const shown = async () => {
        const label = (await page.getAttribute('.look-hand', 'aria-label'))!;
        const [from, to] = /from 0:(\S+) to 0:(\S+)/.exec(label)!.slice(1).map(Number);
        return { from, span: to - from };
      };
      const becomes = (from: number, span: number) =>
        expectSoon(async () => {
          const now = await shown();
          return Math.abs(now.from - from) < 0.1 && Math.abs(now.span - span) < 0.1;
        });
      const all = await shown();
      expect(all.from).to.equal(0);
      await page.click('[aria-label=Closer]');
      await becomes(all.span / 4, all.span / 2);
      await page.click('[aria-label=Later]');
      await becomes(all.span / 2, all.span / 2);
      await page.locator('.look-hand').scrollIntoViewIfNeeded();
      const box = (await page.locator('.look-hand').boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
      await page.mouse.up();
      await becomes((3 / 8) * all.span, all.span / 2);
      await page.click('[aria-label="All of the recording"]');
      await becomes(0, all.span);
    });

    it('exports its files', async () => {
      const downloading = page.waitForEvent('download');
      await page.click('text=session.json');
      const download = await downloading;
      expect(download.suggestedFilename()).to.equal(`${gapped}_session.json`);
      const text = await readFile(await download.path(), 'utf8');
      expect(text).to.equal(await readFile(join(root, gapped, 'session.json'), 'utf8'));
    });
  });
});

if (executablePath === undefined) {
  console.warn('\n  NOT TESTED: the page in a browser. Install chromium, or name one in CHROMIUM.\n');
}

/** What the page's functions see of the browser; the tests themselves run without one. */
interface Dom {
  readonly document: { getElementById(id: string): { readonly textContent: string } | null };
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
