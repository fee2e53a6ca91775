import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import { SessionError } from '../../src/errors.js';
import type { Sampled } from '../../src/decode/samples.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { recoverSession } from '../../src/record/recover-session.js';
import { openSession, StoredSession } from '../../src/record/stored-session.js';
import { PowerCutDisk } from '../support/disks.js';
import { until } from '../support/until.js';
import { canonical, chunk, collect, gap, inFolder, newRecorder } from '../support/sessions.js';

describe('a recording whose power is cut', function () {
  it('keeps all that a sync had made safe, and shifts no sample in time, whatever else the disk lost', () =>
    inFolder(async (folder) => {
      let run = 0;
      const property = fc.asyncProperty(
        fc.array(fc.record({ length: fc.nat(60), lost: fc.nat(30), pauses: fc.nat(4) }), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { noHistory: true }),
        fc.constantFrom(16, 24),
        fc.constantFrom(0, 20),
        fc.boolean(),
        async (steps, chances, bitsPerSample, syncIntervalMs, waits) => {
          const disk = new PowerCutDisk();
          const recorder = newRecorder('/card', {
            fileSystem: disk,
            syncIntervalMs,
            samplesPerFile: 200,
            format: { sampleRateHz: 2000, bitsPerSample },
          });
          if (waits) await recorder.opened;
          const stream: Sampled[] = [];
          let at = 0;
          for (const { length, lost, pauses } of steps) {
            const pushed: Sampled[] = [chunk(at, length), gap(at + length, lost, 'reconnect')];
            for (const value of pushed) recorder.push(value);
            recorder.event({ kind: 'window', endSample: at + length });
            stream.push(...pushed);
            at += length + lost;
            for (let i = 0; i < pauses; i++) await new Promise((resolve) => setImmediate(resolve));
          }
          const safe = recorder.counts.safeSamples;
          const left = join(folder, String(run++));
          await disk.cut(left, () => chances.next().value as number);
          await recorder.finish(null);

          const session = await openSession(left).catch((error: unknown) => error);
          if (!(session instanceof StoredSession)) {
            // The power went before anything was safe, and with it the session's description.
            expect(session).to.be.instanceOf(SessionError);
            expect(safe).to.equal(0);
            return;
          }
          const { vouchedSamples, damage } = await checkIntegrity(session);
          expect(damage).to.deep.equal([]);
          expect(session.storedSamples).to.be.at.least(safe);
          expect(vouchedSamples).to.be.at.least(0);
          expectTrueTime(await collect(session.sampled()), stream, safe);
          const recovered = await recoverSession(left, { lubdubVersion: 'test' });
          expectTrueTime(await collect(recovered.session.sampled()), stream, safe);
          expect((await checkIntegrity(recovered.session)).damage).to.deep.equal([]);
          expect(recovered.session.storedSamples).to.equal(session.storedSamples);
        },
      );
      await fc.assert(property, { numRuns: 200 });
    }));

  it('does not keep samples behind a gap of which the disk may forget the file', () =>
    inFolder(async (folder) => {
      const disk = new PowerCutDisk();
      // No checkpoint comes: what makes the names safe is the gap.
      const recorder = newRecorder('/card', { fileSystem: disk, syncIntervalMs: 1e6 });
      await recorder.opened;
      const stream = [chunk(0, 10), gap(10, 5), chunk(15, 10)];
      for (const value of stream) recorder.push(value);
      await until(() => recorder.counts.storedSamples === 20, 'the samples are written');
      // Of names that are not safe the disk would keep the first and the third, and all that was written.
      const fates = [0, 0.9, 0];
      await disk.cut(folder, () => fates.shift() ?? 0.9);
      const session = await openSession(folder);
      expect(canonical(await collect(session.sampled()))).to.deep.equal(canonical(stream));
      await recorder.finish(null);
    }));
});

/**
 * Every sample that came back stands where it was recorded. Up to `safe` its value is the recorded one, too; behind,
 * a disk may have left zeros for blocks that it never wrote.
 */
function expectTrueTime(found: Sampled[], recorded: Sampled[], safe: number): void {
  const placesOf = (stream: Sampled[]) =>
    stream.flatMap((value) =>
      value.kind === 'gap' ? [] : [...value.samples].map((sample, i) => [value.firstSample + i, sample]),
    );
  const places = placesOf(found);
  const truth = placesOf(recorded).slice(0, places.length);
  expect(places.map(([at]) => at)).to.deep.equal(truth.map(([at]) => at));
  expect(places.slice(0, safe)).to.deep.equal(truth.slice(0, safe));
  // Gaps behind the last sample are its end, of which some may be known and some not.
  const last = found.findLastIndex((value) => value.kind === 'samples');
  const gapsOf = (stream: Sampled[]) => stream.filter((value) => value.kind === 'gap');
  const gaps = gapsOf(found.slice(0, last + 1));
  expect(gaps).to.deep.equal(gapsOf(recorded).slice(0, gaps.length));
  for (const gap of gapsOf(found)) expect(recorded).to.deep.include(gap);
}
