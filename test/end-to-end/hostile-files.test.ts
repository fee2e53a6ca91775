import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Command, Option } from 'commander';
import fc from 'fast-check';
import { ConfigurationError, LubdubError } from '../../src/errors.js';
import { integerIn } from '../../src/present/option-values.js';
import { recover, sessions, wfdb } from '../../src/present/commands/sessions.js';
import { applyConfigurationFile } from '../../src/present/configuration.js';
import type { Output } from '../../src/present/output.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import type { Screener } from '../../src/screen/screener.js';
import { eventSentence } from '../../src/present/sentences.js';
import { verifySession } from '../../src/record/verify-session.js';
import { readFaultFile } from '../../src/simulate/fault-file.js';
import { recordSession } from '../support/recorded-session.js';
import { quickScreener } from '../support/scripted-device.js';
import { fuzzRuns, fuzzTimeout } from '../support/fuzz.js';

/** A file that chance has been at. */
type Change = (bytes: Buffer) => Buffer;

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (bytes: Buffer, where: number): number => Math.floor(where * bytes.length);

const flip = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([where, bits]): Change => (bytes) => {
  const changed = Buffer.from(bytes);
  if (changed.length > 0) changed[at(bytes, where)] ^= bits;
  return changed;
});
/** The beginning of a file is where its sizes and formats stand. */
const flipHead = fc
  .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 255 }))
  .map(([where, byte]): Change => (bytes) => {
    const changed = Buffer.from(bytes);
    if (where < changed.length) changed[where] = byte;
    return changed;
  });
