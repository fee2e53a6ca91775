import { expect } from 'chai';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Classified } from '../../src/classify/classify-windows.js';
import { aggregateVerdict } from '../../src/verdict/aggregate-verdict.js';
import { itIsAnOperator } from '../support/operator-cases.js';
import { validContract } from '../support/model-contract.js';

const { verdict: rules, calibration } = validContract();
const aggregate = () => aggregateVerdict({ rules, calibration });
const window = (index: number, logit: number | null): Classified => ({
  kind: 'window',
  index,
  startSeconds: index,
  endSeconds: index + 3,
  quality: { sqi: 1, usable: true, reasons: [] },
  heartRate: null,
  logit,
  dropped: null,
});
const judge = (input: Classified[]) => lastValueFrom(from(input).pipe(aggregate(), toArray()));

describe('aggregateVerdict', () => {
  itIsAnOperator(aggregate, [window(0, 1), window(1, -1)]);

  it('hands on every window with its probability, and a verdict at most once a window', async () => {
    const judged = await judge([window(0, 0), window(1, 2), window(2, null), window(3, 2)]);
    expect(judged.map(({ kind }) => kind)).to.deep.equal([
      ...['window', 'verdict', 'window', 'verdict', 'window', 'window', 'verdict'],
      'outcome',
    ]);
    const probabilities = judged.flatMap((value) => (value.kind === 'window' ? [value.probability] : []));
    expect(probabilities[0]).to.equal(0.5);
    expect(probabilities[2]).to.equal(null);
  });

  it('says nothing where nothing changed', async () => {
    const judged = await judge([window(0, null), window(1, null)]);
    expect(judged.filter(({ kind }) => kind === 'verdict').length).to.equal(1);
  });

  it('counts lost samples into the outcome, which comes last, even for nothing at all', async () => {
    const judged = await judge([
      window(0, 1),
      { kind: 'gap', atSample: 9, lostSamples: 7, cause: 'lost' },
      { kind: 'gap', atSample: 99, lostSamples: 5, cause: 'overrun' },
    ]);
    expect(judged.at(-1)).to.include({
      kind: 'outcome',
      lostSamples: 12,
      windows: 1,
      verdict: 'inconclusive',
    });
    expect((await judge([])).at(-1)).to.deep.include({
      kind: 'outcome',
      windows: 0,
      probability: null,
      quality: null,
      heartRateBpm: null,
      reasons: ['too-short'],
    });
  });
});
