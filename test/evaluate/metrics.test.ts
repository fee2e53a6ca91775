import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { GroupBootstrap, percentileInterval, type Interval } from '../../src/evaluate/bootstrap.js';
import type { ChallengeAnswer } from '../../src/evaluate/challenge-score.js';
import type { Confusion } from '../../src/evaluate/decision-scores.js';
import { FIGURE_NAMES, type EvaluatedRecording, type FigureName } from '../../src/evaluate/figures.js';
import { scoreRecordings, type Scope } from '../../src/evaluate/metrics.js';
import { Ranking } from '../../src/evaluate/ranking.js';
import { expectedCalibrationError, reliabilityBins } from '../../src/evaluate/reliability.js';
import { riskCoverage } from '../../src/evaluate/risk-coverage.js';
import { ConfigurationError } from '../../src/errors.js';

type GoldenFigures = Record<FigureName, number> & { confusion: Confusion };

interface GoldenCase {
  readonly name: string;
  readonly recordings: {
    readonly abnormal: boolean[];
    readonly probability: number[];
    readonly answer: ChallengeAnswer[];
    readonly usable: boolean[];
    readonly database: string[];
    readonly group: string[];
  };
  readonly pooled: GoldenFigures;
  readonly inside: Record<string, GoldenFigures>;
  readonly meanAuc: number;
  readonly roc: [threshold: number | null, falsePositiveRate: number, truePositiveRate: number][];
  readonly calibration: {
    counts: number[];
    abnormalShare: number[];
    meanProbability: number[];
    error: number;
  };
  readonly riskCoverage: { risk: number[]; area: number } | null;
  readonly intervals: Record<'auc' | 'macc' | 'f1Abnormal' | 'challengeScore' | 'meanAuc', [number, number]>;
}

const golden = JSON.parse(readFileSync('test/golden/metrics.json', 'utf8')) as {
  threshold: number;
  cases: GoldenCase[];
};
const { threshold } = golden;

const recordingsOf = ({ recordings }: GoldenCase): EvaluatedRecording[] =>
  recordings.abnormal.map((abnormal, i) => ({
    abnormal,
    probability: recordings.probability[i],
    answer: recordings.answer[i],
    markedUsable: recordings.usable[i],
    database: recordings.database[i],
    group: recordings.group[i],
  }));

const withoutBootstrap = { threshold, bootstrap: { replicates: 0, seed: 1 } };

const scopeOf = (scopes: readonly Scope[], kind: Scope['kind'], database?: string): Scope =>
  scopes.find(
    (scope) => scope.kind === kind && (database === undefined || scope.databases![0] === database),
  )!;

const valueOf = (scope: Scope, name: FigureName) => scope.scores.find((score) => score.name === name)!.value;
const intervalOf = (scope: Scope, name: FigureName) =>
  scope.scores.find((score) => score.name === name)!.interval;

function expectFigures(scope: Scope, expected: GoldenFigures): void {
  for (const name of FIGURE_NAMES) {
    expect(valueOf(scope, name), `${scope.kind} ${scope.databases?.join()} ${name}`).to.be.closeTo(
      expected[name],
      1e-12,
    );
  }
  expect(scope.confusion).to.deep.equal(expected.confusion);
}

