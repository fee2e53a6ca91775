import { expect } from 'chai';
import fc from 'fast-check';
import { calibrationFor } from '../../src/verdict/stethoscope-calibration.js';
import { toEvidence, toProbability } from '../../src/verdict/evidence.js';
import {
  meaningWords,
  shiftWords,
  summaryOf,
  trustWords,
} from '../../src/verdict/stethoscope-profile-words.js';
import { validContract } from '../support/model-contract.js';
import { madeUpProfile } from '../support/stethoscope-profile.js';

const moved = (offset: number) => summaryOf(madeUpProfile({ offset }));

describe('words of a stethoscope profile', () => {
  it('tell the threshold at which a recording turns abnormal with the profile', () => {
    const contract = validContract();
    const logit = fc.double({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(logit, fc.double({ min: -6, max: 6, noNaN: true }), (evidence, offset) => {
        const profile = madeUpProfile({ offset });
        const { threshold } = summaryOf(profile);
        const added = calibrationFor(contract, profile).offset - contract.calibration.offset;
        fc.pre(Math.abs(toProbability(evidence) - threshold.with) > 1e-9);
        const isAbnormal = evidence + added >= toEvidence(profile.model.abnormalAtLeast);
        expect(toProbability(evidence) >= threshold.with).to.equal(isAbnormal);
      }),
    );
  });

  it('say which way it moves, and what that means', () => {
    expect(shiftWords(moved(-1.1))).to.match(/moves from 50 % to 75 %/);
    expect(meaningWords(moved(-1.1))).to.match(/sound more ill .* needs more evidence/);
    expect(shiftWords(moved(1.1))).to.match(/moves from 50 % to 25 %/);
    expect(meaningWords(moved(1.1))).to.match(/sound less ill .* less evidence now suffices/);
    expect(shiftWords(moved(0.005))).to.match(/stays at 50 %/);
    expect(meaningWords(moved(0.005))).to.match(/hardly change/);
  });

  it('say where chance explains the most of it', () => {
    expect(trustWords({ trust: 0.2, persons: 3 })).to.match(/Chance may well explain .* only 20 %/);
    expect(trustWords({ trust: 0.85, persons: 5 })).to.match(
      /larger than chance explains with 5 people: 85 %/,
    );
  });
});
