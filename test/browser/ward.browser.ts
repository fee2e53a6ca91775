import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { Subject } from 'rxjs';
import { BedsideStateTracker, type BedsideState } from '../../src/publish/bedside-state.js';
import { WardBoard } from '../../src/ward/ward-board.js';
import type { WardResult } from '../../src/ward/ward-message.js';
import { startWardPage, type RunningWardPage } from '../../src/ward/ward-server.js';
import type { WardStore } from '../../src/ward/ward-store.js';
import type { WardEvent } from '../../src/ward/ward.js';
import { finalOf, MODEL, windowAt } from '../support/published-bedside.js';
import { until } from '../support/until.js';
import { findChromium, launchChromium } from './chromium.js';

const SCREENSHOTS = 'dist/screenshots';

const nameOf = (number: number) => `bed-${String(number).padStart(3, '0')}`;

function stateOf(number: number, change: Partial<BedsideState> = {}) {
  const bedside = nameOf(number);
  const state = new BedsideStateTracker({ bedside, lubdub: '0.0.0-test', model: MODEL }).view(new Date());
  const verdicts = ['listening', 'normal', 'inconclusive', 'abnormal'] as const;
  return {
    kind: 'state' as const,
    bedside,
    state: {
      ...state,
      state: number % 3 === 0 ? ('recording' as const) : ('idle' as const),
      connection: 'connected' as const,
      subject: `P-${1000 + number}`,
      site: 'mitral' as const,
      verdict: number % 3 === 0 ? verdicts[number % 4] : null,
      probability: number % 3 === 0 ? (number % 100) / 100 : null,
      reasons: number % 12 === 6 ? ['noisy'] : [],
      batteryPercent: 100 - (number % 90),
      ...change,
    },
  };
}

const resultOf = (number: number): WardResult => ({
  id: `result-${number}`,
  bedside: nameOf(number),
  recording: null,
  subject: `P-${1000 + number}`,
  site: number % 2 === 0 ? 'mitral' : null,
  at: new Date(Date.now() - 60_000 * number),
  result: finalOf(20, { verdict: number % 4 === 0 ? 'abnormal' : 'normal' }),
});

