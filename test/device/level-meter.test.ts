import { expect } from 'chai';
import fc from 'fast-check';
import { LevelMeter } from '../../src/device/level-meter.js';

const RATE_HZ = 1000;
const tone = (amplitude: number, seconds = 1, offset = 0): Float64Array =>
  Float64Array.from(
    { length: RATE_HZ * seconds },
    (_, i) => offset + amplitude * Math.sin((2 * Math.PI * 50 * i) / RATE_HZ + 0.1),
  );

describe('LevelMeter', () => {
  it('gives peak and power of a second as theory has them, an offset aside', () => {
    const [level] = new LevelMeter(RATE_HZ, 16).push(tone(0.5, 1, 0.1));
    expect(level.rmsDbfs).to.be.closeTo(20 * Math.log10(0.5 / Math.SQRT2), 1e-9);
    expect(level.peakDbfs).to.be.closeTo(20 * Math.log10(0.6), 0.1);
    expect(level).to.deep.include({ clippedSamples: 0, advice: 'good' });
  });

  it('has no figure for silence', () => {
    const [level] = new LevelMeter(RATE_HZ, 16).push(new Float64Array(RATE_HZ));
    expect(level).to.deep.include({ peakDbfs: null, rmsDbfs: null });
  });

  it('says that a signal is cut off at full scale', () => {
    const clipped = tone(1.3).map((sample) => Math.max(-1, Math.min(1 - 2 ** -15, sample)));
    const [level] = new LevelMeter(RATE_HZ, 16).push(clipped);
    expect(level.advice).to.equal('clipping');
    expect(level.clippedSamples).to.be.above(300);
  });

  it('says that a signal is too quiet after three quiet seconds, and for finer converters later', () => {
    const advice = (amplitude: number, bits: number) =>
      new LevelMeter(RATE_HZ, bits).push(tone(amplitude, 4)).map((level) => level.advice);
    expect(advice(100 / 32768, 16)).to.deep.equal(['good', 'good', 'quiet', 'quiet']);
    expect(advice(100 / 32768, 24)).to.deep.equal(['good', 'good', 'good', 'good']);
    expect(advice(20 / 32768, 24)).to.deep.equal(['good', 'good', 'quiet', 'quiet']);
  });

  it('gives the same in whatever pieces', () => {
    const samples = tone(0.3, 3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 })), (lengths) => {
        const meter = new LevelMeter(RATE_HZ, 16);
        const levels = [];
        let at = 0;
        for (const length of [...lengths, samples.length]) {
          levels.push(...meter.push(samples.subarray(at, at + length)));
          at += length;
        }
        expect(levels).to.deep.equal(new LevelMeter(RATE_HZ, 16).push(samples));
      }),
    );
  });
});
