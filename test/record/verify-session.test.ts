import { expect } from 'chai';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sampled } from '../../src/decode/samples.js';
import { verifySession } from '../../src/record/verify-session.js';
import type { Screener } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { FaultyDisk } from '../support/disks.js';
import { chunk, gap, inFolder, newRecorder, recorderOptions } from '../support/sessions.js';

type Event = Record<string, unknown>;

const WINDOW = 300;
const HOP = 100;

/** Stands for the pipeline: windows of a stretch whose figures depend on all samples of it so far, as filters' do. */
class ToyScreening {
  private index = 0;
  private stretch: number[] = [];
  private start = 0;
  private sum = 0;
  readonly windows: Record<string, unknown>[] = [];

  push(value: Sampled): void {
    if (value.kind === 'gap') {
      this.stretch = [];
      return;
    }
    if (this.stretch.length === 0) this.start = value.firstSample;
    for (const sample of value.samples) {
      this.stretch.push(sample);
      const length = this.stretch.length;
      if (length < WINDOW || (length - WINDOW) % HOP !== 0) continue;
      const probability = Math.abs(Math.sin(this.stretch.reduce((sum, x) => sum * 0.9 + x, 0)));
      this.sum += probability;
      this.windows.push({
        kind: 'window',
        index: this.index++,
        startSeconds: (this.start + length - WINDOW) / 2000,
        endSeconds: (this.start + length) / 2000,
        probability,
        heartRateBpm: NaN,
        dropped: null,
      });
    }
  }

  get final(): Record<string, unknown> {
    return { kind: 'final', file: '/dev/ttyACM0', verdict: 'normal', probability: this.sum / this.index };
  }
}

/** @param change what comes out differently this time */
function toyScreener(
  change: (event: Event) => Event = (event) => event,
): Pick<Screener, 'model' | 'screenStored'> {
  const model = {
    contract: recorderOptions('').model,
    contractPath: 'toy.json',
  } as unknown as Screener['model'];
  return {
    model,
    async screenStored(_name, _format, stored, emit) {
      const screening = new ToyScreening();
      for await (const value of stored) screening.push(value);
      const events = [...screening.windows, { ...screening.final, file: 'elsewhere' }];
      for (const event of events) emit(change(event) as unknown as ScreeningEvent);
    },
  };
}

async function recordSession(
  folder: string,
  change: (window: Record<string, unknown>) => object = (window) => window,
): Promise<string> {
  const recorder = newRecorder(folder);
  const screening = new ToyScreening();
  for (const value of [chunk(0, 1000), gap(1000, 77), chunk(1077, 600), chunk(1677, 500)]) {
    recorder.push(value);
    screening.push(value);
  }
  for (const window of screening.windows) recorder.event(change(window));
  const { directory } = await recorder.finish(screening.final);
  return directory!;
}