describe('scores', () => {
  for (const goldenCase of golden.cases) {
    describe(`of "${goldenCase.name}"`, () => {
      const recordings = recordingsOf(goldenCase);
      const abnormal = recordings.map((recording) => recording.abnormal);
      const probabilities = recordings.map(({ probability }) => probability);

      it("are scikit-learn's and the Challenge's, pooled and inside each database", () => {
        const scopes = scoreRecordings(recordings, withoutBootstrap);
        expectFigures(scopeOf(scopes, 'pooled'), goldenCase.pooled);
        for (const [database, figures] of Object.entries(goldenCase.inside)) {
          expectFigures(scopeOf(scopes, 'database', database), figures);
        }
      });

      it('have a mean over databases where there are several', () => {
        const mean = scopeOf(scoreRecordings(recordings, withoutBootstrap), 'mean-over-databases');
        if (Object.keys(goldenCase.inside).length === 1) expect(mean).to.equal(undefined);
        else expect(valueOf(mean, 'auc')).to.be.closeTo(goldenCase.meanAuc, 1e-12);
      });

      it("have scikit-learn's ROC points", () => {
        const points = new Ranking(abnormal, probabilities).rocPoints();
        expect(points.map((point) => (point.threshold === Infinity ? null : point.threshold))).to.deep.equal(
          goldenCase.roc.map(([at]) => at),
        );
        for (const [i, [, falsePositiveRate, truePositiveRate]] of goldenCase.roc.entries()) {
          expect(points[i].falsePositiveRate).to.be.closeTo(falsePositiveRate, 1e-12);
          expect(points[i].truePositiveRate).to.be.closeTo(truePositiveRate, 1e-12);
        }
      });

      it("have scikit-learn's calibration curve", () => {
        const bins = reliabilityBins(abnormal, probabilities);
        const { counts, abnormalShare, meanProbability, error } = goldenCase.calibration;
        expect(bins.map(({ count }) => count)).to.deep.equal(counts);
        const filled = bins.filter(({ count }) => count > 0);
        for (const [i, bin] of filled.entries()) {
          expect(bin.abnormalShare).to.be.closeTo(abnormalShare[i], 1e-12);
          expect(bin.meanProbability).to.be.closeTo(meanProbability[i], 1e-12);
        }
        expect(expectedCalibrationError(bins)).to.be.closeTo(error, 1e-12);
      });

      it("have numpy's intervals, up to chance", () => {
        const scopes = scoreRecordings(recordings, { threshold, bootstrap: { replicates: 4000, seed: 7 } });
        const near = (interval: Interval | null, [low, high]: [number, number], name: string) => {
          // The ends of two runs of 4,000 replicates differ by about a fortieth of the interval's width.
          const tolerance = 0.08 * (high - low);
          expect(interval!.low, `${name} low`).to.be.closeTo(low, tolerance);
          expect(interval!.high, `${name} high`).to.be.closeTo(high, tolerance);
        };
        const { meanAuc, ...pooled } = goldenCase.intervals;
        for (const [name, ends] of Object.entries(pooled)) {
          near(intervalOf(scopeOf(scopes, 'pooled'), name as FigureName), ends, name);
        }
        const mean = scopeOf(scopes, 'mean-over-databases');
        if (mean !== undefined) near(intervalOf(mean, 'auc'), meanAuc, 'mean AUC');
      });

      it('give the same intervals for the same seed, and others for another', () => {
        const intervals = (seed: number) =>
          scoreRecordings(recordings, { threshold, bootstrap: { replicates: 50, seed } }).map((scope) =>
            scope.scores.map((score) => score.interval),
          );
        expect(intervals(3)).to.deep.equal(intervals(3));
        expect(intervals(3)).not.to.deep.equal(intervals(4));
      });

      if (goldenCase.riskCoverage !== null) {
        const { risk, area } = goldenCase.riskCoverage;
        it('have the risk of every coverage', () => {
          const curve = riskCoverage(abnormal, probabilities, threshold);
          expect(curve.points.map(({ coverage }) => coverage)).to.deep.equal(
            risk.map((_, i) => (i + 1) / risk.length),
          );
          for (const [i, point] of curve.points.entries()) expect(point.risk).to.be.closeTo(risk[i], 1e-12);
          expect(curve.area).to.be.closeTo(area, 1e-12);
        });
      }
    });
  }

  it('are null, not 0, where a class is missing', () => {
    const normalOnly = recordingsOf(golden.cases[0]).filter((recording) => !recording.abnormal);
    const scopes = scoreRecordings(normalOnly, { threshold, bootstrap: { replicates: 20, seed: 1 } });
    const pooled = scopeOf(scopes, 'pooled');
    const undefinedFigures = FIGURE_NAMES.filter((name) => valueOf(pooled, name) === null);
    expect(undefinedFigures).to.deep.equal([
      'auc',
      'sensitivity',
      'macc',
      'recallAbnormal',
      'f1Abnormal',
      'challengeSensitivity',
      'challengeScore',
      'conclusiveSensitivity',
      'conclusiveMacc',
    ]);
    expect(valueOf(pooled, 'specificity')).to.be.greaterThan(0);
    for (const name of undefinedFigures) expect(intervalOf(pooled, name), name).to.equal(null);
    expect(scopeOf(scopes, 'mean-over-databases')).to.equal(undefined);
    expect(
      new Ranking(
        normalOnly.map(() => false),
        normalOnly.map(({ probability }) => probability),
      ).rocPoints(),
    ).to.deep.equal([]);
  });

  it('of no recordings are all null', () => {
    const [pooled] = scoreRecordings([], withoutBootstrap);
    for (const name of FIGURE_NAMES) expect(valueOf(pooled, name), name).to.equal(null);
    expect(expectedCalibrationError(reliabilityBins([], []))).to.equal(null);
    expect(riskCoverage([], [], threshold)).to.deep.equal({ points: [], area: null });
  });

  it('leave a recording without a probability out of what needs one, and count it as inconclusive and unsure', () => {
    const [first, ...others] = recordingsOf(golden.cases[2]);
    const silent: EvaluatedRecording = { ...first, probability: null, answer: 0, markedUsable: true };
    const [withIt] = scoreRecordings([silent, ...others], withoutBootstrap);
    const [withoutIt] = scoreRecordings(others, withoutBootstrap);
    expect(withIt.notScored).to.equal(1);
    for (const name of ['auc', 'macc', 'accuracy', 'f1Abnormal', 'conclusiveMacc'] as const) {
      expect(valueOf(withIt, name), name).to.equal(valueOf(withoutIt, name));
    }
    expect(valueOf(withIt, 'inconclusive')).to.be.greaterThan(valueOf(withoutIt, 'inconclusive')!);
    expect(valueOf(withIt, 'challengeScore')).to.be.lessThan(valueOf(withoutIt, 'challengeScore')!);
  });

  it('average only over databases with both classes, and name them', () => {
    const recordings = recordingsOf(golden.cases[0]).filter(
      ({ abnormal, database }) => database !== 'b' || abnormal,
    );
    const scopes = scoreRecordings(recordings, { ...withoutBootstrap, meansOver: [['a', 'b', 'x']] });
    const means = scopes.filter(({ kind }) => kind === 'mean-over-databases');
    // The list leaves a alone, which is no mean.
    expect(means.map(({ databases }) => databases)).to.deep.equal([['a', 'c']]);
  });

  it('give no interval to recordings of a single group', () => {
    const recordings = recordingsOf(golden.cases[0]).map((recording) => ({
      ...recording,
      group: 'one person',
    }));
    const scopes = scoreRecordings(recordings, { threshold, bootstrap: { replicates: 50, seed: 1 } });
    expect(intervalOf(scopeOf(scopes, 'database', 'a'), 'auc')).to.equal(null);
    // The same name in three databases is three people.
    expect(scopeOf(scopes, 'pooled').groups).to.equal(3);
  });

  it('have wider intervals by group than by recording where recordings of a group resemble each other', () => {
    const recordings = recordingsOf(golden.cases[0]);
    const width = (withGroups: boolean) => {
      const changed = recordings.map((recording) => ({
        ...recording,
        group: withGroups ? recording.group : null,
      }));
      const [pooled] = scoreRecordings(changed, { threshold, bootstrap: { replicates: 1000, seed: 1 } });
      const { low, high } = intervalOf(pooled, 'auc')!;
      return high - low;
    };
    expect(width(true)).to.be.greaterThan(1.2 * width(false));
  });

  it('do not depend on the order of the recordings', () => {
    const recordings = recordingsOf(golden.cases[0]);
    fc.assert(
      fc.property(fc.shuffledSubarray(recordings, { minLength: recordings.length }), (shuffled) => {
        const valuesOf = (scopes: readonly Scope[]) =>
          scopes.map(({ scores }) => scores.map(({ value }) => value));
        expect(valuesOf(scoreRecordings(shuffled, withoutBootstrap))).to.deep.equal(
          valuesOf(scoreRecordings(recordings, withoutBootstrap)),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('with weights are those of recordings that occur as often', () => {
    const arbitrary = fc.array(
      fc.record({
        abnormal: fc.boolean(),
        tenths: fc.integer({ min: 0, max: 10 }),
        weight: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(arbitrary, (cases) => {
        const repeated = cases.flatMap((one) => new Array<typeof one>(one.weight).fill(one));
        const ranking = (of: typeof cases) =>
          new Ranking(
            of.map(({ abnormal }) => abnormal),
            of.map(({ tenths }) => tenths / 10),
          );
        expect(ranking(cases).areaUnderRoc(cases.map(({ weight }) => weight))).to.equal(
          ranking(repeated).areaUnderRoc(),
        );
      }),
    );
  });
});

describe('riskCoverage', () => {
  it('takes recordings that are equally clear together and spreads their errors evenly', () => {
    // Two at 0.9, one of them wrong; then one at 0.6, right.
    const { points, area } = riskCoverage([true, false, true], [0.9, 0.9, 0.6], 0.5);
    expect(points.map(({ coverage, risk }) => [coverage, risk])).to.deep.equal([
      [2 / 3, 1 / 2],
      [1, 1 / 3],
    ]);
    expect(area).to.be.closeTo((1 / 2 + 1 / 2 + 1 / 3) / 3, 1e-12);
  });

  it('ends with probabilities and thresholds of 0 and 1', () => {
    for (const threshold of [0, 0.5, 1]) {
      const { points } = riskCoverage([true, false, true, false], [0, 1, 1, 0.5], threshold);
      expect(points.at(-1)!.coverage).to.equal(1);
    }
  });
});

describe('percentileInterval', () => {
  it('is null where one replicate of ten or more is not defined', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    const interval = percentileInterval([...values, null])!;
    // numpy.percentile(range(100), [2.5, 97.5])
    expect(interval.low).to.be.closeTo(2.475, 1e-9);
    expect(interval.high).to.be.closeTo(96.525, 1e-9);
    expect(percentileInterval([...values, ...new Array<null>(12).fill(null)])).to.equal(null);
    expect(percentileInterval([])).to.equal(null);
  });

  it('is null where every replicate is the same', () => {
    expect(percentileInterval(new Array<number>(100).fill(1))).to.equal(null);
  });
});

describe('GroupBootstrap', () => {
  it('draws whole groups, in each database as many as it has, with replacement', () => {
    const groups = ['p', 'p', 'q', 'r', 'r', 'r', 's', 't'];
    const databases = ['a', 'a', 'a', 'b', 'b', 'b', 'b', 'b'];
    const firstOf = { a: [0, 2], b: [3, 6, 7] };
    const sums = new Float64Array(groups.length);
    let replicates = 0;
    for (const weights of new GroupBootstrap(groups, databases, { replicates: 5000, seed: 9 }).replicates()) {
      replicates++;
      expect(weights[0]).to.equal(weights[1]);
      expect(weights[3]).to.equal(weights[4]).and.to.equal(weights[5]);
      for (const members of Object.values(firstOf)) {
        expect(members.reduce((sum, index) => sum + weights[index], 0)).to.equal(members.length);
      }
      for (const [index, weight] of weights.entries()) sums[index] += weight;
    }
    expect(replicates).to.equal(5000);
    // Each group is drawn once on average; 0.05 is four standard errors and more.
    for (const sum of sums) expect(sum / replicates).to.be.closeTo(1, 0.05);
  });
});

describe('bootstrap options', () => {
  it('are checked', () => {
    for (const bootstrap of [
      { replicates: -1, seed: 1 },
      { replicates: 1.5, seed: 1 },
      { replicates: 10, seed: -1 },
      { replicates: 10, seed: 2 ** 32 },
    ]) {
      expect(() => scoreRecordings([], { threshold, bootstrap })).to.throw(
        ConfigurationError,
        /must be an integer/,
      );
    }
  });
});
