import { expect } from 'chai';
import { DiskWorker } from '../../src/record/disk-worker.js';
import type { SessionWriter, WriteBatch } from '../../src/record/session-writer.js';
import { WriteQueue } from '../../src/record/write-queue.js';
import { until } from '../support/until.js';

describe('DiskWorker', () => {
  it('gathers what comes between two syncs into one write, but not what is much, nor the end', async () => {
    const queue = new WriteQueue(1_000_000);
    const written: WriteBatch[] = [];
    const writer = {
      write: (batch: WriteBatch) => Promise.resolve(void written.push(batch)),
      checkpoint: () => Promise.resolve(),
    };
    const worker = new DiskWorker(queue, 60_000, () => Promise.reject(new Error('no failure is expected')));
    worker.begin(writer as unknown as SessionWriter);
    const add = (bytes: number) => {
      queue.addSamples(new Uint8Array(bytes));
      worker.start();
    };
    const sizes = () => written.map(({ samples }) => samples.map(({ length }) => length));
    for (const bytes of [1, 2, 3]) {
      add(bytes);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await until(() => written.length > 0, 'the gathered batch');
    expect(sizes()).to.deep.equal([[1, 2, 3]]);
    add(4);
    add(100_000);
    expect(sizes()).to.deep.equal([
      [1, 2, 3],
      [4, 100_000],
    ]);
    await until(() => queue.bytes === 0, 'the large batch');
    add(5);
    await worker.drain();
    expect(sizes()).to.deep.equal([[1, 2, 3], [4, 100_000], [5]]);
  });

  it('writes what came while the last checkpoint was made, without waiting for more', async () => {
    const queue = new WriteQueue(1000);
    const written: WriteBatch[] = [];
    const checkpoints: (() => void)[] = [];
    const writer = {
      write: (batch: WriteBatch) => Promise.resolve(void written.push(batch)),
      checkpoint: () => new Promise<void>((resolve) => checkpoints.push(resolve)),
    };
    const worker = new DiskWorker(queue, 20, () => Promise.reject(new Error('no failure is expected')));
    worker.begin(writer as unknown as SessionWriter);
    const add = () => {
      queue.addEvent('{}\n');
      worker.start();
    };
    add();
    await until(() => checkpoints.length === 1, 'the first checkpoint');
    add();
    checkpoints[0]();
    await until(() => written.length === 2, 'the second batch');
    await until(() => checkpoints.length === 2, 'the second checkpoint');
    checkpoints[1]();
    await worker.drain();
    expect(queue.isEmpty).to.equal(true);
  });
});
