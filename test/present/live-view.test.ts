/* eslint-disable no-control-regex -- terminals are steered by control characters */
import xterm from '@xterm/headless';
import { expect } from 'chai';
import fc from 'fast-check';
import { LiveView } from '../../src/present/live-view.js';
import { blockFor, TraceStrip } from '../../src/present/trace-strip.js';
import type { FinalEvent, VerdictEvent, WindowEvent } from '../../src/screen/result-events.js';
import { reasonSentence } from '../../src/verdict/verdict-words.js';
import type { ControllerStatus } from '../../src/bedside/bedside-status.js';

const { Terminal } = xterm;

/** A real terminal's emulation, as many programs show one: it wraps, scrolls, and wraps anew when its size changes. */
class Screen {
  raw = '';
  private readonly terminal: InstanceType<typeof Terminal>;
  private readonly listeners = new Set<() => void>();
  private written = Promise.resolve();

  constructor(columns = 80, rows = 24) {
    this.terminal = new Terminal({
      cols: columns,
      rows,
      scrollback: 500,
      allowProposedApi: true,
      convertEol: true,
    });
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  write(text: string): void {
    this.raw += text;
    this.written = new Promise((resolve) => this.terminal.write(text, resolve));
  }

  on(_event: 'resize', changed: () => void): void {
    this.listeners.add(changed);
  }

  off(_event: 'resize', changed: () => void): void {
    this.listeners.delete(changed);
  }

  get isWatched(): boolean {
    return this.listeners.size > 0;
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.written;
    this.terminal.resize(columns, rows);
    this.listeners.forEach((changed) => changed());
    await this.written;
  }

  /** All lines, also those that have scrolled away unless `isWhole` is false, without the empty ones at the end. */
  async lines(isWhole = true): Promise<string[]> {
    await this.written;
    const { active } = this.terminal.buffer;
    const first = isWhole ? 0 : active.baseY;
    const lines = Array.from({ length: active.length - first }, (_, i) =>
      active.getLine(first + i)!.translateToString(true),
    );
    while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
    return lines;
  }
}

const window: WindowEvent = {
  kind: 'window',
  index: 0,
  startSeconds: 0,
  endSeconds: 3,
  probability: 0.25,
  logit: -1,
  quality: 0.9,
  usable: true,
  heartRateBpm: 71.6,
  reasons: [],
  dropped: null,
};
const final: FinalEvent = {
  kind: 'final',
  file: 'x.wav',
  verdict: 'normal',
  probability: 0.2,
  reasons: [],
  durationSeconds: 20,
  usableSeconds: 18,
  windows: 18,
  lostSamples: 40,
  droppedWindows: 0,
  quality: 0.9,
  heartRateBpm: null,
  sampleRateHz: 2000,
  model: { name: 'm', version: '1', sha256: '0' },
  stethoscope: null,
};
const drawn = () => new Promise((resolve) => setTimeout(resolve, 150));

const longest: VerdictEvent = {
  kind: 'verdict',
  verdict: 'inconclusive',
  probability: 0.63,
  reasons: ['too-little-usable-signal', 'no-heartbeat', 'unsteady', 'noisy'],
  usableSeconds: 0,
};
const idle: ControllerStatus = { state: 'idle', site: null, subject: null, session: null };
const device = {
  kind: 'device',
  path: '/dev/serial/by-id/usb-心音_Stethoscope_of_a_very_long_name_0042-if00',
  firmware: '1.2.0',
  serialNumber: 'LD-0042',
  sampleRateHz: 2000,
} as const;
const labels = ['heart sound', 'abnormal', 'quality', 'heart rate', 'verdict', 'lost'];
const timesOf = (label: string, lines: readonly string[]) =>
  lines.filter((line) => line.startsWith(label)).length;

describe('LiveView', () => {
  it('draws in place: however much happens, the screen holds one view', async () => {
    const screen = new Screen();
    const view = new LiveView(screen, 1000, false);
    for (let i = 0; i < 3; i++) {
      view.event({ ...window, index: i });
      view.trace(new Float64Array(1000).fill(0.1));
      await drawn();
    }
    expect(timesOf('heart rate', await screen.lines())).to.equal(1);
    view.close();
    expect(await screen.lines()).to.deep.equal([]);
    expect(screen.raw).to.match(/heart rate {3}72 beats a minute/);
    expect(screen.isWatched).to.equal(false);
  });

  it('leaves standing what must not be missed, and the result with its disclaimer', async () => {
    const screen = new Screen();
    const view = new LiveView(screen, 1000, false);
    view.event(window);
    await drawn();
    view.event({ kind: 'gap', atSample: 5, lostSamples: 40, cause: 'lost' });
    await drawn();
    view.event(final);
    const text = (await screen.lines()).join('\n');
    expect(text).to.match(/gap: 40 samples lost/);
    expect(text).to.match(/NORMAL[\s\S]*40 samples lost[\s\S]*not a diagnosis/);
    expect(text).to.not.match(/^verdict/m);
  });

  it('says the same without colour', async () => {
    const [plain, colored] = [new Screen(), new Screen()];
    for (const screen of [plain, colored]) {
      const view = new LiveView(screen, 1000, screen === colored);
      view.event(window);
      view.event(final);
      await drawn();
    }
    expect(plain.raw).to.not.match(/\u001b\[[\d;]*m/);
    expect(colored.raw.replace(/\u001b\[[\d;]*m/g, '')).to.equal(plain.raw);
  });

  for (const [columns, rows] of [
    [120, 40],
    [80, 24],
    [46, 24],
    [30, 24],
    [20, 12],
    [80, 5],
    [46, 3],
  ]) {
    it(`leaves no old line in a terminal of ${columns} columns and ${rows} rows, whatever the verdict`, async () => {
      const screen = new Screen(columns, rows);
      const view = new LiveView(screen, 1000, true);
      for (const verdict of [
        longest,
        { ...longest, verdict: 'normal', reasons: [], usableSeconds: 9 } as const,
        longest,
      ]) {
        view.event(device);
        view.event({ ...window, usable: false, reasons: ['no-heartbeat', 'unsteady', 'noisy'] });
        view.event(verdict);
        view.trace(new Float64Array(1000).fill(0.1));
        await drawn();
        const lines = await screen.lines();
        expect(lines.length).to.be.at.most(rows - 1);
        for (const label of labels) expect(timesOf(label, lines), label).to.be.at.most(1);
        if (columns >= 46 && rows >= 24)
          for (const label of labels) expect(timesOf(label, lines), label).to.equal(1);
      }
      view.event({ kind: 'gap', atSample: 5, lostSamples: 40, cause: 'lost' });
      view.close();
      expect((await screen.lines()).join('')).to.equal('gap: 40 samples lost at sample 5 (lost)');
    });
  }

  it('shows every word of a verdict that takes several lines', async () => {
    const screen = new Screen(46, 24);
    const view = new LiveView(screen, 1000, false);
    view.event(longest);
    await drawn();
    view.close();
    const words = screen.raw.split(/\s+/).join(' ');
    for (const reason of longest.reasons) expect(words).to.include(reasonSentence(reason));
    expect(words).to.include('(0.0 s usable)');
  });

  // What a change of size pushes out of the screen at its top no program can take back, and a further one may bring it to
  // light again.
  for (const [what, leastColumns, leastRows] of [
    ['a change to any size, on what is to be seen', 20, 12],
    ['changes of size that leave room, in all that was ever written', 46, 30],
  ] as const) {
    it(`holds one view through ${what}`, () => holdsOneView(leastColumns, leastRows));
  }

  async function holdsOneView(leastColumns: number, leastRows: number): Promise<void> {
    const size = fc.record({
      columns: fc.integer({ min: leastColumns, max: 130 }),
      rows: fc.integer({ min: leastRows, max: 40 }),
    });
    const isWhole = leastRows >= 30;
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: isWhole ? 5 : 1 }), async (sizes) => {
        const screen = new Screen(80, 40);
        const view = new LiveView(screen, 1000, true);
        screen.write('stood before\n');
        view.event(device);
        view.event(longest);
        view.event(window);
        await drawn();
        for (const { columns, rows } of sizes) {
          await screen.resize(columns, rows);
          const lines = await screen.lines(isWhole);
          for (const label of labels)
            expect(timesOf(label, lines), `${label} at ${columns}`).to.be.at.most(1);
          expect(timesOf('verdict', lines)).to.equal(1);
        }
        view.close();
        const left = (await screen.lines(isWhole)).join('');
        expect(left).to.be.oneOf(isWhole ? ['stood before'] : ['stood before', '']);
      }),
      { numRuns: 12 },
    );
  }

