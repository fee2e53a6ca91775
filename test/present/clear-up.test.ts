import { expect } from 'chai';
import { ClearUp, collector } from '../../src/present/clear-up.js';

const afterwards = () => new Promise((resolve) => setImmediate(resolve));

describe('clearing up', () => {
  it('frees what nobody holds, old as it may be', async function () {
    this.timeout(60_000);
    const collect = collector();
    if (collect === null) throw new Error('this engine lets nobody ask for it');
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const held = Array.from({ length: 64 }, () => new Uint8Array(2 ** 20));
    collect();
    collect();
    expect(process.memoryUsage().arrayBuffers - before).to.be.above(60 * 2 ** 20);
    held.length = 0;
    collect();
    // Buffers are given back by a thread of the engine, whenever it gets to it.
    while (process.memoryUsage().arrayBuffers - before > 32 * 2 ** 20) {
      await afterwards();
      collect();
    }
  });

  it('comes every two minutes of signal, however it is cut, and after what is under way', async () => {
    for (const piece of [0.06, 1, 7]) {
      let times = 0;
      const clearUp = new ClearUp(() => times++);
      for (let seconds = 0; seconds < 1200; seconds += piece) {
        const before = times;
        clearUp.hear(piece);
        expect(times).to.equal(before);
      }
      await afterwards();
      expect(times).to.be.within(9, 10);
    }
  });

  it('is left out where the engine lets nobody ask for it', async () => {
    const clearUp = new ClearUp(null);
    expect(() => clearUp.hear(1e6)).to.not.throw();
    await afterwards();
  });
});
