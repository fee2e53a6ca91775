import { expect } from 'chai';
import { predictiveValues } from '../../src/evaluate/predictive-values.js';
import type { Scope } from '../../src/evaluate/metrics.js';

const scopeOf = (
  sensitivity: number | null,
  specificity: number | null,
  kind: Scope['kind'] = 'pooled',
): Scope => ({
  ...{
    kind,
    databases: ['a'],
    recordings: 10,
    abnormal: 5,
    normal: 5,
    notScored: 0,
    groups: 10,
    confusion: null,
  },
  scores: [
    { name: 'sensitivity', value: sensitivity, interval: null, positiveClass: 'abnormal', threshold: 0.5 },
    { name: 'specificity', value: specificity, interval: null, positiveClass: 'abnormal', threshold: 0.5 },
  ],
});

describe('predictiveValues', () => {
  it('are what Eddy’s textbook example counts: 1 % ill, 80 % found, 9.6 % false alarms', () => {
    // Of 1,000 people 8 of 10 ill ones and 95.04 of 990 healthy ones are called abnormal.
    const [{ positive, negative }] = predictiveValues([scopeOf(0.8, 0.904)], 0.01);
    expect(positive).to.be.closeTo(8 / (8 + 95.04), 1e-12);
    expect(negative).to.be.closeTo(894.96 / (894.96 + 2), 1e-12);
  });

  it('are null where they are not defined, and given of no single database', () => {
    expect(predictiveValues([scopeOf(null, 0.9)], 0.1)[0]).to.include({ positive: null, negative: null });
    expect(predictiveValues([scopeOf(0, 1)], 0.1)[0].positive).to.equal(null);
    expect(predictiveValues([scopeOf(0.9, 0.9, 'database')], 0.1)).to.deep.equal([]);
  });
});
