import { expect } from 'chai';
import fc from 'fast-check';
import { fitProfile, type HealthyRecording } from '../../src/calibrate/fit-profile.js';
import { ConfigurationError } from '../../src/errors.js';
import { validContract } from '../support/model-contract.js';

const contract = validContract();
const fit = (recordings: readonly HealthyRecording[]) =>
  fitProfile(recordings, { name: 'ward-3', contract, device: null, createdAt: new Date(0) });
const heard = (person: string, evidence: number | null, noiseFloorDb: number | null = -50) => ({
  person,
  evidence,
  usableSeconds: 20,
  noiseFloorDb,
});
/** One person each. */
const people = (evidence: readonly number[]) => evidence.map((value, i) => heard(`P${i}`, value));
/** `times` as many people, with the same evidence. */
const again = (evidence: readonly number[], times: number) =>
  people(Array.from({ length: times }, () => evidence).flat());

const evidenceOf = fc.double({ min: -6, max: 6, noNaN: true });

describe('fitProfile', () => {
  it('moves evidence down where healthy people sound ill, and up where they sound more than healthy', () => {
    expect(fit(people([1.5, 2, 2.5, 2, 2])).offset).to.be.within(-2.2, -1.7);
    expect(fit(people([-2.5, -3, -3.5, -3, -3])).offset).to.be.within(2.4, 2.9);
  });

  it('hardly goes a way that chance explains', () => {
    const { offset, evidence } = fit(people([-1.2, 0.3, 0.1]));
    expect(evidence.trust).to.be.below(0.3);
    expect(Math.abs(offset)).to.be.below(0.05);
  });

  it('counts people, not recordings', () => {
    const once = fit(people([1, 2, 3]));
    const often = fit([...people([1, 2, 3]), heard('P2', 3), heard('P2', 3)]);
    expect(often.offset).to.equal(once.offset);
    expect(often).to.include({ persons: 3, recordings: 5 });
  });

  it('leaves out what is not usable, and counts it', () => {
    const profile = fit([...people([1, 2, 3]), heard('P3', null, -10)]);
    expect(profile).to.deep.equal({ ...fit(people([1, 2, 3])), leftOut: 1 });
  });

  it('refuses fewer than three people, and says what to do', () => {
    const two = [...people([1, 2]), heard('P1', 2), heard('P3', null)];
    expect(() => fit(two))
      .to.throw(ConfigurationError, /3 or more healthy people, got 2 \(1 of 4 recordings were not usable\)/)
      .with.property('message')
      .that.matches(/record more people/);
  });

  it('keeps nothing of the people', () => {
    expect(JSON.stringify(fit([1, 2, 3].map((value) => heard(`secret-${value}`, value))))).to.not.include(
      'secret',
    );
  });

  it('takes recordings in any order', () => {
    const recording = fc.record({
      person: fc.constantFrom('A', 'B', 'C', 'D'),
      evidence: fc.option(evidenceOf),
      usableSeconds: fc.double({ min: 0, max: 60, noNaN: true }),
      noiseFloorDb: fc.option(fc.double({ min: -120, max: 0, noNaN: true })),
    });
    fc.assert(
      fc.property(
        fc.array(recording, { maxLength: 12 }).chain((extra) => {
          const all = [...people([1, -1, 0.5]), ...extra];
          return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
        }),
        ([all, shuffled]) => {
          expect(fit(shuffled)).to.deep.equal(fit(all));
        },
      ),
    );
  });

  it('believes more people more', () => {
    fc.assert(
      fc.property(evidenceOf, fc.integer({ min: 3, max: 30 }), (evidence, persons) => {
        const trustIn = (count: number) => fit(people(Array<number>(count).fill(evidence)));
        const [few, many] = [trustIn(persons), trustIn(4 * persons)];
        // How far people are thought to differ falls with those who do not, and the way with it.
        const wayOf = ({ offset, evidence: { trust } }: typeof few) => offset / -trust;
        fc.pre(Math.abs(wayOf(many)) > 0.01 && Math.abs(wayOf(many)) >= Math.abs(wayOf(few)) * 0.8);
        expect(many.evidence.trust).to.be.above(few.evidence.trust);
      }),
    );
  });

  it('goes nearly the whole way with very many', () => {
    const { offset, evidence } = fit(again([0, 1, 2], 400));
    expect(evidence.trust).to.be.above(0.99);
    expect(offset).to.be.closeTo(-(evidence.mean + 0.25 * evidence.spread), 0.02);
  });
});
