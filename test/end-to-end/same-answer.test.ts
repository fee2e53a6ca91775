import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Sampled } from '../../src/decode/samples.js';
import { wavHeader } from '../../src/decode/file/wav-writer.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { Screener } from '../../src/screen/screener.js';
import type { WindowEvent } from '../../src/screen/result-events.js';
import type { ProgramEvent } from '../../src/present/program-events.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { finalOf, runLubdub, RunningLubdub, type Finished } from '../support/run-lubdub.js';
import { PluggedIn } from '../support/simulated-devices.js';

/** Normal, abnormal and unusable, of all six databases. */
const recordings = [
  'a0318',
  'a0358',
  'b0323',
  'b0416',
  'c0001',
  'd0007',
  'e00089',
  'e00622',
  'e01341',
  'f0029',
];

const windowsOf = (events: readonly ProgramEvent[]) =>
  events
    .filter((event): event is WindowEvent => event.kind === 'window')
    .map(({ index, startSeconds, endSeconds, probability, quality, usable, heartRateBpm, reasons }) => ({
      index,
      startSeconds,
      endSeconds,
      probability,
      quality,
      usable,
      heartRateBpm,
      reasons,
    }));

describe('classify, replay and live on a simulated stethoscope', function () {
  before(needPseudoTerminals);
  const fileOf = (name: string) => `test/recordings/${name}.wav`;
  /** By file; one process for all. */
  const classified = new Map<string, ProgramEvent[]>();

  before(async () => {
    const { events, exitCode, stderr } = await runLubdub([
      'classify',
      '--json',
      '--threads',
      '1',
      ...recordings.map(fileOf),
    ]);
    expect(exitCode, stderr).to.equal(0);
    let one: ProgramEvent[] = [];
    for (const event of events) {
      one.push(event);
      if (event.kind !== 'final') continue;
      classified.set(event.file, one);
      one = [];
    }
  });

  for (const name of recordings) {
    it(`give the same windows and the same verdict: ${name}`, async () => {
      const file = fileOf(name);
      const device = new PluggedIn({ recording: await loadRecording(file), speed: 'max' });
      const [replayed, live] = await Promise.all([
        runLubdub(['replay', '--speed', 'max', '--json', file]),
        runLubdub(['live', '--port', device.path, '--json']),
      ]).finally(() => device.unplug());
      for (const run of [replayed, live]) expect(run.exitCode, run.stderr).to.equal(0);

      const events = classified.get(file)!;
      const expected = windowsOf(events);
      expect(expected.length).to.be.above(3);
      expect(windowsOf(replayed.events)).to.deep.equal(expected);
      expect(windowsOf(live.events)).to.deep.equal(expected);
      expect(finalOf(replayed)).to.deep.equal(events.at(-1));
      expect({ ...finalOf(live), file }).to.deep.equal(events.at(-1));
      expect(finalOf(live)).to.include({ lostSamples: 0, droppedWindows: 0 });
    });
  }

  it('take the same channel of a file whose first is dead, say so, and let --channel decide', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lubdub-channels-'));
    const file = join(folder, 'b0416.wav');
    const mono = await readFile('test/recordings/b0416.wav');
    const samples = mono.subarray(44);
    const header = Buffer.from(
      wavHeader({ sampleRateHz: 2000, bitsPerSample: 16, dataBytes: 2 * samples.length }),
    );
    header.writeUInt16LE(2, 22);
    header.writeUInt16LE(4, 32);
    const frames = Buffer.alloc(2 * samples.length);
    for (let at = 0; at < samples.length; at += 2) samples.copy(frames, 2 * at + 2, at, at + 2);
    await writeFile(file, Buffer.concat([header, frames]));
    const noticesOf = ({ events }: Finished) =>
      events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
    try {
      const simulator = new RunningLubdub(['simulate', file, '--speed', 'max', '--json']);
      const { path } = await simulator.until('device');
      const [heart, classified, first, replayed, live] = await Promise.all([
        runLubdub(['classify', '--json', 'test/recordings/b0416.wav']),
        runLubdub(['classify', '--json', file]),
        runLubdub(['classify', '--json', file, '--channel', '1']),
        runLubdub(['replay', '--speed', 'max', '--json', '--no-page', file]),
        runLubdub(['live', '--port', path, '--json', '--no-page']),
      ]);
      simulator.kill('SIGTERM');
      const simulated = await simulator.finished;
      const expected = windowsOf(heart.events);
      for (const run of [classified, replayed, live]) expect(windowsOf(run.events)).to.deep.equal(expected);
      expect(windowsOf(first.events).some(({ usable }) => usable)).to.equal(false);
      for (const run of [classified, replayed, simulated])
        expect(noticesOf(run).join()).to.match(
          /^2 channels: channel 2 is screened because channel 1 is flat/,
        );
      expect(noticesOf(first).join()).to.match(/^2 channels: channel 1 is screened, as it was asked for/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('screening', function () {
  let screener: Screener;
  before(async () => (screener = await Screener.open('models/heart-sound.json', 1)));
  after(() => screener.close());

  it('gives bit-identical results for any chunking of the samples', async () => {
    const recording = await loadRecording('test/recordings/b0416.wav');
    const screen = async (sizes: number[]) => {
      const chunks: Sampled[] = [];
      for (let at = 0, i = 0; at < recording.samples.length; i++) {
        const samples = recording.samples.slice(at, at + sizes[i % sizes.length]);
        chunks.push({ kind: 'samples', firstSample: at, samples });
        at += samples.length;
      }
      return lastValueFrom(from(chunks).pipe(screener.screen(recording), toArray()));
    };
    const whole = await screen([recording.samples.length]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 }),
        async (sizes) => {
          expect(await screen(sizes)).to.deep.equal(whole);
        },
      ),
      { numRuns: 25 },
    );
  });
});