const cut = place.map(
  (where): Change =>
    (bytes) =>
      bytes.subarray(0, at(bytes, where)),
);
const cutOut = fc.tuple(place, fc.integer({ min: 1, max: 300 })).map(
  ([where, length]): Change =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, at(bytes, where)), bytes.subarray(at(bytes, where) + length)]),
);
const putIn = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 300 })).map(
  ([where, more]): Change =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, at(bytes, where)), more, bytes.subarray(at(bytes, where))]),
);
const replace = fc.uint8Array({ maxLength: 300 }).map(
  (bytes): Change =>
    () =>
      Buffer.from(bytes),
);
/** Another value somewhere in JSON or in lines of JSON, so that it can still be read and means something else. */
const otherValue = fc.tuple(place, fc.jsonValue({ maxDepth: 2 })).map(([where, value]): Change => (bytes) => {
  const text = bytes.toString('latin1');
  const values = [...text.matchAll(/:\s*("[^"]*"|-?[\d.]+|null|true|false)/g)];
  if (values.length === 0) return bytes;
  const match = values[Math.floor(where * values.length)];
  const start = match.index + match[0].length - match[1].length;
  return Buffer.from(text.slice(0, start) + JSON.stringify(value) + text.slice(start + match[1].length));
});
const change = fc.oneof(flip, flipHead, cut, cutOut, putIn, replace, otherValue, otherValue);

/** Collects what a command says; a fault of lubdub's own is what must never be there. */
class Collected implements Output {
  readonly events: ScreeningEvent[] = [];

  event(event: ScreeningEvent): void {
    // Every event has a line for the person too, whatever was in the file.
    expect(eventSentence(event)).to.not.equal('');
    expect(() => JSON.stringify(event)).to.not.throw();
    if (event.kind === 'error') {
      expect(event.code, event.message).to.not.equal('LUBDUB_INTERNAL');
      expect(event.message.length).to.be.above(10);
    }
    this.events.push(event);
  }

  say(): void {}

  log(line: string): void {
    throw new Error(`a stack was logged: ${line}`);
  }
}

describe('files that chance has been at', function () {
  this.timeout(fuzzTimeout(60_000));
  let folder = '';
  let screener: Screener;
  const originals: string[] = [];

  before(async () => {
    screener = await quickScreener();
    folder = await mkdtemp(join(tmpdir(), 'lubdub-hostile-'));
    const common = { wav: 'test/recordings/b0416.wav', gap: { atSample: 4000, lostSamples: 500 } };
    const root = join(folder, 'originals');
    await mkdir(root);
    const day = (number: number) => new Date(Date.UTC(2026, 0, number));
    originals.push(await recordSession({ ...common, root, startedAt: day(1), subject: 'S-1' }));
    originals.push(await recordSession({ ...common, root, startedAt: day(2), isTorn: true }));
  });
  after(() => rm(folder, { recursive: true }));

  it('in the folder of a session: verify, recover, sessions and wfdb end with an answer or an error with a code', async () => {
    const files = await readdir(originals[0]);
    let cases = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 1 }),
        fc.array(fc.tuple(fc.constantFrom(...files), change), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (which, changes, force) => {
          const root = join(folder, `case-${cases++}`);
          const session = join(root, '20260101T000000Z');
          await cp(originals[which], session, { recursive: true });
          for (const [name, apply] of changes) {
            const path = join(session, name);
            const bytes = await readFile(path).catch(() => undefined);
            if (bytes !== undefined) await writeFile(path, apply(bytes));
          }
          const verify = () =>
            verifySession(session, screener).catch((error: unknown) => {
              if (!(error instanceof LubdubError)) throw error;
            });
          const output = new Collected();
          await verify();
          expect(await sessions(root, output)).to.equal(0);
          expect(await wfdb([session], output)).to.be.oneOf([0, 5]);
          expect(await recover([session], { force }, output)).to.be.oneOf([0, 5]);
          await verify();
          await rm(root, { recursive: true });
        },
      ),
      { numRuns: fuzzRuns(120) },
    );
  });

  it('as a configuration file: wrong use is said, and nothing else happens', async () => {
    const path = join(folder, 'config.json');
    const names = [
      'port',
      'seconds',
      'json',
      'site',
      'page',
      'unknown',
      '__proto__',
      'constructor',
      'toString',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc
            .dictionary(fc.constantFrom(...names), fc.jsonValue(), { maxKeys: 5 })
            .map((value) => JSON.stringify(value)),
          fc.jsonValue().map((value) => JSON.stringify(value)),
          fc.string(),
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        async (content) => {
          await writeFile(path, content);
          const command = new Command('live')
            .option('--port <path>')
            .addOption(new Option('--seconds <n>').argParser(integerIn(1, 100)))
            .addOption(new Option('--site <spot>').choices(['apex', 'base']))
            .option('--no-page')
            .option('--json');
          try {
            applyConfigurationFile(command, path);
          } catch (error) {
            expect(error).to.be.instanceOf(ConfigurationError);
            expect((error as Error).message).to.include(path);
          }
          const {
            port,
            seconds = 1,
            site = 'apex',
            page,
            json = false,
          } = command.opts<Record<string, unknown>>();
          expect(
            typeof port === 'undefined' || typeof port === 'string' || typeof port === 'number',
          ).to.equal(true);
          expect(seconds).to.satisfy((value: unknown) => Number.isInteger(value) && Number(value) <= 100);
          expect(site).to.be.oneOf(['apex', 'base']);
          expect([page, json].map((value) => typeof value)).to.deep.equal(['boolean', 'boolean']);
        },
      ),
      { numRuns: fuzzRuns(500) },
    );
  });

  it('as a fault file: it is a plan, or wrong use is said', async () => {
    const path = join(folder, 'faults.json');
    const plan = Buffer.from(
      JSON.stringify({
        seed: 7,
        faults: [
          { kind: 'drop', probability: 0.1, fromSeconds: 1, toSeconds: 2, of: 'all' },
          { kind: 'corrupt', atSeconds: [1, 2], bytes: 3 },
          { kind: 'unplug', atSeconds: 1, forSeconds: 2, keepsCounting: true },
          { kind: 'drift', ppm: 20 },
        ],
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        await writeFile(
          path,
          changes.reduce<Buffer>((bytes, apply) => apply(bytes), plan),
        );
        try {
          expect(readFaultFile(path).faults).to.be.an('array');
        } catch (error) {
          expect(error).to.be.instanceOf(ConfigurationError);
          expect((error as Error).message).to.include(path);
        }
      }),
      { numRuns: fuzzRuns(500) },
    );
  });
});
