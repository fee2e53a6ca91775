import { expect } from 'chai';
import { DiskWorker } from '../../src/record/disk-worker.js';
import type { SessionWriter, WriteBatch } from '../../src/record/session-writer.js';
import { WriteQueue } from '../../src/record/write-queue.js';
import { until } from '../support/until.js';

describe('DiskWorker', () => {
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
