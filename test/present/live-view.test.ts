/* eslint-disable no-control-regex -- terminals are steered by control characters */
import { expect } from 'chai';
import { LiveView } from '../../src/present/live-view.js';
import { blockFor, TraceStrip } from '../../src/present/trace-strip.js';
import type { FinalEvent, WindowEvent } from '../../src/screen/result-events.js';

/** A terminal that understands what the view writes: lines, cursor up, erase below. */
class Screen {
  readonly columns = 80;
  lines: string[] = [''];
  raw = '';

  write(text: string): void {
    this.raw += text;
    for (const part of text.split(/(\u001b\[\d*[AJ]|\n)/)) {
      const up = /^\u001b\[(\d+)A$/.exec(part);
      if (up !== null) this.lines.splice(this.lines.length - 1 - Number(up[1]), Number(up[1]));
      else if (part === '\n') this.lines.push('');
      else if (part !== '\u001b[J') this.lines[this.lines.length - 1] += part;
    }
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

describe('LiveView', () => {
  it('draws in place: however much happens, the screen holds one view', async () => {
    const screen = new Screen();
    const view = new LiveView(screen, 1000, false);
    for (let i = 0; i < 3; i++) {
      view.event({ ...window, index: i });
      view.trace(new Float64Array(1000).fill(0.1));
      await drawn();
    }
    view.close();
    expect(screen.lines.filter((line) => line !== '')).to.deep.equal([]);
    expect(screen.raw).to.match(/heart rate {3}72 beats a minute/);
  });

  it('leaves standing what must not be missed, and the result with its disclaimer', async () => {
    const screen = new Screen();
    const view = new LiveView(screen, 1000, false);
    view.event(window);
    await drawn();
    view.event({ kind: 'gap', atSample: 5, lostSamples: 40, cause: 'lost' });
    await drawn();
    view.event(final);
    const text = screen.lines.join('\n');
    expect(text).to.match(/gap: 40 samples lost/);
    expect(text).to.match(/NORMAL[\s\S]*40 samples lost[\s\S]*not a diagnosis/);
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
