import { expect } from 'chai';
import fc from 'fast-check';
import type { Sampled } from '../../src/decode/samples.js';
import { lengthOf, LossWatch } from '../../src/device/loss-watch.js';

const RATE_HZ = 1000;
const PERIOD_MS = 50;

const chunk = (length: number): Sampled => ({
  kind: 'samples',
  firstSample: 0,
  samples: new Float64Array(length),
});
const samplesIn = (values: readonly Sampled[]): number =>
  values.reduce((sum, value) => sum + (value.kind === 'samples' ? value.samples.length : 0), 0);
const gapsIn = (values: readonly Sampled[]) => values.filter((value) => value.kind === 'gap');

describe('LossWatch', () => {
  /** A source that runs from 0 ms to `untilMs`, except that nothing arrives in `stall`; what it lost never comes. */
  function run(untilMs: number, stall: readonly [number, number] | undefined, lostMs: number): Sampled[] {
    const watch = new LossWatch(RATE_HZ);
    const out: Sampled[] = [];
    let waiting = 0;
    for (let atMs = PERIOD_MS; atMs <= untilMs; atMs += PERIOD_MS) {
      waiting += PERIOD_MS;
      if (stall !== undefined && atMs > stall[0] && atMs < stall[1]) continue;
      const isAfter = stall !== undefined && atMs >= stall[1] && waiting > PERIOD_MS;
      out.push(...watch.push([chunk(isAfter ? waiting - lostMs : waiting)], atMs));
      waiting = 0;
    }
    return [...out, ...watch.finish(untilMs)];
  }

  it('hands everything on as it comes where it comes in time', () => {
    const out = run(10_000, undefined, 0);
    expect(gapsIn(out)).to.deep.equal([]);
    expect(samplesIn(out)).to.equal(10_000);
  });

  it('loses nothing where a busy machine was late and all came after', () => {
    const out = run(10_000, [4000, 4900], 0);
    expect(gapsIn(out)).to.deep.equal([]);
    expect(samplesIn(out)).to.equal(10_000);
  });

  it('makes what never came a gap, with what came in one burst beside it: every sample is accounted for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 18 }),
        fc.integer({ min: 250, max: 900 }),
        (stallPeriods, lostMs) => {
          const stallMs = stallPeriods * PERIOD_MS;
          const lost = Math.min(lostMs, stallMs);
          fc.pre(lost >= 250);
          const out = run(10_000, [4000, 4000 + stallMs], lost);
          const gaps = gapsIn(out);
          expect(gaps).to.have.length(1);
          expect(samplesIn(out) + lengthOf(gaps[0])).to.be.within(10_000 - 25, 10_000 + 25);
          expect(lengthOf(gaps[0])).to.be.at.least(lost);
          // The burst, in which the loss lies somewhere, is not handed on.
          expect(samplesIn(out.slice(0, out.indexOf(gaps[0])))).to.equal(4000);
        },
      ),
    );
  });

  it('does not take a clock that drifts by 2 % for losses', () => {
    const watch = new LossWatch(RATE_HZ);
    const out: Sampled[] = [];
    for (let i = 1; i <= 1200; i++) out.push(...watch.push([chunk(49)], i * PERIOD_MS));
    expect(gapsIn(out)).to.deep.equal([]);
  });

  it('breaks continuity where more comes than the clock can account for', () => {
    const watch = new LossWatch(RATE_HZ);
    for (let i = 1; i <= 100; i++) watch.push([chunk(50)], i * PERIOD_MS);
    const out = watch.push([chunk(3000)], 101 * PERIOD_MS);
    expect(out[0]).to.deep.include({ kind: 'gap', lostSamples: 0, cause: 'restart' });
    expect(samplesIn(out)).to.equal(3000);
  });

  it('believes a source that reports a loss which the clock alone would not show', () => {
    const watch = new LossWatch(RATE_HZ);
    const out: Sampled[] = [];
    for (let i = 1; i <= 200; i++) {
      if (i === 100) watch.report(30);
      out.push(...watch.push([chunk(i === 100 ? 20 : 50)], i * PERIOD_MS));
    }
    const gaps = gapsIn(out);
    expect(gaps).to.have.length(1);
    expect(lengthOf(gaps[0])).to.be.within(30, 150);
  });

  it('loses what was held back where the source is gone before it was in time', () => {
    const watch = new LossWatch(RATE_HZ);
    for (let i = 1; i <= 20; i++) watch.push([chunk(50)], i * PERIOD_MS);
    expect(watch.push([chunk(50)], 1900)).to.deep.equal([]);
    const out = watch.finish(1900);
    expect(gapsIn(out)).to.have.length(1);
    expect(samplesIn(out)).to.equal(0);
  });
});
