import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ModelError } from '../../src/errors.js';
import { FileScreeningPool } from '../../src/screen/file-screening-pool.js';
import type { ScreenedFile } from '../../src/screen/file-screening.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';
import { tinyModel } from '../support/model-contract.js';
import { inFolder } from '../support/sessions.js';

const script = new URL('../support/trapping-worker.js', import.meta.url);

/** Of a file that gives one event, the same in both forms. */
async function onlyEvent(screened: Promise<ScreenedFile>) {
  const { lines, events } = await screened;
  expect(events).to.have.length(1);
  expect(lines).to.equal(`${JSON.stringify(events[0])}\n`);
  return events[0];
}

describe('FileScreeningPool', () => {
  const withPool = (use: (pool: FileScreeningPool, starts: () => Promise<number>) => Promise<void>) =>
    inFolder(async (folder) => {
      const path = join(folder, 'starts');
      await writeFile(path, '');
      const start = {
        model: { ...tinyModel(), contractPath: path },
        signalQuality: readSignalQualityModel(),
        stethoscope: null,
        used: null,
        runtime: 'auto' as const,
      };
      const pool = await FileScreeningPool.open(Promise.resolve(start), 1, script);
      try {
        await use(pool, async () => (await readFile(path, 'utf8')).length / 2);
      } finally {
        await pool.close();
      }
    });
  /** The thread that answered. */
  const threadOf = async (pool: FileScreeningPool, path: string) => {
    const event = await onlyEvent(pool.screen(path));
    expect(event).to.include({ kind: 'notice', file: path });
    return (event as { message: string }).message;
  };

  it('answers every file in the same thread, one that cannot be read included', () =>
    withPool(async (pool, starts) => {
      const thread = await threadOf(pool, 'a');
      expect(await onlyEvent(pool.screen('unreadable'))).to.include({
        kind: 'error',
        code: 'LUBDUB_RECORDING',
      });
      expect(await threadOf(pool, 'b')).to.equal(thread);
      expect(await starts()).to.equal(1);
    }));

  for (const path of ['trap', 'runtime']) {
    it(`ends a thread whose runtime is spoilt, and tries its file again in another: ${path}`, () =>
      withPool(async (pool, starts) => {
        const first = await threadOf(pool, 'a');
        const second = await threadOf(pool, path);
        expect(second).to.not.equal(first);
        expect(await threadOf(pool, 'b')).to.equal(second);
        expect(await starts()).to.equal(2);
      }));
  }

  it('gives a file up that ends two threads, and goes on with the next', () =>
    withPool(async (pool, starts) => {
      const event = await onlyEvent(pool.screen('trap always'));
      expect(event).to.deep.include({ kind: 'error', code: 'LUBDUB_RUNTIME' });
      await threadOf(pool, 'b');
      expect(await starts()).to.equal(3);
    }));

  it('gives up where one thread after the other dies, whoever waits, and says why', () =>
    withPool(async (pool, starts) => {
      const files = Array.from({ length: 40 }, () => 'trap always');
      const answers = await Promise.all(files.map((file) => onlyEvent(pool.screen(file))));
      for (const event of answers) expect(event).to.include({ kind: 'error', code: 'LUBDUB_RUNTIME' });
      expect(answers.at(-1))
        .to.have.property('message')
        .that.matches(/the screening thread died 6 times in a row.*memory access out of bounds/);
      // One for each death but the last, and the first.
      expect(await starts()).to.equal(6);
      expect(await onlyEvent(pool.screen('a'))).to.include({ kind: 'error', code: 'LUBDUB_RUNTIME' });
    }));

  it('is not had without what it is started with, and says why', async () => {
    const start = Promise.reject<never>(new ModelError('the model cannot be read'));
    const pool = new FileScreeningPool(start, 2, script);
    const error = await pool.ready.catch((cause: unknown) => cause as Error);
    expect(error)
      .to.be.instanceOf(ModelError)
      .with.property('message')
      .that.matches(/the model cannot be read/);
    expect(await onlyEvent(pool.screen('a'))).to.include({ kind: 'error', code: 'LUBDUB_RUNTIME' });
    await pool.close();
  });

  it('is closed at once, though it never became ready', async () => {
    const pool = new FileScreeningPool(new Promise(() => undefined), 1, script);
    await pool.close();
    expect(await pool.ready.catch((cause: unknown) => cause)).to.be.instanceOf(ModelError);
  });
});
