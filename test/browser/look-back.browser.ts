import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import type { HeartSoundMark } from '../../src/bedside/bedside-status.js';
import type { ServerMessage } from '../../src/page/page-messages.js';
import { RunningLubdub } from '../support/run-lubdub.js';
import { findChromium, launchChromium } from './chromium.js';
import { expectSoon } from './expect-soon.js';

const SCREENSHOTS = 'dist/screenshots';
const RATE = 2000;
const WAV_HEADER_BYTES = 44;
const TOKEN = 'a-token-of-enough-letters';
const executablePath = findChromium();
const hasPseudoTerminals = process.platform === 'linux' || process.platform === 'darwin';

/** Bursts of 100 Hz at known times, each of a height of its own: what a person measures in the tests. */
const BURSTS = [
  { atSeconds: 1, height: 0.3 },
  { atSeconds: 1.75, height: 0.4 },
  { atSeconds: 2.5, height: 0.35 },
  { atSeconds: 3.25, height: 0.2 },
] as const;
const HEART_FROM_SECONDS = 5;
const GAP = { atSeconds: 7.5, samples: 700 };
const NO_CONTACT = { fromSeconds: 11, toSeconds: 13 };

/** A WAV file: silence with the bursts, then the bundled recording of a heart. */
async function makeRecording(path: string): Promise<void> {
  const heart = await readSamples('test/recordings/a0050.wav');
  const samples = new Float32Array(HEART_FROM_SECONDS * RATE + heart.length);
  for (let i = 0; i < HEART_FROM_SECONDS * RATE; i++) {
    for (const { atSeconds, height } of BURSTS) {
      const seconds = i / RATE - atSeconds;
      samples[i] += height * Math.exp(-0.5 * (seconds / 0.02) ** 2) * Math.cos(2 * Math.PI * 100 * seconds);
    }
  }
  samples.set(heart, HEART_FROM_SECONDS * RATE);
  const file = Buffer.alloc(WAV_HEADER_BYTES + 2 * samples.length);
  (await readFile('test/recordings/a0050.wav')).copy(file, 0, 0, WAV_HEADER_BYTES);
  file.writeUInt32LE(file.length - 8, 4);
  file.writeUInt32LE(2 * samples.length, WAV_HEADER_BYTES - 4);
  samples.forEach((sample, i) => file.writeInt16LE(Math.round(32767 * sample), WAV_HEADER_BYTES + 2 * i));
  await writeFile(path, file);
}

/** Samples of a plain 16-bit WAV file with one channel. */
async function readSamples(path: string): Promise<Float32Array> {
  const file = await readFile(path);
  const count = (file.length - WAV_HEADER_BYTES) / 2;
  return Float32Array.from({ length: count }, (_, i) => file.readInt16LE(WAV_HEADER_BYTES + 2 * i) / 32768);
}

/**
 * Looks back on the program itself: a simulated stethoscope on a real pseudo-terminal, the model that ships, a page that
 * is reached as from another machine, with its token.
 */
