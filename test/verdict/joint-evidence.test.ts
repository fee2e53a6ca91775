import { expect } from 'chai';
import fc from 'fast-check';
import { toEvidence } from '../../src/verdict/evidence.js';
import { joinEvidence, type JoinedRecording } from '../../src/verdict/joint-evidence.js';
import { RecordingVerdict } from '../../src/verdict/recording-verdict.js';
import { classifiedWindow } from '../support/classified-window.js';

const rules = { minimumUsableSeconds: 5, minimumQuality: 0.35, uncertain: { from: 0.45, to: 0.55 } };

function joined(change: Partial<JoinedRecording> = {}): JoinedRecording {
  return {
    probability: 0.2,
    reasons: [],
    durationSeconds: 10,
    usableSeconds: 8,
    quality: 0.9,
    model: { sha256: 'a' },
    ...change,
  };
}
/** In sixty-fourths, whose sums are exact in any order: what is at a limit is so for all of them. */
const figure = (most: number) => fc.integer({ min: 0, max: 64 * most }).map((n) => n / 64);
const arbitrary = fc.record({
  probability: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1, noNaN: true })),
  reasons: fc.constantFrom([], ['noisy'] as const, ['too-short', 'silent'] as const),
  durationSeconds: figure(60),
  usableSeconds: figure(60),
  quality: fc.oneof(fc.constant(null), figure(1)),
  model: fc.constant({ sha256: 'a' }),
});

describe('joinEvidence', () => {
  it('says of one recording what its own verdict says', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { maxLength: 20 }), (logits) => {
        const verdict = new RecordingVerdict({
          rules: { ...rules, aggregation: 'quality-weighted-mean-logit', abnormalAtLeast: 0.5 },
          calibration: { type: 'platt', scale: 1.1, offset: -0.2 },
        });
        const quality = { sqi: 0.8, usable: true, reasons: [] };
        logits.forEach((logit, index) => verdict.push(classifiedWindow(index, logit, { quality })));
        const { probability, usableSeconds, verdict: word, reasons } = verdict.final();
        const durationSeconds = logits.length === 0 ? 0 : logits.length + 2;
        const joint = joinEvidence(
          [joined({ probability, usableSeconds, quality: verdict.quality, durationSeconds, reasons })],
          rules,
        );
        expect(joint).to.deep.include({ verdict: word, reasons, usableSeconds });
        if (probability === null) expect(joint.probability).to.equal(null);
        else expect(joint.probability).to.be.closeTo(probability, 1e-9);
      }),
    );
  });

  it('weighs evidence by usable seconds, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 8 }), (recordings) => {
        const joint = joinEvidence(recordings, rules);
        const back = joinEvidence([...recordings].reverse(), rules);
        expect(back.verdict).to.equal(joint.verdict);
        expect(joint.recordings).to.equal(recordings.length);
        if (joint.probability === null) return;
        expect(back.probability).to.be.closeTo(joint.probability, 1e-9);
        const scored = recordings.filter(
          ({ probability, usableSeconds }) => probability !== null && usableSeconds > 0,
        );
        const shares = scored.map(({ probability }) => probability!);
        expect(joint.probability).to.be.within(Math.min(...shares) - 1e-9, Math.max(...shares) + 1e-9);
      }),
    );
    const joint = joinEvidence(
      [joined({ probability: 0.2, usableSeconds: 30 }), joined({ probability: 0.9, usableSeconds: 10 })],
      rules,
    );
    expect(toEvidence(joint.probability!)).to.be.closeTo(
      (30 * toEvidence(0.2) + 10 * toEvidence(0.9)) / 40,
      1e-12,
    );
    expect(joint).to.deep.include({ verdict: 'normal', usableSeconds: 40, recordings: 2 });
  });

  it('calls no healthy person abnormal for one weak site among four', () => {
    const sites = [0.2, 0.25, 0.3, 0.7].map((probability) => joined({ probability }));
    expect(joinEvidence(sites, rules).verdict).to.equal('normal');
  });

  it('adds up what is too short by itself, and never gives a class for too little', () => {
    const short = joined({ usableSeconds: 3, durationSeconds: 3.5, reasons: ['too-short'] });
    expect(joinEvidence([short], rules)).to.deep.include({ verdict: 'inconclusive', reasons: ['too-short'] });
    expect(joinEvidence([short, short], rules)).to.deep.include({ verdict: 'normal', reasons: [] });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 8 }), (recordings) => {
        const { verdict, usableSeconds, reasons } = joinEvidence(recordings, rules);
        if (usableSeconds < rules.minimumUsableSeconds) expect(verdict).to.equal('inconclusive');
        expect(reasons.length === 0).to.equal(verdict !== 'inconclusive');
      }),
    );
  });

  it('names what spoilt most of the recordings', () => {
    const noisy = joined({ usableSeconds: 0, quality: 0.1, reasons: ['too-little-usable-signal', 'noisy'] });
    const silent = joined({ usableSeconds: 1, quality: 0, reasons: ['too-little-usable-signal', 'silent'] });
    expect(joinEvidence([noisy, noisy, silent], rules).reasons).to.deep.equal([
      'too-little-usable-signal',
      'noisy',
    ]);
  });

  it('gives no class to a person whose recordings are poor on the whole', () => {
    const poor = joined({ quality: 0.2, usableSeconds: 6 });
    expect(joinEvidence([poor, poor], rules).verdict).to.equal('inconclusive');
  });

  it('does not join the evidence of different models', () => {
    const other = joined({ model: { sha256: 'b' } });
    expect(joinEvidence([joined(), other], rules)).to.deep.include({
      verdict: 'inconclusive',
      reasons: ['models-differ'],
      probability: null,
    });
  });

  it('stays finite for probabilities that were rounded to 0 or 1', () => {
    const sure = [joined({ probability: 1 }), joined({ probability: 0 })];
    expect(joinEvidence(sure, rules).probability).to.be.closeTo(0.5, 1e-5);
  });

  it('has nothing to say of nothing', () => {
    expect(joinEvidence([], rules)).to.deep.equal({
      verdict: 'inconclusive',
      probability: null,
      reasons: ['too-short'],
      recordings: 0,
      usableSeconds: 0,
    });
  });
});
