import { expect } from 'chai';
import fc from 'fast-check';
import { RecordingVerdict } from '../../src/verdict/recording-verdict.js';
import { validContract } from '../support/model-contract.js';
import type { QualityReason } from '../../src/window/window.js';
import { classifiedWindow as window } from '../support/classified-window.js';

const { verdict: rules } = validContract();
const make = (hysteresis?: number) =>
  new RecordingVerdict({
    rules,
    calibration: { type: 'platt', scale: 1, offset: 0 },
    ...(hysteresis === undefined ? {} : { hysteresis }),
  });

const bad = (index: number, reason: QualityReason, logit: number | null = 9) =>
  window(index, logit, { quality: { sqi: 0.1, usable: false, reasons: [reason] } });

describe('RecordingVerdict', () => {
  it('listens until enough usable seconds, then decides', () => {
    const verdict = make();
    const words = [0, 1, 2, 3].map((i) => verdict.push(window(i, -2)).verdict);
    // Windows of 3 s every second cover 3, 4, 5 and 6 s; 5 s are asked for.
    expect(words).to.deep.equal(['listening', 'listening', 'normal', 'normal']);
  });

  it('counts seconds that windows share only once', () => {
    const verdict = make();
    for (let i = 0; i < 8; i++) verdict.push(window(i, 1));
    expect(verdict.final().usableSeconds).to.equal(10);
    verdict.push(window(100, 1));
    expect(verdict.final().usableSeconds).to.equal(13);
  });

  it('says normal, abnormal or inconclusive by the contract’s limits', () => {
    const word = (logit: number) => {
      const verdict = make();
      for (let i = 0; i < 5; i++) verdict.push(window(i, logit));
      return verdict.final();
    };
    expect(word(-1).verdict).to.equal('normal');
    expect(word(1).verdict).to.equal('abnormal');
    expect(word(0)).to.deep.include({
      verdict: 'inconclusive',
      reasons: ['evidence-uncertain'],
      probability: 0.5,
    });
    // 0.6 is the first probability that is abnormal, 0.4 the first that is not normal.
    const logit = (p: number) => Math.log(p / (1 - p));
    expect(word(logit(0.6) + 1e-9).verdict).to.equal('abnormal');
    expect(word(logit(0.6) - 1e-9).verdict).to.equal('inconclusive');
    expect(word(logit(0.4) - 1e-9).verdict).to.equal('normal');
  });

  it('never gives a class to a poor signal, however sure the model is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: -50, max: 50, noNaN: true }), fc.constantFrom('silent', 'noisy')),
          {
            maxLength: 40,
          },
        ),
        (windows) => {
          const verdict = make();
          windows.forEach(([logit, reason], i) => verdict.push(bad(i, reason, logit)));
          const final = verdict.final();
          expect(final.verdict).to.equal('inconclusive');
          expect(final.reasons.length).to.be.above(0);
          expect(final.probability === null).to.equal(windows.length === 0);
        },
      ),
    );
  });

  it('names what spoilt the signal', () => {
    const verdict = make();
    for (let i = 0; i < 10; i++) verdict.push(bad(i, i < 8 ? 'noisy' : 'clipped'));
    expect(verdict.final().reasons).to.deep.equal(['too-little-usable-signal', 'noisy']);
    expect(make().final()).to.deep.include({ reasons: ['too-short'], probability: null });
  });

  it('weights windows by their quality and leaves unusable ones out', () => {
    const verdict = make();
    const heard = (i: number, logit: number, sqi: number) =>
      verdict.push(window(i, logit, { quality: { sqi, usable: true, reasons: [] } }));
    heard(0, 2, 0.75);
    heard(1, -2, 0.25);
    heard(2, 2, 0.75);
    heard(3, -2, 0.25);
    verdict.push(bad(4, 'noisy', -1000));
    const expected = 1 / (1 + Math.exp(-1));
    expect(verdict.final().probability).to.be.closeTo(expected, 1e-12);
  });

  it('takes for no heart what is unlike one by more the less of it was heard, and counts none of it', () => {
    const refused = (likeness: number, count: number) => {
      const verdict = make();
      for (let i = 0; i < count; i++)
        verdict.push(window(i, 3, { quality: { sqi: 0.9, usable: true, reasons: [], likeness } }));
      return verdict.final().reasons.includes('not-a-heart');
    };
    const least = (likeness: number) => [3, 4, 5, 8, 20, 80].find((count) => refused(likeness, count));
    expect([-2, -1.1, -0.6, -0.25, -0.1, -0.04, 0, 1].map(least)).to.deep.equal([
      3,
      4,
      8,
      20,
      80,
      undefined,
      undefined,
      undefined,
    ]);
    const verdict = make();
    for (let i = 0; i < 8; i++)
      verdict.push(window(i, 3, { quality: { sqi: 0.9, usable: true, reasons: [], likeness: -1 } }));
    expect(verdict.final()).to.deep.include({ verdict: 'inconclusive', usableSeconds: 0 });
  });

  it('does not flicker while the evidence moves about a limit, and does follow it beyond', () => {
    const rolling = (hysteresis: number) => {
      const verdict = make(hysteresis);
      const words: string[] = [];
      // Mean evidence wanders 0.1 around the upper limit.
      const limit = Math.log(0.6 / 0.4);
      let sum = 0;
      for (let i = 0; i < 60; i++) {
        const mean = limit + (i % 2 === 0 ? 0.1 : -0.1);
        const logit = mean * (i + 1) - sum;
        sum += logit;
        words.push(verdict.push(window(i, logit)).verdict);
      }
      return words.filter((word, i) => i > 0 && word !== words[i - 1]).length;
    };
    expect(rolling(0)).to.be.above(20);
    expect(rolling(0.25)).to.equal(1);

    const verdict = make();
    for (let i = 0; i < 5; i++) verdict.push(window(i, 3));
    let last = '';
    for (let i = 5; i < 60; i++) last = verdict.push(window(i, -3)).verdict;
    expect(last).to.equal('normal');
  });

  it('lets a limit be passed by a quarter of a logit before the shown verdict changes, unless told otherwise', () => {
    const upper = Math.log(0.6 / 0.4);
    for (const [side, standing] of [
      [-1, 'abnormal'],
      [1, 'inconclusive'],
    ] as const) {
      const verdict = make();
      let count = 0;
      let sum = 0;
      /** Pushes a window that brings the mean evidence to `evidence`. */
      const bringTo = (evidence: number) => {
        const logit = evidence * (count + 1) - sum;
        sum += logit;
        return verdict.push(window(count++, logit)).verdict;
      };
      for (let i = 0; i < 5; i++) bringTo(upper - 0.1 * side);
      expect(bringTo(upper + 0.24 * side)).to.equal(standing);
      expect(verdict.final().verdict).to.not.equal(standing);
      expect(bringTo(upper + 0.26 * side)).to.not.equal(standing);
    }
  });

  it('gives a final verdict that depends on the windows alone, not on what was shown before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 30 }),
        (logits) => {
          const shown = make(0.25);
          const silent = make(0);
          logits.forEach((logit, i) => [shown, silent].forEach((verdict) => verdict.push(window(i, logit))));
          expect(shown.final()).to.deep.equal(silent.final());
        },
      ),
    );
  });

  it('stops listening and says why when nothing usable comes', () => {
    const verdict = make();
    const words: string[] = [];
    for (let i = 0; i < 20; i++) words.push(verdict.push(bad(i, 'silent')).verdict);
    expect(words[0]).to.equal('listening');
    expect(words[19]).to.equal('inconclusive');
  });

  it('keeps dropped windows out and counts them', () => {
    const verdict = make();
    for (let i = 0; i < 10; i++) verdict.push(window(i, null, { dropped: 'overload' }));
    expect(verdict.droppedWindows).to.equal(10);
    expect(verdict.final()).to.deep.include({ verdict: 'inconclusive', probability: null, usableSeconds: 0 });
    expect(verdict.final().reasons).to.include('windows-not-scored');
  });

  it('gives no class to a recording of poor quality on the whole, though parts of it are usable', () => {
    const verdict = make();
    for (let i = 0; i < 8; i++) verdict.push(window(i, 3));
    for (let i = 8; i < 40; i++) verdict.push(bad(i, 'noisy'));
    expect(verdict.final().usableSeconds).to.equal(10);
    expect(verdict.quality).to.be.below(rules.minimumQuality);
    expect(verdict.final()).to.deep.include({
      verdict: 'inconclusive',
      reasons: ['too-little-usable-signal', 'noisy'],
    });
  });

  it('gives the heart rate that most windows heard, and null when they disagree', () => {
    const withRate = (index: number, bpm: number | null) =>
      window(index, 0, { heartRate: bpm === null ? null : { bpm, confidence: 0.9 } });
    const verdict = make();
    [60, 62, 61, 130, null].forEach((bpm, i) => verdict.push(withRate(i, bpm)));
    expect(verdict.heartRateBpm).to.be.within(60, 62);
    [90, 110, 140, 180].forEach((bpm, i) => verdict.push(withRate(i + 5, bpm)));
    expect(verdict.heartRateBpm).to.equal(null);
  });
});