(executablePath === undefined || !hasPseudoTerminals ? describe.skip : describe)('looking back', function () {
  this.timeout(180_000);
  // Pictures of a recording that goes on, on a machine that does other things too: what is wrong fails each time.
  this.retries(2);
  let folder: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let touch: CDPSession;
  let live: RunningLubdub;
  let stethoscope: RunningLubdub;
  /** As the file has them. */
  let recorded: Float32Array;
  const marks: HeartSoundMark[] = [];
  const complaints: string[] = [];
  const answers: { path: string; bytes: number }[] = [];

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    folder = await mkdtemp(join(tmpdir(), 'lubdub-look-back-'));
    await makeRecording(join(folder, 'known.wav'));
    recorded = await readSamples(join(folder, 'known.wav'));
    const faults = [
      { kind: 'overrun', atSeconds: GAP.atSeconds, samples: GAP.samples },
      { kind: 'contact', atSeconds: NO_CONTACT.fromSeconds, value: false },
      { kind: 'contact', atSeconds: NO_CONTACT.toSeconds, value: true },
    ];
    await writeFile(join(folder, 'faults.json'), JSON.stringify({ faults }));
    const tty = join(folder, 'tty');
    const known = ['simulate', join(folder, 'known.wav'), '--faults', join(folder, 'faults.json')];
    stethoscope = new RunningLubdub([...known, '--loop', '--link', tty, '--json']);
    await stethoscope.until('device');
    const out = join(folder, 'recordings');
    const words = ['live', '--port', tty, '--wait', '--page-port', '0', '--out', out];
    live = new RunningLubdub([...words, '--host', '0.0.0.0', '--token', TOKEN]);
    const [, url] = await live.untilText(/live page: (\S+)/);
    browser = await launchChromium(executablePath!);
    context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: 'dark',
      hasTouch: true,
    });
    page = await context.newPage();
    touch = await context.newCDPSession(page);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // The tests themselves read the picture back.
      if (message.text().includes('willReadFrequently')) return;
      // As over a network without HTTPS.
      if (message.text().includes('Cross-Origin-Opener-Policy')) return;
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload !== 'string') return;
        const message = JSON.parse(payload) as ServerMessage;
        if (message.type === 'marks') marks.push(...message.marks);
      }),
    );
    page.on('response', (response) => {
      const path = new URL(response.url()).pathname;
      const bytes = Number(response.headers()['content-length']);
      if (path.startsWith('/api/live/') || path.includes('/look')) answers.push({ path, bytes });
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

  afterEach(() => {
    expect(complaints).to.deep.equal([]);
  });

  const text = (selector: string) => page.locator(selector).textContent();
  const says = (selector: string, pattern: RegExp, timeout = 30_000) =>
    page.waitForFunction(
      ([wanted, source]) =>
        new RegExp(source).test(
          (globalThis as never as Dom).document.querySelector(wanted)?.textContent ?? '',
        ),
      [selector, pattern.source] as const,
      { timeout },
    );
  const hand = () => page.locator('.look-hand');
  const handBox = async () => (await hand().boundingBox())!;

  /** What the page says that it shows, once all of it is there. */
  async function shown(): Promise<{ from: number; to: number; width: number }> {
    await page.waitForTimeout(150);
    await page.waitForFunction(
      () =>
        !(globalThis as never as Dom).document.querySelector('.look-span')!.textContent!.includes('loading'),
    );
    await page.waitForTimeout(250);
    const label = (await hand().getAttribute('aria-label'))!;
    const [from, to] = /from (\S+) to (\S+)/.exec(label)!.slice(1).map(inSeconds);
    const width = await page.evaluate<number>(`document.querySelector('.look-lane.trace canvas').width`);
    return { from, to, width };
  }

  /** For each column of a lane, how much of a colour of the page is in its rows: 1 where it is that colour. */
  const colourIn = (lane: string, colour: string, rows: readonly [number, number]) =>
    page.evaluate<number[]>(`(() => {
      const canvas = document.querySelector('.look-lane.${lane} canvas');
      const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const probe = document.createElement('i');
      document.body.append(probe);
      const rgb = (name) => {
        probe.style.color = 'var(--' + name + ')';
        return getComputedStyle(probe).color.match(/\\d+/g).map(Number);
      };
      const wanted = rgb('${colour}'), ground = rgb('plot');
      probe.remove();
      const along = wanted.map((value, i) => value - ground[i]);
      const length = along.reduce((sum, value) => sum + value * value, 0);
      return Array.from({ length: width }, (_, x) => {
        let most = 0;
        for (let y = Math.round(${rows[0]} * height); y < ${rows[1]} * height; y++) {
          const at = 4 * (y * width + x);
          const off = [0, 1, 2].map((i) => data[at + i] - ground[i]);
          const share = off.reduce((sum, value, i) => sum + value * along[i], 0) / length;
          const rest = off.reduce((sum, value, i) => sum + (value - share * along[i]) ** 2, 0);
          if (rest < 900 && share > most) most = Math.min(1, share);
        }
        return most;
      });
    })()`);

  /** Where runs of such columns begin and end, in pixels. */
  function runs(columns: readonly number[]): { from: number; to: number; middle: number }[] {
    const found: { from: number; to: number; middle: number }[] = [];
    for (let x = 0; x < columns.length; x++) {
      if (columns[x] < 0.2) continue;
      const from = x;
      let weight = 0;
      let sum = 0;
      for (; x < columns.length && columns[x] >= 0.2; x++) {
        weight += columns[x];
        sum += columns[x] * (x + 0.5);
      }
      found.push({ from, to: x, middle: sum / weight });
    }
    return found;
  }

  /** Row of the uppermost and of the lowest drawn pixel of the trace in each column; -1 where there is none. */
  const traceRows = () =>
    page.evaluate<{ height: number; top: number[]; bottom: number[] }>(`(() => {
      const canvas = document.querySelector('.look-lane.trace canvas');
      const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const top = [], bottom = [];
      for (let x = 0; x < width; x++) {
        let first = -1, last = -1;
        for (let y = 4; y < height - 6; y++) {
          const at = 4 * (y * width + x);
          if (Math.abs(data[at] - 0x7f) + Math.abs(data[at + 1] - 0xe3) + Math.abs(data[at + 2] - 0xc0) > 40) continue;
          if (first < 0) first = y;
          last = y;
        }
        top.push(first);
        bottom.push(last);
      }
      return { height, top, bottom };
    })()`);

  async function events<Kind extends string>(kind: Kind): Promise<Record<string, never>[]> {
    const [session] = await readdir(join(folder, 'recordings'));
    const lines = (await readFile(join(folder, 'recordings', session, 'events.ndjson'), 'utf8')).split('\n');
    return lines
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, never>)
      .filter((event) => event.kind === kind);
  }

  /** Pushes the picture to the right with the mouse until its beginning is there. */
  async function dragToTheBeginning(): Promise<void> {
    const { x, y, width } = await handBox();
    for (let i = 0; i < 12; i++) {
      await page.mouse.move(x + 20, y + 60);
      await page.mouse.down();
      await page.mouse.move(x + width - 20, y + 60, { steps: 5 });
      await page.mouse.up();
      if ((await shown()).from === 0) return;
    }
    throw new Error('the beginning did not come');
  }

  const fingers = (
    type: 'touchStart' | 'touchMove' | 'touchEnd',
    points: readonly (readonly [number, number])[],
  ) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(([x, y], id) => ({ x, y, id })),
    });

  it('marks a preview as what it is, and a simulator once', async () => {
    await says('#signal-word', /^Preview$/);
    await says('#signal-title', /nothing is recorded/);
    const all = await page.evaluate<string>(`document.body.innerText`);
    expect(all.match(/SIMULATED/g)).to.have.length(1);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate('scrollTo(0, 5000)');
    const mark = (await page.locator('#simulated').boundingBox())!;
    expect(mark.y).to.be.within(0, 60);
    await page.screenshot({ path: `${SCREENSHOTS}/look-back-preview-phone.png` });
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  /** The picture, once all that it asked for is drawn: three looks in a row find the same. */
  const settled = async () => {
    let picture = await traceRows();
    for (let same = 0, tries = 0; same < 2; tries++) {
      if (tries > 60) throw new Error('the picture does not come to rest');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const next = await traceRows();
      same = JSON.stringify(next) === JSON.stringify(picture) ? same + 1 : 0;
      picture = next;
    }
    return picture;
  };

  /** What is shown once it stays: a slow page has not done yet what its keys and wheel were told last. */
  const atRest = async () => {
    let axis = await shown();
    for (let tries = 0; tries < 20; tries++) {
      await settled();
      const now = await shown();
      if (now.from === axis.from && now.to === axis.to) return now;
      axis = now;
    }
    throw new Error('what is shown does not come to rest');
  };

  it('stops the picture with Space; recording and screening go on, and it is said', async () => {
    // The simulator plays in a loop; a recording begins at its file's beginning.
    await page.click('#sites label:has-text("Mitral")');
    await page.fill('#subject', 'S-7');
    await page.click('#start');
    await says('#now-site', /^Mitral$/);
    await page.waitForFunction(
      () => Number((globalThis as never as Dom).document.querySelector('#rate-value')!.textContent) > 0,
    );
    await expectSoon(() => marks.some(({ timeSeconds }) => timeSeconds > 17), 60_000);
    await page.keyboard.press('Space');
    await says('.look-state', /^Frozen at 0:\d\d, recording goes on/);
    const before = await shown();
    expect(before.to - before.from).to.be.closeTo(10, 0.02);
    // What was on its way when the picture was stopped is drawn yet; then nothing changes any more.
    const picture = await settled();
    const windowsBefore = (await events('window')).length;
    await expectSoon(async () => (await events('window')).length >= windowsBefore + 3);
    expect(await shown()).to.deep.equal(before);
    const after = await traceRows();
    expect(after).to.deep.equal(picture);
    // The words stay those of the moment, the clock beside them goes on.
    expect(inSeconds(/now (\S+)\)/.exec((await text('.look-clock'))!)![1])).to.be.above(before.to + 1);
    expect(await text('#now-subject')).to.include('Recording');
  });

  it('goes back to the beginning by hand, and shows what the file has', async () => {
    await dragToTheBeginning();
    const axis = await shown();
    const x = (seconds: number) => ((seconds - axis.from) / (axis.to - axis.from)) * axis.width;
    const { top, bottom } = await traceRows();
    // Least and greatest of the file around each burst, and of the picture at its place: in the same proportion.
    const heights = BURSTS.map(({ atSeconds }) => {
      const around = recorded.subarray((atSeconds - 0.1) * RATE, (atSeconds + 0.1) * RATE);
      const columns = [Math.round(x(atSeconds - 0.1)), Math.round(x(atSeconds + 0.1))] as const;
      const tops = top.slice(...columns).filter((row) => row >= 0);
      const bottoms = bottom.slice(...columns).filter((row) => row >= 0);
      return {
        file: Math.max(...around) - Math.min(...around),
        picture: Math.max(...bottoms) - Math.min(...tops),
      };
    });
    const scale = heights[0].picture / heights[0].file;
    for (const { file, picture } of heights) expect(picture).to.be.closeTo(file * scale, 4);
    // Between two bursts the file is silent, and so is the picture.
    const quiet = Math.round(x(2.1));
    expect(bottom[quiet] - top[quiet]).to.be.at.most(3);
    await page.screenshot({ path: `${SCREENSHOTS}/look-back-desktop-dark.png` });
  });

  it('measures a known interval to a pixel, and the swing that the file has', async () => {
    const { y } = await handBox();
    await hand().focus();
    for (const span of [10, 5, 2.5]) {
      if (span < 10) {
        // The lines of the last one would hide the peaks.
        await page.keyboard.press('Escape');
        await page.keyboard.press('+');
        await page.keyboard.press('Home');
      }
      const axis = await shown();
      expect(axis.to - axis.from).to.be.closeTo(span, 0.02);
      const { top } = await traceRows();
      const box = await handBox();
      const pixel = (axis.to - axis.from) / axis.width;
      const peak = (atSeconds: number) => {
        const middle = Math.round((atSeconds - axis.from) / pixel);
        const reach = Math.ceil(0.05 / pixel);
        const near = top
          .map((row, column) => ({ row, column }))
          .slice(Math.max(0, middle - reach), middle + reach);
        const highest = Math.min(...near.filter(({ row }) => row >= 0).map(({ row }) => row));
        const columns = near.filter(({ row }) => row === highest).map(({ column }) => column);
        return columns[Math.floor(columns.length / 2)] + 0.5;
      };
      const [first, second] = [BURSTS[0].atSeconds, BURSTS[1].atSeconds];
      // Where the device counted it: only the band-pass filter's own few milliseconds are left.
      if (span < 5) expect(axis.from + pixel * peak(first)).to.be.closeTo(first, 0.008);
      await page.mouse.click(box.x + 1 + peak(first), y + 40);
      await page.mouse.click(box.x + 1 + peak(second), y + 40);
      await says('.look-reading', /ms .*as a beat/);
      const reading = (await text('.look-reading'))!;
      const ms = Number(/^([\d,.]+) ms/.exec(reading)![1].replace(',', ''));
      // Each tap is exact to half a pixel; the reading is rounded.
      expect(ms, `${span} s: ${reading}`).to.be.closeTo(1000 * (second - first), 1000 * pixel + 0.5);
      expect(reading).to.match(/(79|80|81)\/min as a beat/);
      const between = recorded.subarray(first * RATE, second * RATE);
      const swing = Number(/swing (\S+)/.exec(reading)![1]);
      // The band-pass rings a little.
      const inFile = Math.max(...between) - Math.min(...between);
      expect(swing / inFile, reading).to.be.closeTo(1, 0.06);
    }
    await page.screenshot({ path: `${SCREENSHOTS}/look-back-measured-dark.png` });
    // An end can be taken and moved; Escape takes both away.
    await page.keyboard.press('Escape');
    await says('.look-reading', /^$/);
    await page.keyboard.press('Enter');
    await says('.look-reading', /^From 0:01\.25\d: tap where it ends/);
    await page.keyboard.press('Escape');
  });

  it('keeps marks, gaps, lost contact and windows at their samples, however close it is', async () => {
    const [gap] = await events('gap');
    expect(gap.lostSamples).to.equal(GAP.samples);
    const windows = await events('window');
    await hand().focus();
    await page.keyboard.press('0');
    let seenMarks = 0;
    let seenGaps = 0;
    let seenWindows = 0;
    for (let zoom = 0; zoom < 6; zoom++) {
      // Around the gap.
      if (zoom > 0) {
        const { from, to, width } = await shown();
        const { x, y } = await handBox();
        const at = ((Number(gap.atSample) / RATE - from) / (to - from)) * width;
        await page.mouse.move(x + 1 + at, y + 40);
        await page.keyboard.down('Control');
        await page.mouse.wheel(0, -450);
        await page.keyboard.up('Control');
      }
      const axis = await atRest();
      const pixel = (axis.to - axis.from) / axis.width;
      const place = (seconds: number) => (seconds - axis.from) / pixel;
      const isIn = (x: number) => x > 4 && x < axis.width - 4;

      const gapX = place(Number(gap.atSample) / RATE);
      const gapEnd = place((Number(gap.atSample) + GAP.samples) / RATE);
      const grey = runs(await colourIn('trace', 'gap', [0.6, 0.62])).filter(({ to, from }) => to - from >= 2);
      const found = grey.find(({ from }) => Math.abs(from - gapX) <= 1.5);
      expect(found, `gap at zoom ${zoom}`).to.not.equal(undefined);
      if (isIn(gapEnd))
        expect(found!.to, `gap's end at zoom ${zoom}`).to.be.closeTo(Math.max(gapX + 2, gapEnd), 1.5);
      seenGaps++;

      const usable = windows.filter((window) => window.usable);
      const believable = marks.filter(
        ({ sound, timeSeconds }) =>
          sound === 'S1' &&
          // What came in the last moment may not have been asked for yet.
          timeSeconds < axis.to - 3 &&
          usable.some((window) => timeSeconds >= window.startSeconds && timeSeconds < window.endSeconds),
      );
      const lines = runs(await colourIn('trace', 's1', [0.14, 0.18])).map(({ middle }) => middle);
      // Over the label of the gap a line is not told from it.
      const isFree = (x: number) => isIn(x) && (x < gapX - 2 || x > gapX + 80);
      for (const { timeSeconds } of believable.filter(({ timeSeconds }) => isFree(place(timeSeconds)))) {
        const nearest = Math.min(...lines.map((line) => Math.abs(line - place(timeSeconds))));
        expect(nearest, `S1 at ${timeSeconds} s, zoom ${zoom}`).to.be.at.most(1.2);
        seenMarks++;
      }

      const points = await colourIn('windows', 'abnormal', [0, 1]);
      for (const window of usable.filter(({ probability }) => probability !== null)) {
        const x = place((Number(window.startSeconds) + Number(window.endSeconds)) / 2);
        if (!isIn(x)) continue;
        expect(Math.max(...points.slice(Math.floor(x) - 1, Math.floor(x) + 2))).to.be.above(0.8);
        seenWindows++;
      }

      if (zoom === 0) {
        // Hatched where the stethoscope touched no skin, by its own word, and nowhere else.
        const statuses = (await events('status')) as unknown as { contact: boolean; atSample: number }[];
        const off = statuses.find(({ contact }) => !contact)!.atSample / RATE;
        const on =
          statuses.find(({ contact, atSample }) => contact && atSample / RATE > off)!.atSample / RATE;
        expect(off).to.be.within(NO_CONTACT.fromSeconds - 0.2, NO_CONTACT.fromSeconds + 1.5);
        let hatched: number[] = [];
        const share = (from: number, to: number) => {
          const part = hatched.slice(Math.ceil(place(from)), Math.floor(place(to)));
          return part.filter((value) => value > 0.5).length / part.length;
        };
        // The page hears of it a moment after the terminal.
        await expectSoon(async () => {
          hatched = [...(await colourIn('trace', 'gap', [0.8, 0.86]))];
          return share(off + 0.1, on - 0.1) > 0.5;
        });
        // The trace's own edges look like it here and there.
        expect(share(GAP.atSeconds + 0.5, off - 0.1)).to.be.below(0.15);
        expect(share(on + 0.1, on + 1.5)).to.be.below(0.15);
      }
      if (zoom === 5) expect(axis.to - axis.from).to.be.closeTo(0.5, 0.1);
    }
    expect(seenGaps).to.equal(6);
    expect(seenMarks).to.be.above(8);
    expect(seenWindows).to.be.above(8);
  });

  it('is moved by wheel, keys, slider and buttons, from the whole to half a second', async () => {
    await hand().focus();
    await page.keyboard.press('0');
    const all = await shown();
    expect(all.from).to.equal(0);
    for (let i = 0; i < 12; i++) await page.click('button[aria-label=Closer]');
    const close = await shown();
    expect(close.to - close.from).to.be.closeTo(0.5, 0.002);
    for (let i = 0; i < 3; i++) await page.click('button[aria-label=Wider]');
    await hand().focus();
    await page.keyboard.press('Home');
    expect((await shown()).from).to.equal(0);
    await page.keyboard.press('ArrowRight');
    expect((await shown()).from).to.be.closeTo(0.4, 0.01);
    await page.keyboard.press('PageDown');
    expect((await shown()).from).to.be.closeTo(4, 0.02);
    await page.keyboard.press('ArrowLeft');
    const { x, y, width } = await handBox();
    await page.mouse.move(x + width / 2, y + 50);
    await page.mouse.wheel(0, width / 2);
    expect((await shown()).from).to.be.closeTo(3.6 + 2, 0.05);
    await page.keyboard.press('End');
    const end = await shown();
    expect(end.to).to.be.above(all.to - 0.1);
    await page.locator('.look-slide input').focus();
    await page.keyboard.press('Home');
    expect((await shown()).from).to.equal(0);
  });

  it('is moved, pinched and measured by fingers', async () => {
    await page.click('button[aria-label="All of the recording"]');
    const all = await shown();
    const box = await handBox();
    const at = (share: number) => [Math.round(box.x + share * box.width), Math.round(box.y + 60)] as const;
    // Fingers that go apart to twice their distance show half as much, and what was between them stays there.
    await fingers('touchStart', [at(0.4), at(0.6)]);
    for (let i = 1; i <= 5; i++) await fingers('touchMove', [at(0.4 - 0.02 * i), at(0.6 + 0.02 * i)]);
    await fingers('touchEnd', []);
    const half = await shown();
    expect((half.to - half.from) / (all.to - all.from)).to.be.closeTo(0.5, 0.03);
    expect((half.from + half.to) / 2).to.be.closeTo((all.from + all.to) / 2, 0.3);
    // One finger pushes it.
    await fingers('touchStart', [at(0.3)]);
    for (let i = 1; i <= 5; i++) await fingers('touchMove', [at(0.3 + 0.04 * i)]);
    await fingers('touchEnd', []);
    const moved = await shown();
    expect(half.from - moved.from).to.be.closeTo(0.2 * (half.to - half.from), 0.15);
    // Two taps measure: a quarter of what is shown.
    await page.touchscreen.tap(...at(0.25));
    await page.touchscreen.tap(...at(0.5));
    await says('.look-reading', /^[\d,]+ ms/);
    const ms = Number(/^([\d,]+) ms/.exec((await text('.look-reading'))!)![1].replace(',', ''));
    expect(ms).to.be.closeTo(250 * (moved.to - moved.from), 30);
    await page.click('button[aria-label="Take the marks away"]');
  });

  it('asks for little, however it is dragged, and for no more in a second than it needs', async () => {
    answers.length = 0;
    const { x, y, width } = await handBox();
    await page.mouse.move(x + width / 2, y + 60);
    await page.mouse.down();
    for (let i = 0; i < 120; i++) await page.mouse.move(x + width / 2 + (i % 2 === 0 ? 200 : -200), y + 60);
    await page.mouse.up();
    await shown();
    expect(answers.length).to.be.within(0, 40);
    for (const { bytes, path } of answers) expect(bytes, path).to.be.at.most(8 * 24 * 1024);
  });

  it('is for everybody: rules of WCAG 2.2 AA at every size, dark and light', async () => {
    await hand().focus();
    await page.keyboard.press('0');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    for (const [size, viewport] of Object.entries({
      touch: { width: 800, height: 480 },
      desktop: { width: 1280, height: 800 },
      phone: { width: 390, height: 844 },
    })) {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await page.evaluate('scrollTo(0, 0)');
        await shown();
        await page.screenshot({ path: `${SCREENSHOTS}/look-back-${size}-${colorScheme}.png` });
        const found = await page.evaluate<AxeResults>(
          `${axe.source}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
        );
        expect(
          found.violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join()).join('; ')}`,
          ),
          `${size}, ${colorScheme}`,
        ).to.deep.equal([]);
        expect(
          await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
          `${size} is too wide`,
        ).to.be.at.most(0);
        const small = await page.evaluate<string[]>(
          `[...document.querySelectorAll('.look-buttons button')]
            .filter((target) => target.getBoundingClientRect().height < 44 || target.getBoundingClientRect().width < 40)
            .map((target) => target.textContent)`,
        );
        expect(small).to.deep.equal([]);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.keyboard.press('Escape');
  });

  it('is back at what happens now with one tap, and stops again by its button', async () => {
    await page.click('.look-buttons .primary');
    await page.waitForSelector('#trace', { state: 'visible' });
    expect(await page.locator('.look-back').count()).to.equal(0);
    const pixels = () =>
      page.evaluate<string>(`(() => {
        const canvas = document.getElementById('trace');
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join();
      })()`);
    const before = await pixels();
    await expectSoon(async () => (await pixels()) !== before);
    await page.click('#freeze');
    await says('.look-state', /^Frozen at/);
    // The recording ends: what is looked at stays, and that it ended is said.
    await page.click('#stop');
    await says('#signal-word', /^Finished$/);
    await says('.look-state', /the recording has ended/);
    await hand().focus();
    await page.keyboard.press('Home');
    expect((await shown()).from).to.equal(0);
    await page.keyboard.press('Space');
    await page.waitForSelector('#trace', { state: 'visible' });
  });

  it('looks at the stored session the same way, and finds the same there', async () => {
    await page.click('#go-sessions');
    await page.click('#sessions-table a');
    await page.waitForSelector('#session-look .look-hand');
    await hand().focus();
    const all = await shown();
    expect(all.from).to.equal(0);
    for (let i = 0; i < 3; i++) await page.keyboard.press('+');
    await page.keyboard.press('Home');
    const axis = await shown();
    const box = await handBox();
    const { top } = await traceRows();
    const pixel = (axis.to - axis.from) / axis.width;
    const tap = async (atSeconds: number) => {
      const middle = Math.round((atSeconds - axis.from) / pixel);
      const reach = Math.ceil(0.05 / pixel);
      const near = top.map((row, column) => ({ row, column })).slice(middle - reach, middle + reach);
      const highest = Math.min(...near.filter(({ row }) => row >= 0).map(({ row }) => row));
      const columns = near.filter(({ row }) => row === highest).map(({ column }) => column);
      await page.mouse.click(box.x + 1.5 + columns[Math.floor(columns.length / 2)], box.y + 40);
    };
    await tap(BURSTS[1].atSeconds);
    await tap(BURSTS[2].atSeconds);
    await says('.look-reading', /ms .*as a beat/);
    const ms = Number(/^([\d,.]+) ms/.exec((await text('.look-reading'))!)![1]);
    expect(ms).to.be.closeTo(750, 1000 * pixel + 1);
    await page.screenshot({ path: `${SCREENSHOTS}/look-back-session.png` });
    // The wheel belongs to the page here; with Shift it belongs to the picture.
    await page.mouse.move(box.x + 300, box.y + 60);
    await page.mouse.wheel(0, 200);
    expect((await shown()).from).to.equal(0);
  });
});

if (executablePath === undefined) {
  console.warn('\n  NOT TESTED: looking back in a browser. Install chromium, or name one in CHROMIUM.\n');
}

/** What the page's functions see of the browser; the tests themselves run without one. */
interface Dom {
  readonly document: { querySelector(selector: string): { readonly textContent: string | null } | null };
}

const inSeconds = (words: string): number =>
  words
    .split(':')
    .map(Number)
    .reduce((sum, part) => 60 * sum + part, 0);
