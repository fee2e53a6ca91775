import { expect } from 'chai';
import fc from 'fast-check';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionError } from '../../src/errors.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { openSession } from '../../src/record/stored-session.js';
import { writeWfdbHeaders } from '../../src/record/wfdb-header.js';
import { until } from '../support/until.js';
import { chunk, gap, inFolder, newRecorder } from '../support/sessions.js';
import { fuzzRuns, fuzzTimeout } from '../support/fuzz.js';

/** A session of all kinds of files and lines, with a checkpoint after every chunk. */
async function aSession(folder: string): Promise<string> {
  const recorder = newRecorder(folder, {
    samplesPerFile: 250,
    syncIntervalMs: 0,
    format: { sampleRateHz: 2000, bitsPerSample: 24 },
  });
  const directory = (await recorder.opened)!;
  for (let i = 0; i < 5; i++) {
    recorder.push(chunk(i * 101, 91, 2 ** 23));
    recorder.push(gap(i * 101 + 91, 10));
    recorder.event({ kind: 'window', index: i, probability: 0.5 });
    await until(() => recorder.counts.safeSamples === (i + 1) * 91, 'the samples are safe');
  }
  await recorder.finish({ kind: 'final', verdict: 'normal' });
  await writeWfdbHeaders(await openSession(directory));
  return directory;
}

/** @returns the files that are named, or the word of a session that can no longer be opened */
async function damagedFiles(directory: string): Promise<string[]> {
  try {
    return (await checkIntegrity(await openSession(directory))).damage.map(({ file }) => file);
  } catch (error) {
    expect(error).to.be.instanceOf(SessionError);
    return [(error as Error).message];
  }
}

describe('checkIntegrity', () => {
  it('notices one changed byte, wherever it is, and names the file', function () {
    this.timeout(fuzzTimeout());
    return inFolder(async (folder) => {
      const directory = await aSession(folder);
      expect(await damagedFiles(directory)).to.deep.equal([]);
      const names = (await readdir(directory)).sort();
      expect(names).to.include.members([
        'recording.wav',
        'recording-2.wav',
        'recording.hea',
        'result.json.sha256',
      ]);
      const originals = new Map<string, Buffer>();
      for (const name of names) originals.set(name, await readFile(join(directory, name)));
      const property = fc.asyncProperty(
        fc.constantFrom(...names),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (name, where, flip) => {
          const changed = Buffer.from(originals.get(name)!);
          changed[Math.floor(where * changed.length)] ^= flip;
          await writeFile(join(directory, name), changed);
          const files = (await damagedFiles(directory)).join();
          await writeFile(join(directory, name), originals.get(name)!);
          // A result and its checksum cannot say which of them was changed; either is named.
          expect(files).to.include(name === 'result.json.sha256' ? 'result.json' : name);
        },
      );
      await fc.assert(property, { numRuns: fuzzRuns(250) });
    });
  });

  it('notices bytes that are missing or too many, and files that are gone', () =>
    inFolder(async (folder) => {
      const directory = await aSession(folder);
      for (const name of [
        'recording.wav',
        'recording-2.wav',
        'events.ndjson',
        'result.json',
        'recording_0002.hea',
      ]) {
        const path = join(directory, name);
        const bytes = await readFile(path);
        for (const change of [
          () => truncate(path, bytes.length - 1),
          () => truncate(path, 0),
          () => truncate(path, bytes.length + 1),
          () => writeFile(path, Buffer.concat([bytes, Buffer.from('more')])),
          () => rm(path),
        ]) {
          await change();
          expect(await damagedFiles(directory), name).to.not.be.empty;
          await writeFile(path, bytes);
        }
      }
      expect(await damagedFiles(directory)).to.deep.equal([]);
    }));

  it('says between which seconds samples were changed', () =>
    inFolder(async (folder) => {
      const directory = await aSession(folder);
      const path = join(directory, 'recording.wav');
      const bytes = await readFile(path);
      bytes[44 + 3 * 100] ^= 1;
      await writeFile(path, bytes);
      const { damage } = await checkIntegrity(await openSession(directory));
      expect(damage).to.deep.equal([
        {
          file: 'recording.wav',
          message:
            'samples 91 to 182 (0.045 s to 0.091 s of the stored ones) are not those that were recorded',
        },
      ]);
    }));

  it('vouches for a torn session up to its last checkpoint', () =>
    inFolder(async (folder) => {
      const directory = await aSession(folder);
      for (const name of ['result.json', 'result.json.sha256']) await rm(join(directory, name));
      const path = join(directory, 'recording.wav');
      const bytes = await readFile(path);
      expect(await checkIntegrity(await openSession(directory))).to.deep.equal({
        damage: [],
        vouchedSamples: 455,
      });
      bytes[44 + 3 * 100] ^= 1;
      await writeFile(path, bytes);
      expect(await damagedFiles(directory)).to.deep.equal(['recording.wav']);
      await writeFile(
        join(directory, 'session.json'),
        (await readFile(join(directory, 'session.json'), 'utf8')) + ' ',
      );
      expect(await damagedFiles(directory)).to.deep.equal(['session.json', 'recording.wav']);
    }));
});
