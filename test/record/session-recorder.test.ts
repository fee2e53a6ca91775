import { expect } from 'chai';
import fc from 'fast-check';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Sampled } from '../../src/decode/samples.js';
import { readWav } from '../../src/decode/file/wav-file.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { openSession } from '../../src/record/stored-session.js';
import { checkSessionRoot } from '../../src/record/session-root.js';
import { until } from '../support/until.js';
import { canonical, chunk, collect, gap, inFolder, newRecorder } from '../support/sessions.js';

async function record(folder: string, stream: readonly Sampled[], changes = {}) {
  const recorder = newRecorder(folder, changes);
  for (const value of stream) recorder.push(value);
  return recorder.finish(null);
}

describe('SessionRecorder', () => {
  it('keeps samples, gaps, events and the final result', () =>
    inFolder(async (folder) => {
      const recorder = newRecorder(folder, { subject: 'S-17' });
      const events = [
        { kind: 'device', path: '/dev/ttyACM0' },
        { kind: 'window', index: 0, probability: 0.25 },
      ];
      const stream = [chunk(0, 300), gap(300, 50), chunk(350, 200), gap(550, 0, 'restart'), chunk(550, 10)];
      for (const event of events) recorder.event(event);
      for (const value of stream) recorder.push(value);
      const final = { kind: 'final', verdict: 'normal', probability: 0.2 };
      const outcome = await recorder.finish(final);
      expect(outcome).to.deep.include({ state: 'finished', storedSamples: 510, message: null });
      expect(basename(outcome.directory!)).to.equal('20260304T050607Z_S-17');

      const session = await openSession(outcome.directory!);
      expect(session.state).to.equal('finished');
      expect(session.missing).to.deep.equal([]);
      expect(session.durationSeconds).to.equal(560 / 2000);
      expect(session.result!.final).to.deep.equal(final);
      expect(session.description).to.deep.include({ subject: 'S-17', configuration: { threads: 1 } });
      expect(session.description.versions.node).to.equal(process.version);
      expect(await collect(session.events())).to.deep.equal(events);
      expect(canonical(await collect(session.sampled()))).to.deep.equal(canonical(stream));
      expect(await checkIntegrity(session)).to.deep.equal({ damage: [], vouchedSamples: 510 });
    }));

  it('writes a WAV file that any reader takes: the samples that arrived, at the device’s rate', () =>
    inFolder(async (folder) => {
      const { directory } = await record(folder, [chunk(0, 300), gap(300, 50), chunk(350, 200)]);
      const wav = await readWav(join(directory!, 'recording.wav'));
      expect(wav).to.deep.include({ sampleRateHz: 2000, bitsPerSample: 16, totalSamples: 500, notices: [] });
      expect([...wav.samples]).to.deep.equal([...chunk(0, 300).samples, ...chunk(350, 200).samples]);
    }));

  it('stores any interleaving of chunks and gaps so that exactly the same comes back', () =>
    inFolder(async (folder) => {
      const step = fc.oneof(
        { weight: 3, arbitrary: fc.record({ step: fc.constant('chunk' as const), length: fc.nat(70) }) },
        fc.record({
          step: fc.constant('gap' as const),
          lost: fc.nat(1000),
          cause: fc.constantFrom(
            'lost' as const,
            'overrun' as const,
            'reconnect' as const,
            'restart' as const,
          ),
        }),
        fc.record({ step: fc.constant('jump' as const), by: fc.integer({ min: -50, max: 50 }) }),
      );
      const steps = fc.array(step, { maxLength: 40 });
      const property = fc.asyncProperty(
        steps,
        fc.constantFrom(16, 24),
        fc.constantFrom(undefined, 2048, 32767, 8388607),
        fc.constantFrom(32, 64, 1000000),
        async (steps, bitsPerSample, scale, samplesPerFile) => {
          const fullScale = bitsPerSample === 16 && scale === 8388607 ? 32767 : scale;
          const unit = fullScale ?? 2 ** (bitsPerSample - 1);
          const stream: Sampled[] = [];
          let at = 0;
          for (const step of steps) {
            if (step.step === 'chunk') {
              const length = step.length;
              // Integers within the device's full scale.
              const samples = chunk(at, length).samples.map(
                (x) => Math.trunc((x * Math.min(unit, 2 ** 23)) | 0) / unit,
              );
              stream.push({ kind: 'samples', firstSample: at, samples });
              at += length;
            } else if (step.step === 'gap') {
              stream.push(gap(at, step.lost, step.cause));
              at += step.lost;
            } else at = Math.max(0, at + step.by);
          }
          const format = { sampleRateHz: 4000, bitsPerSample, ...(fullScale ? { fullScale } : {}) };
          const outcome = await record(folder, stream, { format, samplesPerFile });
          const session = await openSession(outcome.directory!);
          expect(session.result!.inexactSamples).to.equal(0);
          expect(canonical(await collect(session.sampled(7)))).to.deep.equal(canonical(stream));
          expect((await checkIntegrity(session)).damage).to.deep.equal([]);
          await rm(outcome.directory!, { recursive: true });
        },
      );
      await fc.assert(property, { numRuns: 40 });
    }));

  it('goes on in a further file before the first one is too large for a WAV header', () =>
    inFolder(async (folder) => {
      const { directory } = await record(folder, [chunk(0, 250)], { samplesPerFile: 100 });
      expect((await readdir(directory!)).filter((name) => name.endsWith('.wav')).sort()).to.deep.equal([
        'recording-2.wav',
        'recording-3.wav',
        'recording.wav',
      ]);
      for (const [name, first, length] of [
        ['recording.wav', 0, 100],
        ['recording-2.wav', 100, 100],
        ['recording-3.wav', 200, 50],
      ] as const) {
        const { samples, notices } = await readWav(join(directory!, name));
        expect([...samples]).to.deep.equal([...chunk(first, length).samples]);
        expect(notices).to.deep.equal([]);
      }
    }));

  it('counts samples that are no integers of the stored format, and stores the nearest', () =>
    inFolder(async (folder) => {
      const samples = Float64Array.of(0.5, 0.50001, NaN, 1.5, -2, -1);
      const { directory } = await record(folder, [{ kind: 'samples', firstSample: 0, samples }]);
      const session = await openSession(directory!);
      expect(session.result!.inexactSamples).to.equal(4);
      const [stored] = await collect(session.sampled());
      expect(stored.kind === 'samples' && [...stored.samples]).to.deep.equal([
        0.5,
        Math.round(0.50001 * 32768) / 32768,
        0,
        32767 / 32768,
        -1,
        -1,
      ]);
    }));

  it('keeps what it was given, not what became of the array afterwards', () =>
    inFolder(async (folder) => {
      const recorder = newRecorder(folder);
      const value = chunk(0, 50);
      recorder.push(value);
      value.samples.fill(0);
      const { directory } = await recorder.finish(null);
      const stored = await collect((await openSession(directory!)).sampled());
      expect(canonical(stored)).to.deep.equal(canonical([chunk(0, 50)]));
    }));

  it('never overwrites: a second session of the same second gets a folder of its own', () =>
    inFolder(async (folder) => {
      const outcomes = await Promise.all([1, 2, 3].map((n) => record(folder, [chunk(0, n)])));
      expect(outcomes.map(({ directory }) => basename(directory!)).sort()).to.deep.equal([
        '20260304T050607Z',
        '20260304T050607Z.2',
        '20260304T050607Z.3',
      ]);
      for (const [i, { directory }] of outcomes.entries()) {
        expect((await openSession(directory!)).storedSamples).to.equal(i + 1);
      }
    }));

  it('lets nobody but the owner read', async function () {
    if (process.platform === 'win32') return this.skip();
    await inFolder(async (folder) => {
      const { directory } = await record(folder, [chunk(0, 10)]);
      expect((await stat(directory!)).mode & 0o777).to.equal(0o700);
      const names = await readdir(directory!);
      expect(names.sort()).to.deep.equal([
        'events.ndjson',
        'recording.wav',
        'result.json',
        'result.json.sha256',
        'session.json',
      ]);
      for (const name of names) expect((await stat(join(directory!, name))).mode & 0o777).to.equal(0o600);
    });
  });

  it('refuses a subject code that could be a name, without repeating it', () =>
    inFolder(async (folder) => {
      for (const subject of ['Jane Doe', '', '../x', 'ä', 'x'.repeat(33), 'a.b', 'a/b']) {
        expect(() => newRecorder(folder, { subject }))
          .to.throw(/subject code must be 1 to 32/)
          .with.property('message')
          .that.does.not.include(subject === '' ? 'got ""' : `got ${subject}`);
      }
      expect(await readdir(folder)).to.deep.equal([]);
    }));

  it('takes a free second of grace only: what was pushed is on disk long before the recording ends', () =>
    inFolder(async (folder) => {
      const recorder = newRecorder(folder, { syncIntervalMs: 20 });
      recorder.push(chunk(0, 1000));
      const directory = (await recorder.opened)!;
      await until(async () => {
        const stored = await openSession(directory);
        return stored.storedSamples === 1000 && (await checkIntegrity(stored)).vouchedSamples === 1000;
      }, 'what was pushed is on disk');
      const session = await openSession(directory);
      expect(session.state).to.equal('torn');
      expect(session.storedSamples).to.equal(1000);
      expect(session.survey.checkedSamples).to.equal(1000);
      expect(await checkIntegrity(session)).to.deep.equal({ damage: [], vouchedSamples: 1000 });
      // Nothing new, nothing written.
      const { size } = await stat(join(directory, 'events.ndjson'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect((await stat(join(directory, 'events.ndjson'))).size).to.equal(size);
      const wav = await readWav(join(directory, 'recording.wav'));
      expect(wav.totalSamples).to.equal(1000);
      await recorder.finish(null);
    }));

  it('survives an event that is no JSON, and counts it', () =>
    inFolder(async (folder) => {
      const recorder = newRecorder(folder);
      const cyclic: Record<string, unknown> = { kind: 'window' };
      cyclic.self = cyclic;
      recorder.event(cyclic);
      recorder.event({ kind: 'verdict' });
      const { directory, notStored } = await recorder.finish(null);
      expect(notStored).to.deep.equal({ samples: 0, events: 1 });
      expect(await collect((await openSession(directory!)).events())).to.deep.equal([{ kind: 'verdict' }]);
    }));

  it('takes nothing more once it is finished, and finishes once', () =>
    inFolder(async (folder) => {
      const recorder = newRecorder(folder);
      recorder.push(chunk(0, 5));
      const first = recorder.finish(null);
      recorder.push(chunk(5, 5));
      recorder.event({ kind: 'late' });
      expect(await recorder.finish({ verdict: 'normal' })).to.equal(await first);
      const session = await openSession((await first).directory!);
      expect(session.storedSamples).to.equal(5);
      expect(session.result!.final).to.equal(null);
    }));
});

describe('checkSessionRoot', () => {
  it('makes the folder, leaves nothing in it, and says what is free', () =>
    inFolder(async (folder) => {
      const out = join(folder, 'a', 'b');
      const { directory, freeBytes } = await checkSessionRoot(out);
      expect(directory).to.equal(out);
      expect(freeBytes).to.be.greaterThan(0);
      expect(await readdir(out)).to.deep.equal([]);
    }));

  it('says that a file stands in the way', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      let message = '';
      await checkSessionRoot(join(folder, 'file', 'x')).catch((error: Error) => (message = error.message));
      expect(message).to.match(/a file stands where a folder must be \(ENOTDIR\)/);
      await mkdir(join(folder, 'here'));
      expect(await readFile(join(folder, 'file'), 'utf8')).to.equal('');
    }));

  it('refuses to begin on a disk that is all but full', () =>
    inFolder(async (folder) => {
      let message = '';
      await checkSessionRoot(folder, { minFreeBytes: 2 ** 60 }).catch(
        (error: Error) => (message = error.message),
      );
      expect(message).to.match(/need 1099511627776.0 MiB of free space to begin, got [\d.]+ MiB in/);
    }));
});
