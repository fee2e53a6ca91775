import { expect } from 'chai';
import fc from 'fast-check';
import { Rhythm } from '../../src/heart/rhythm.js';
import { repeated } from '../support/heard-beats.js';
import { noiseFrom } from '../window/synthetic-signals.js';

function estimateOf(intervals: readonly number[], loudestRest = 0, rhythm = new Rhythm()) {
  for (const seconds of intervals) rhythm.push({ seconds, loudestRest });
  return rhythm.estimate();
}

const scattered = (scatter: number, count = 30, seed = 5) => {
  const { normal } = noiseFrom(seed);
  return repeated(count, () => 0.8 * Math.exp(scatter * normal()));
};

describe('Rhythm', () => {
  it('tells beats without a pattern from even ones', () => {
    expect(estimateOf(scattered(0.22))).to.deep.include({ isIrregular: true });
    expect(estimateOf(scattered(0.22))!.confidence).to.be.above(0.8);
    expect(estimateOf(scattered(0.01))).to.deep.include({ isIrregular: false });
    expect(estimateOf(scattered(0.01))!.confidence).to.be.below(0.01);
  });

  it('calls nothing irregular that has a pattern: breathing, every second or third beat early, a few pauses', () => {
    const { normal } = noiseFrom(8);
    const jitter = () => 1 + 0.01 * normal();
    const breathing = repeated(30, (i) => 0.8 * (1 + 0.15 * Math.sin((2 * Math.PI * i) / 5)) * jitter());
    const bigeminy = repeated(30, (i) => (i % 2 === 0 ? 0.5 : 1.1) * jitter());
    const trigeminy = repeated(30, (i) => [0.8, 0.5, 1.1][i % 3] * jitter());
    const pauses = repeated(30, (i) => (i % 9 === 4 ? 2 : 0.8) * jitter());
    for (const intervals of [breathing, bigeminy, trigeminy, pauses]) {
      expect(estimateOf(intervals)).to.deep.include({ isIrregular: false });
    }
  });

  it('is the sample entropy of its definition, by pairs that begin alike and go on alike', () => {
    // Ten times 0.8, 0.8, 1.2: of 29 pairs those that begin at 0.8 go on at 0.8 or 1.2, the others at 0.8.
    const pairs = repeated(29, (i) => [[0.8, 0.8, 1.2][i % 3], [0.8, 0.8, 1.2][(i + 1) % 3]]);
    let begin = 0;
    let goOn = 0;
    pairs.forEach((a, i) =>
      pairs.slice(0, i).forEach((b) => {
        begin += Number(a[0] === b[0]);
        goOn += Number(a[0] === b[0] && a[1] === b[1]);
      }),
    );
    const expected = -Math.log((goOn + 0.5) / (begin + 1));
    expect(estimateOf(repeated(30, (i) => [0.8, 0.8, 1.2][i % 3]))!.irregularity).to.be.closeTo(
      expected,
      1e-12,
    );
  });

  it('says nothing before twenty intervals, nor of a heart that is too fast for its sounds to be found', () => {
    expect(estimateOf(scattered(0.3, 19))).to.equal(null);
    expect(estimateOf(scattered(0.3, 20))).to.include({ intervals: 20 });
    expect(estimateOf(scattered(0.3).map((seconds) => 0.5 * seconds))).to.equal(null);
  });

  it('leaves out long intervals that may hide a beat', () => {
    const missed = repeated(30, (i) => (i % 4 === 3 ? 1.6 + 0.1 * (i % 3) : 0.8));
    const rhythm = new Rhythm();
    for (const seconds of missed) rhythm.push({ seconds, loudestRest: seconds > 1 ? 1 : 0 });
    expect(rhythm.estimate()).to.equal(null);
  });

  it('compares no intervals across the end of a stretch', () => {
    const rhythm = new Rhythm();
    repeated(12, () => rhythm.push({ seconds: 0.8, loudestRest: 0 }));
    rhythm.endStretch();
    repeated(12, () => rhythm.push({ seconds: 1.1, loudestRest: 0 }));
    // With the change between them there would be one pair more that begins alike and goes on otherwise.
    expect(rhythm.estimate()!.irregularity).to.be.closeTo(-Math.log(110.5 / 111), 1e-12);
  });

  it('does not depend on how fast time goes, and is the same after a reset', () => {
    const intervals = fc.array(fc.double({ min: 0.6, max: 1.6, noNaN: true }), {
      minLength: 25,
      maxLength: 60,
    });
    const rhythm = new Rhythm();
    fc.assert(
      fc.property(intervals, fc.constantFrom(1, 2, 4), (lengths, scale) => {
        rhythm.reset();
        const scaled = lengths.map((seconds) => scale * seconds);
        expect(estimateOf(scaled, 0, rhythm)).to.deep.equal(estimateOf(lengths));
      }),
    );
  });
});
