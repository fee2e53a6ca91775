import { expect } from 'chai';
import { SeededRandom } from '../../src/simulate/seeded-random.js';

describe('SeededRandom', () => {
  it('gives the same numbers for the same keys, and others for others', () => {
    const numbers = (...keys: number[]): number[] => {
      const random = new SeededRandom(...keys);
      return Array.from({ length: 8 }, () => random.integer());
    };
    expect(numbers(7, 1)).to.deep.equal(numbers(7, 1));
    const different = [numbers(7, 1), numbers(7, 2), numbers(1, 7), numbers(8, 1), numbers(7)];
    expect(new Set(different.map(String)).size).to.equal(5);
  });

  it('is spread evenly, also over the first number of neighbouring keys', () => {
    const bins = new Array<number>(16).fill(0);
    for (let key = 0; key < 16_000; key++) bins[Math.floor(new SeededRandom(3, key).fraction() * 16)] += 1;
    // Chi-squared with 15 degrees of freedom: 37.7 is exceeded once in a thousand times.
    const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).to.be.below(37.7);
  });

  it('agrees with mulberry32 as published', () => {
    // The published function, as a twin that shares nothing with ours but the seed.
    const twin = (seed: number) => () => {
      let t = (seed += 0x6d2b79f5);
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const ours = new SeededRandom();
    const theirs = twin(0x9e3779b9);
    for (let round = 0; round < 1000; round++) expect(ours.fraction()).to.equal(theirs());
  });

  it('stays below its limit', () => {
    const random = new SeededRandom(1);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(5)));
    expect([...seen].sort()).to.deep.equal([0, 1, 2, 3, 4]);
  });
});
