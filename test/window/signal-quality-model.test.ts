import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ModelError } from '../../src/errors.js';
import {
  checkSignalQualityModel,
  readSignalQualityModel,
  SIGNAL_QUALITY_FILE,
} from '../../src/window/signal-quality-model.js';

type Json = Record<string, unknown> & {
  measures: Record<string, unknown>[];
  heartRate: Record<string, unknown>;
};
const shipped = () => JSON.parse(readFileSync(SIGNAL_QUALITY_FILE, 'utf8')) as Json;

describe('readSignalQualityModel', () => {
  it('reads the file that ships', () => {
    const model = readSignalQualityModel();
    expect(model.usableFrom).to.equal(0.5);
    expect(model.heartRate.answerFrom).to.be.within(0.5, 1);
  });

  it('says which file it cannot read', () => {
    expect(() => readSignalQualityModel('nowhere/signal-quality.json')).to.throw(ModelError, /nowhere/);
    expect(() => readSignalQualityModel('README.md')).to.throw(ModelError, /README/);
  });

  const faults: Record<string, [(model: Json) => unknown, RegExp]> = {
    'a measure missing': [(m) => m.measures.pop(), /measures: must be/],
    'measures in another order': [(m) => m.measures.reverse(), /measures: must be/],
    'knots that do not ascend': [(m) => (m.measures[2].knots as number[]).reverse(), /must ascend/],
    'a score too few': [(m) => (m.measures[3].clean as number[]).pop(), /measures.3.clean: .*score for each/],
    'a score that is no number': [
      (m) => ((m.measures[3].heart as unknown[])[0] = null),
      /measures.3.heart.0/,
    ],
    'no intercept': [(m) => delete m.cleanIntercept, /cleanIntercept/],
    'an intercept that is no number': [(m) => (m.heartIntercept = '1'), /heartIntercept/],
    'a limit that is no share': [(m) => (m.usableFrom = 1.5), /usableFrom/],
    'no heart rate': [(m) => delete (m as Partial<Json>).heartRate, /heartRate:/],
    'too few weights of the heart rate': [
      (m) => (m.heartRate.weights as number[]).pop(),
      /heartRate.weights/,
    ],
    'no limit of the heart rate': [(m) => delete m.heartRate.answerFrom, /answerFrom/],
  };
  for (const [name, [spoil, message]] of Object.entries(faults)) {
    it(`refuses a file with ${name}, and says so`, () => {
      const model = shipped();
      spoil(model);
      expect(() => checkSignalQualityModel(model, 'some.json')).to.throw(ModelError, message);
      expect(() => checkSignalQualityModel(model, 'some.json')).to.throw(ModelError, /some\.json/);
    });
  }

  it('refuses what is no object', () => {
    for (const content of [null, 3, 'x', []]) {
      expect(() => checkSignalQualityModel(content, 'some.json')).to.throw(ModelError);
    }
  });

  it('lets every measure count in one direction only, so that a cleaner signal is never worse', () => {
    for (const measure of readSignalQualityModel().measures) {
      for (const scores of [measure.clean, measure.heart]) {
        const steps = scores.slice(1).map((score, i) => score - scores[i]);
        const rises = steps.some((step) => step > 1e-6);
        const falls = steps.some((step) => step < -1e-6);
        expect(rises && falls, measure.name).to.equal(false);
      }
    }
  });
});