describe('verifySession', () => {
  it('finds the same windows and the same verdict', () =>
    inFolder(async (folder) => {
      const directory = await recordSession(folder);
      const verification = await verifySession(directory, toyScreener());
      expect(verification).to.deep.include({
        outcome: 'same',
        differences: [],
        differenceCount: 0,
        comparedWindows: 17,
        comparedFinal: true,
        notes: [],
      });
    }));

  it('names what came out differently', () =>
    inFolder(async (folder) => {
      const directory = await recordSession(folder, (window) =>
        window.index === 3 ? { ...window, probability: (window.probability as number) + 2e-6 } : window,
      );
      const { outcome, differences, differenceCount } = await verifySession(directory, toyScreener());
      expect({ outcome, differenceCount }).to.deep.equal({ outcome: 'different', differenceCount: 1 });
      expect(differences[0]).to.deep.include({ where: 'window 3 (0.15 s)', field: 'probability' });
    }));

  it('names a final verdict that is another one', () =>
    inFolder(async (folder) => {
      const directory = await recordSession(folder);
      const { outcome, differences } = await verifySession(
        directory,
        toyScreener((event) => ('verdict' in event ? { ...event, verdict: 'abnormal' } : event)),
      );
      expect(outcome).to.equal('different');
      expect(differences).to.deep.equal([
        { where: 'final', field: 'verdict', stored: 'normal', recomputed: 'abnormal' },
      ]);
    }));

  it('names windows that one side lacks', () =>
    inFolder(async (folder) => {
      const directory = await recordSession(folder);
      const { differences } = await verifySession(
        directory,
        toyScreener((event) =>
          event.index === 16 ? { ...event, startSeconds: 99, endSeconds: 100 } : event,
        ),
      );
      expect(differences.map(({ where, recomputed }) => [where, recomputed])).to.deep.equal([
        ['window 16 (0.9385 s)', undefined],
        ['window 16 (99 s)', 'window'],
      ]);
    }));

  it('does not compare windows that were dropped under load, and says which', () =>
    inFolder(async (folder) => {
      const directory = await recordSession(folder, (window) =>
        [2, 5].includes(window.index as number)
          ? { ...window, probability: null, dropped: 'overload' }
          : window,
      );
      const verification = await verifySession(directory, toyScreener());
      expect(verification).to.deep.include({
        outcome: 'incomplete',
        comparedWindows: 15,
        droppedWindows: [2, 5],
        comparedFinal: false,
      });
      expect(verification.notes[0]).to.equal('2 windows were not scored when recorded: 2, 5');
    }));

  it('compares what is there of a torn session', () =>
    inFolder(async (folder) => {
      const directory = await recordSession(folder);
      await rm(join(directory, 'result.json'));
      await rm(join(directory, 'result.json.sha256'));
      const path = join(directory, 'recording.wav');
      await writeFile(path, (await readFile(path)).subarray(0, 44 + 2 * 1600));
      const verification = await verifySession(directory, toyScreener());
      // Samples that a checkpoint vouches for are gone.
      expect(verification.outcome).to.equal('damaged');
      expect(verification).to.deep.include({ comparedWindows: 12, differenceCount: 0, comparedFinal: false });
      expect(verification.notes[0]).to.equal('5 windows were recorded of samples that are missing');
    }));

  it('says that bytes were changed, even where the figures are the same', () =>
    inFolder(async (folder) => {
      const directory = await recordSession(folder);
      const path = join(directory, 'session.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('test 1.0', 'test 2.0'));
      const { outcome, integrity } = await verifySession(directory, toyScreener());
      expect(outcome).to.equal('damaged');
      expect(integrity.damage).to.deep.equal([
        { file: 'session.json', message: 'was changed since the session began' },
      ]);
    }));

  it('does not compare what lies behind a hole of the disk, up to the next gap', () =>
    inFolder(async (folder) => {
      const disk = new FaultyDisk();
      const recorder = newRecorder(folder, { fileSystem: disk, maxQueuedBytes: 4000 });
      const live = new ToyScreening();
      const push = (value: Sampled) => {
        recorder.push(value);
        live.push(value);
      };
      const directory = (await recorder.opened)!;
      push(chunk(0, 1000));
      await recorder.room();
      disk.stall();
      for (let i = 0; i < 30; i++) push(chunk(1000 + i * 100, 100));
      disk.resume();
      await recorder.room();
      push(chunk(4000, 500));
      await recorder.room();
      push(gap(4500, 10));
      push(chunk(4510, 1000));
      for (const window of live.windows) {
        await recorder.room();
        recorder.event(window);
      }
      await recorder.finish(live.final);
      const { outcome, differences, comparedWindows, notes, session } = await verifySession(
        directory,
        toyScreener(),
      );
      expect(session.notStored).to.have.length(1);
      expect(differences).to.deep.equal([]);
      expect(outcome).to.equal('incomplete');
      expect(comparedWindows).to.be.within(15, 40);
      expect(notes.join('; ')).to.match(
        /lie where a slow disk left a hole.*final verdict was given on other windows/,
      );
    }));
});
