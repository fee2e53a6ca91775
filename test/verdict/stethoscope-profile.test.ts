import { expect } from 'chai';
import fc from 'fast-check';
import { falseAlarmsElsewhere } from '../../src/classify/model-contract.js';
import { RecordingVerdict } from '../../src/verdict/recording-verdict.js';
import { calibrationFor } from '../../src/verdict/stethoscope-calibration.js';
import {
  checkProfileModel,
  profileText,
  stethoscopeProfileSchema,
  usedStethoscope,
} from '../../src/verdict/stethoscope-profile.js';
import { stethoscopeSentence } from '../../src/verdict/verdict-words.js';
import { validContract } from '../support/model-contract.js';
import { madeUpProfile } from '../support/stethoscope-profile.js';
import { classifiedWindow } from '../support/classified-window.js';

const contract = validContract();
const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 5, maxLength: 20 });

/** The verdict on usable windows of these logits. */
function judge(values: readonly number[], offset: number) {
  const calibration = calibrationFor(contract, madeUpProfile({ offset }));
  const verdict = new RecordingVerdict({ rules: contract.verdict, calibration });
  values.forEach((logit, index) => verdict.push(classifiedWindow(index, logit)));
  return verdict.final();
}

describe('stethoscope profile', () => {
  it('of offset 0, and none at all, change nothing', () => {
    expect(calibrationFor(contract, null)).to.equal(contract.calibration);
    expect(calibrationFor(contract, madeUpProfile({ offset: 0 }))).to.deep.equal(contract.calibration);
  });

  it('moves threshold and uncertain zone alike: a stethoscope that adds to all evidence is undone', () => {
    const { scale } = contract.calibration;
    fc.assert(
      fc.property(logits, fc.double({ min: -3, max: 3, noNaN: true }), (values, shift) => {
        const plain = judge(values, 0);
        const undone = judge(
          values.map((logit) => logit + shift / scale),
          -shift,
        );
        expect(undone.probability).to.be.closeTo(plain.probability!, 1e-9);
        const { from, to } = contract.verdict.uncertain;
        fc.pre([from, to].every((limit) => Math.abs(plain.probability! - limit) > 1e-6));
        expect(undone.verdict).to.equal(plain.verdict);
      }),
    );
  });

  it('never makes a recording more abnormal by a lower offset', () => {
    fc.assert(
      fc.property(logits, fc.double({ min: 0, max: 3, noNaN: true }), (values, less) => {
        expect(judge(values, -less).probability).to.be.at.most(judge(values, 0).probability!);
      }),
    );
  });

  it('is the same text, and hash, after reading', () => {
    const text = profileText(madeUpProfile());
    const read = stethoscopeProfileSchema().parse(JSON.parse(text));
    expect(profileText(read)).to.equal(text);
    expect(usedStethoscope(read)).to.deep.equal(usedStethoscope(madeUpProfile()));
    expect(usedStethoscope(madeUpProfile({ offset: -1.2 }))!.sha256).to.not.equal(
      usedStethoscope(read)!.sha256,
    );
  });

  it('is refused by a model of another hash, calibration or threshold', () => {
    const profile = madeUpProfile();
    checkProfileModel(profile, contract);
    const others = [
      { ...contract, sha256: 'a'.repeat(64) },
      { ...contract, calibration: { ...contract.calibration, offset: contract.calibration.offset + 1 } },
      { ...contract, verdict: { ...contract.verdict, abnormalAtLeast: 0.49 } },
    ];
    for (const other of others) expect(() => checkProfileModel(profile, other)).to.throw(/fit it again/);
  });
});

describe('words on the stethoscope', () => {
  it('name the profile, or what an unknown one has to expect', () => {
    const perDatabase = { a: { specificity: 0.9 }, b: { specificity: 0.5 } };
    const falseAlarms = falseAlarmsElsewhere({ evaluation: { databaseLeftOut: { perDatabase } } });
    expect(stethoscopeSentence(null, falseAlarms)).to.match(
      /^unknown stethoscope: on such, 30 % \(10 to 50 %\) of healthy recordings were called abnormal$/,
    );
    expect(stethoscopeSentence(null, falseAlarmsElsewhere({}))).to.match(/is not known$/);
    expect(stethoscopeSentence(usedStethoscope(madeUpProfile()), falseAlarms)).to.equal(
      'stethoscope profile ward-3, fitted on 5 healthy people',
    );
  });
});