describe('the page of a ward, in a real browser', function () {
  const executable = findChromium();
  let browser: Browser;
  let page: Page;
  let served: RunningWardPage;
  let board: WardBoard;
  const results$ = new Subject<WardResult>();
  const events$ = new Subject<WardEvent>();
  const faults: string[] = [];

  before(async function () {
    if (executable === undefined) {
      if (process.env.LUBDUB_REQUIRE_ALL) throw new Error('Chromium is not installed');
      console.log('    SKIPPED: Chromium is not installed');
      this.skip();
    }
    await mkdir(SCREENSHOTS, { recursive: true });
    browser = await launchChromium(executable);
  });

  after(async () => browser?.close());

  beforeEach(async () => {
    board = new WardBoard();
    const stored = [1, 2, 3, 4].map(resultOf).map((result) => ({ ...result, receivedAt: new Date() }));
    const store: WardStore = {
      put: () => Promise.resolve(true),
      list: () => Promise.resolve(stored),
      close: () => Promise.resolve(),
    };
    served = await startWardPage({
      ward: { board, results$, events$, isConnected: true, refused: 0 },
      store,
      version: '0.0.0-test',
      port: 0,
      onFault: (error) => faults.push(String(error)),
    });
    const now = Date.now();
    for (let number = 0; number < 200; number++) board.push(stateOf(number), now);
    page = await browser.newPage({ viewport: { width: 1024, height: 600 } });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  });

  afterEach(async () => {
    await page.close();
    await served.close();
    expect(faults).to.deep.equal([]);
  });

  const has = async (selector: string, count: number) => {
    const found = page.locator(selector);
    await until(async () => (await found.count()) === count, `there are ${count} of ${selector}`);
  };

  const text = (selector: string) => page.locator(selector).innerText();

  it('shows two hundred bedsides in order, and what changes', async () => {
    await page.goto(served.urls[0]);
    await has('#bedsides > li', 200);
    expect(await text('#count')).to.equal('200 bedsides');
    expect(await text('#recording')).to.equal('67 recording');
    expect(await text('#alarms')).to.include('no alarm');
    const names = await page.locator('#bedsides .name > span:first-child').allInnerTexts();
    expect(names).to.deep.equal([...names].sort());
    board.push({ kind: 'window', bedside: nameOf(9), at: new Date(), window: windowAt(3) }, Date.now());
    await page.locator('#bedsides > li', { hasText: '72/min' }).waitFor();
    // One that joins later stands where its name belongs.
    board.push(stateOf(0, {}), Date.now());
    const late = { ...stateOf(5), bedside: 'bed-005b', state: { ...stateOf(5).state, bedside: 'bed-005b' } };
    board.push(late, Date.now());
    await has('#bedsides > li', 201);
    const after = await page.locator('#bedsides .name > span:first-child').allInnerTexts();
    expect(after.indexOf('bed-005b')).to.equal(after.indexOf('bed-005') + 1);
    await page.screenshot({ path: join(SCREENSHOTS, 'ward.png') });
  });

  it('calls for somebody where a bedside vanished, until a person has seen it', async () => {
    await page.goto(served.urls[0]);
    await has('#bedsides > li', 200);
    board.push(stateOf(12, { online: false, absence: 'vanished' }), Date.now());
    board.push(stateOf(15, { connection: 'lost' }), Date.now());
    await has('#alarm-list > li', 2);
    expect(await text('#alarms')).to.include('2 to look after');
    expect(await text('#alarm-list')).to.match(
      /bed-012[\s\S]*vanished[\s\S]*bed-015[\s\S]*lost its stethoscope/,
    );
    await page.screenshot({ path: join(SCREENSHOTS, 'ward-alarm.png') });
    await page.getByRole('button', { name: 'Seen' }).click();
    await has('#alarm-list > li', 1);
    board.push(stateOf(15), Date.now());
    await page.locator('#alarm-section').waitFor({ state: 'hidden' });
  });

  it('lists results as they come, finds a bedside, and exports the table', async () => {
    await page.goto(served.urls[0]);
    await has('#results tr', 4);
    results$.next(resultOf(0));
    await has('#results tr', 5);
    expect(await text('#results tr:first-child')).to.match(/bed-000[\s\S]*abnormal/);
    await page.fill('#find', 'p-1042');
    expect(await page.locator('#bedsides > li:visible').count()).to.equal(1);
    const response = await page.request.get(`${served.urls[0]}api/results.csv`);
    const lines = (await response.text()).trim().split('\r\n');
    expect(lines).to.have.length(5);
    expect(lines[1]).to.include('bed-001').and.include('P-1001');
  });

  it('says so when the ward program is gone', async () => {
    await page.goto(served.urls[0]);
    await has('#bedsides > li', 200);
    await served.close();
    await page.locator('#server-lost').waitFor();
    expect(await text('#server-lost')).to.include('not up to date');
    faults.length = 0;
  });

  for (const [what, width, height, colorScheme] of [
    ['screen', 1024, 600, 'light'],
    ['screen at night', 1024, 600, 'dark'],
    ['phone', 390, 844, 'light'],
  ] as const) {
    it(`is accessible and no wider than a ${what}`, async () => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      board.push(stateOf(12, { online: false, absence: 'vanished' }), Date.now());
      await page.goto(served.urls[0]);
      await has('#bedsides > li', 200);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).to.be.at.most(0);
      await page.screenshot({ path: join(SCREENSHOTS, `ward-${what.replaceAll(' ', '-')}.png`) });
      const { violations } = await page.evaluate<AxeResults>(`${axe.source}; axe.run()`);
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).to.deep.equal([]);
    });
  }
});