  it('gives no probability for what is not usable', async () => {
    const screen = new Screen();
    const view = new LiveView(screen, 1000, false);
    view.event({ ...window, usable: false, reasons: ['noisy'], probability: 0.9 });
    view.event(longest);
    await drawn();
    view.event({ ...final, verdict: 'inconclusive', probability: 0.63, usableSeconds: 0.04 });
    expect(screen.raw)
      .to.include('0.0 s usable')
      .and.not.match(/63 %|▇|█/);
  });

  it('says of a preview that nothing is stored, and shows nothing of the recording before it', async () => {
    const screen = new Screen();
    const view = new LiveView(screen, 1000, false);
    view.event({ ...window, heartRateBpm: 150 });
    view.event({ kind: 'verdict', verdict: 'abnormal', probability: 0.8, reasons: [], usableSeconds: 9 });
    await drawn();
    view.event(device);
    view.status({ ...idle, preview: 'listening' });
    view.preview({ quality: 0.88, usable: true, reasons: [], heartRateBpm: 66 });
    await drawn();
    const lines = await screen.lines();
    const text = lines.join('\n');
    expect(text).to.match(/PREVIEW +nothing is stored or judged/);
    expect(text)
      .to.match(/quality +0\.88 good/)
      .and.match(/heart rate +66 beats/);
    expect(text).to.not.match(/ABNORMAL|150/);
    view.status({ ...idle, preview: 'searching' });
    await drawn();
    expect((await screen.lines()).join('\n'))
      .to.match(/^looking for a stethoscope/)
      .and.not.match(/88/);
    view.close();
  });

  it('shows a rate that one window does not halve', async () => {
    const screen = new Screen();
    const view = new LiveView(screen, 1000, false);
    for (const heartRateBpm of [113, 113, 113, 56]) view.event({ ...window, heartRateBpm });
    await drawn();
    expect((await screen.lines()).join('\n')).to.match(/heart rate +113 beats a minute/);
    view.close();
  });
});

describe('TraceStrip', () => {
  it('shows beats as peaks between pauses, newest on the right', () => {
    const strip = new TraceStrip(1000, 10, 10);
    const second = (loudness: number) =>
      Float64Array.from({ length: 1000 }, (_, i) => (i % 2 ? 1 : -1) * loudness);
    for (const loudness of [0.01, 1, 0.01, 0.5]) strip.push(second(loudness));
    expect(strip.toString()).to.equal('      ▁█▁▆');
  });

  it('is as wide as asked from the start', () => {
    expect(new TraceStrip(1000, 7, 1).toString()).to.equal('       ');
    expect([null, 0, 0.5, 1].map(blockFor)).to.deep.equal([' ', '▁', '▅', '█']);
  });
});
