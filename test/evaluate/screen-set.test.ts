import { expect } from 'chai';
import fc from 'fast-check';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCsv } from '../../src/evaluate/csv.js';
import { PredictionFiles } from '../../src/evaluate/prediction-files.js';
import { screenSet, type ScreenSetProgress } from '../../src/evaluate/screen-set.js';
import { ConfigurationError, ModelError, RecordingError } from '../../src/errors.js';
import { madeUpResult, madeUpSet } from './made-up-set.js';

const identity = { modelSha256: 'aaaa', lubdub: '1.0.0' };
const set = madeUpSet(30);
const paths = new Map(set.map(({ record }) => [record, `/audio/${record}.wav`]));
const recordOf = (path: string) => path.slice(7, -4);

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('must be refused, but was done');
}

describe('screenSet', () => {
  let folder: string;
  let number = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-evaluate-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  const freshFolder = () => join(folder, String(number++), 'deep');
  const text = (out: string, name: string) => readFile(join(out, name), 'utf8');

  async function run(out: string, options: Partial<Parameters<typeof screenSet>[0]> = {}) {
    const files = await PredictionFiles.open(out, identity);
    const failures = await screenSet({
      recordings: set,
      paths,
      files,
      screen: (path) => Promise.resolve(madeUpResult(recordOf(path))),
      ...options,
    });
    await files.finish(set);
    return { files, failures };
  }

  it('writes a prediction a recording and all windows, in the order of the set, whichever is ready first', async () => {
    const out = freshFolder();
    await run(out, {
      concurrency: 7,
      screen: async (path) => {
        await new Promise((resolve) => setTimeout(resolve, (recordOf(path).charCodeAt(4) * 7) % 5));
        return madeUpResult(recordOf(path));
      },
    });
    const [header, ...rows] = parseCsv(await text(out, 'predictions.csv')).map(({ cells }) => cells);
    expect(header.slice(0, 7)).to.deep.equal([
      'record',
      'label',
      'verdict',
      'probability',
      'usableSeconds',
      'quality',
      'heartRateBpm',
    ]);
    expect(rows.map(([record]) => record)).to.deep.equal(set.map(({ record }) => record));
    // Silent: what is not known is empty, never 0.
    expect(rows[10].slice(0, 8)).to.deep.equal([
      'a0010',
      'normal',
      'inconclusive',
      '',
      '0',
      '',
      '',
      'too-little-usable-signal noisy',
    ]);
    const windows = parseCsv(await text(out, 'windows.csv')).map(({ cells }) => cells);
    expect(windows).to.have.lengthOf(1 + 2 * set.length);
    expect(windows[0].join()).to.equal(
      'record,index,startSeconds,endSeconds,logit,probability,quality,usable',
    );
    expect(windows[4]).to.deep.equal(['a0001', '1', '1', '4', String(1 / 7), '0.371', '0.5', 'true']);
  });

  it('gives the same files after it was killed anywhere and begun again', async () => {
    const whole = freshFolder();
    await run(whole);
    const cut = fc.record({
      stopAfter: fc.integer({ min: 0, max: 29 }),
      tornBytes: fc.integer({ min: 0, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(
        cut,
        fc.constantFrom('predictions.csv', 'windows.csv'),
        async ({ stopAfter, tornBytes }, torn) => {
          const out = freshFolder();
          let screened = 0;
          const killed = run(out, {
            screen: (path) =>
              ++screened > stopAfter
                ? Promise.reject(new ModelError('killed'))
                : Promise.resolve(madeUpResult(recordOf(path))),
          });
          expect(await errorOf(killed)).to.be.instanceOf(ModelError);
          if (torn === 'windows.csv') {
            // Windows without their prediction, the last one torn.
            await appendFile(join(out, torn), 'a0029,0,0,3,1,0.5,0.5,true\na0029,1,1,4');
          } else {
            const { length } = await text(out, torn);
            await truncate(join(out, torn), Math.max(0, length - tornBytes));
          }
          const screenedAgain: string[] = [];
          const { files } = await run(out, {
            screen: (path) => {
              screenedAgain.push(recordOf(path));
              return Promise.resolve(madeUpResult(recordOf(path)));
            },
          });
          expect(files.screened.size).to.equal(set.length);
          expect(await text(out, 'predictions.csv')).to.equal(await text(whole, 'predictions.csv'));
          const sorted = async (from: string) => (await text(from, 'windows.csv')).split('\n').sort();
          expect(await sorted(out)).to.deep.equal(await sorted(whole));
          if (torn === 'windows.csv')
            expect(screenedAgain).to.deep.equal(set.slice(stopAfter).map(({ record }) => record));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives a spreadsheet no formula to run, and goes on with such names', async () => {
    const out = freshFolder();
    const odd = [{ ...set[0], record: '=cmd|calc', database: '@x', group: '+1' }];
    const screen = () => Promise.resolve(madeUpResult('a0000'));
    const paths = new Map([[odd[0].record, 'x.wav']]);
    for (const round of [1, 2]) {
      const files = await PredictionFiles.open(out, { model: 'x' });
      let screened = 0;
      await screenSet({ recordings: odd, paths, files, screen: () => (screened++, screen()) });
      await files.finish(odd);
      expect(screened).to.equal(round === 1 ? 1 : 0);
      const [, row] = parseCsv(await text(out, 'predictions.csv')).map(({ cells }) => cells);
      expect(row[0]).to.equal("'=cmd|calc");
      expect(row.slice(-4, -2)).to.deep.equal(["'@x", "'+1"]);
      const windows = parseCsv(await text(out, 'windows.csv')).slice(1);
      expect(windows.map(({ cells }) => cells[0])).to.deep.equal(["'=cmd|calc", "'=cmd|calc"]);
    }
  });

  it('takes labels from the table of today', async () => {
    const out = freshFolder();
    await run(out);
    const files = await PredictionFiles.open(out, identity);
    await files.finish([{ ...set[1], label: 'abnormal', group: null }]);
    expect((await text(out, 'predictions.csv')).split('\n')[1]).to.match(/^a0001,abnormal,normal,.*,b,,1,1$/);
  });

  it('reports a recording that cannot be read, does the others, and tries it anew the next time', async () => {
    const out = freshFolder();
    const told: string[] = [];
    const { failures } = await run(out, {
      screen: (path) =>
        recordOf(path) === 'a0003'
          ? Promise.reject(new RecordingError('cut off'))
          : Promise.resolve(madeUpResult(recordOf(path))),
      onFailure: ({ record }) => told.push(record),
    });
    expect(failures.map(({ record, error }) => [record, error.message])).to.deep.equal([
      ['a0003', 'cut off'],
    ]);
    expect(told).to.deep.equal(['a0003']);
    const again = await run(out);
    expect(again.failures).to.deep.equal([]);
    expect(again.files.screened.has('a0003')).to.equal(true);
  });

  it('ends when the model fails, with nothing left unhandled', async () => {
    const error = await errorOf(
      run(freshFolder(), { concurrency: 5, screen: () => Promise.reject(new ModelError('unusable')) }),
    );
    expect(error).to.be.instanceOf(ModelError);
  });

  it('tells how far it is, how fast, and how long it will take', async () => {
    const out = freshFolder();
    const progress: ScreenSetProgress[] = [];
    await run(out, { onProgress: (state) => progress.push(state) });
    expect(progress.map(({ done }) => done)).to.deep.equal(Array.from({ length: 31 }, (_, i) => i));
    expect(progress[0]).to.include({ recordingsPerSecond: null, secondsLeft: null, total: 30, takenOver: 0 });
    expect(progress[10].secondsLeft).to.be.closeTo(20 / progress[10].recordingsPerSecond!, 1e-9);
    expect(progress.at(-1)!.secondsLeft).to.equal(0);
    const later: ScreenSetProgress[] = [];
    await run(out, { onProgress: (state) => later.push(state) });
    expect(later).to.have.lengthOf(1);
    expect(later[0]).to.include({ done: 30, takenOver: 30 });
  });

  it('refuses a folder with the results of another model or version', async () => {
    const out = freshFolder();
    await run(out);
    const error = await errorOf(PredictionFiles.open(out, { ...identity, modelSha256: 'bbbb' }));
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(error.message).to.match(/modelSha256 "aaaa", now "bbbb".*--out/);
    expect((await text(out, 'predictions.csv')).split('\n')).to.have.lengthOf(32);
  });

  it('refuses predictions of which nobody knows the model, and tables of another kind', async () => {
    const unknown = freshFolder();
    await run(unknown);
    await rm(join(unknown, 'evaluation.json'));
    expect((await errorOf(PredictionFiles.open(unknown, identity))).message).to.match(/no evaluation\.json/);

    const foreign = freshFolder();
    await run(foreign);
    await writeFile(join(foreign, 'predictions.csv'), 'record,score\na,1\n');
    expect((await errorOf(PredictionFiles.open(foreign, identity))).message).to.match(
      /must have the columns record,/,
    );
  });

  it('refuses a folder that cannot be made', async () => {
    const error = await errorOf(PredictionFiles.open('package.json/out', identity));
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(error.message).to.match(/results cannot be written to package\.json\/out.*--out/);
  });

  it('refuses to screen no file at a time', async () => {
    expect(await errorOf(run(freshFolder(), { concurrency: 0 }))).to.be.instanceOf(ConfigurationError);
  });
});
