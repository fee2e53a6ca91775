import { join } from 'node:path';
import { csvRow } from './csv.js';
import type { EvaluationReport } from './evaluation-report.js';
import type { Scope } from './metrics.js';
import { replaceFile } from './prediction-files.js';
import { scopeName } from './score-words.js';

/** Names of the files, in the order in which they are written. */
export const EVALUATION_FILES = [
  'metrics.json',
  'roc.csv',
  'reliability.csv',
  'risk-coverage.csv',
  'answers.txt',
] as const;

/** Writes what an evaluation says into its folder; each file is replaced whole. */
export async function writeEvaluationFiles(folder: string, report: EvaluationReport): Promise<void> {
  const contents: Record<(typeof EVALUATION_FILES)[number], string> = {
    'metrics.json': `${JSON.stringify(metricsJson(report), null, 2)}\n`,
    'roc.csv': table(
      ['threshold', 'falsePositiveRate', 'truePositiveRate'],
      report.roc.map((point) => [
        // The first point calls nothing: no probability is that high.
        Number.isFinite(point.threshold) ? point.threshold : null,
        point.falsePositiveRate,
        point.truePositiveRate,
      ]),
    ),
    'reliability.csv': table(
      ['from', 'to', 'count', 'meanProbability', 'abnormalShare'],
      report.reliability.map((bin) => [bin.from, bin.to, bin.count, bin.meanProbability, bin.abnormalShare]),
    ),
    'risk-coverage.csv': table(
      ['coverage', 'risk', 'sensitivity', 'specificity', 'distance'],
      report.riskCoverage.points.map((point) => [
        point.coverage,
        point.risk,
        point.sensitivity,
        point.specificity,
        point.distance,
      ]),
    ),
    // The Challenge's scorer reads it, and looks names up: they stand as they are.
    'answers.txt': report.answers.map(({ record, answer }) => csvRow([record, answer])).join(''),
  };
  for (const name of EVALUATION_FILES) await replaceFile(join(folder, name), contents[name]);
}

/**
 * The content of metrics.json. Every score stands in one flat list with all its terms (split, whether these were
 * training data, positive class, n, threshold, model), so that none can be taken out without them.
 */
export function metricsJson(report: EvaluationReport) {
  const { splitName, trainingData, model, stethoscope, threshold } = report;
  const terms = {
    split: splitName,
    evaluatedOnTrainingData: trainingData.evaluatedOnTrainingData,
    modelSha256: model.sha256,
  };
  return {
    split: splitName,
    trainingData,
    model,
    stethoscope,
    threshold,
    recordings: report.recordings,
    failed: report.failed,
    withoutGroup: report.withoutGroup,
    withoutMark: report.withoutMark,
    interval: {
      level: 0.95,
      method: 'percentile bootstrap over groups inside databases',
      ...report.bootstrap,
    },
    definitions: DEFINITIONS,
    scopes: report.scopes.map((scope) => ({ scope: scopeName(scope), ...countsOf(scope) })),
    predictiveValues: report.predictiveValues.map((values) => ({ ...values, threshold, ...terms })),
    scores: [
      ...report.scopes.flatMap((scope) =>
        scope.scores.map((score) => ({
          score: score.name,
          scope: scopeName(scope),
          value: score.value,
          low: score.interval?.low ?? null,
          high: score.interval?.high ?? null,
          positiveClass: score.positiveClass,
          threshold: score.threshold,
          n: scope.recordings,
          ...terms,
        })),
      ),
      ...[
        { score: 'expectedCalibrationError', value: report.expectedCalibrationError, threshold: null },
        { score: 'areaUnderRiskCoverage', value: report.riskCoverage.area, threshold },
      ].map(({ score, value, threshold: at }) => ({
        score,
        scope: 'pooled',
        value,
        low: null,
        high: null,
        positiveClass: 'abnormal',
        threshold: at,
        n: report.recordings,
        ...terms,
      })),
    ],
  };
}

function countsOf(scope: Scope) {
  const { databases, recordings, abnormal, normal, notScored, groups, confusion } = scope;
  return { databases, recordings, abnormal, normal, notScored, groups, confusion };
}

const DEFINITIONS = {
  threshold:
    'sensitivity to f1Normal: every recording with a probability is called abnormal from the threshold on, else normal; ' +
    'recordings without a probability (notScored) are left out',
  macc: '(sensitivity + specificity) / 2',
  conclusive: 'conclusive*: only recordings whose verdict is normal or abnormal',
  inconclusive: 'share of recordings without a class, those that could not be read among them',
  challengeScore:
    '(challengeSensitivity + challengeSpecificity) / 2 with the verdicts as answers; inconclusive is unsure: wrong on a ' +
    'recording marked usable, right on one marked unusable; parts weighted by their shares (score2016Challenge.m)',
  predictiveValues:
    'positive: share of ill people among those called abnormal, negative: of healthy people among those called normal, ' +
    'by sensitivity and specificity at the threshold, where `prevalence` of those listened to are ill',
  mean: 'mean over databases of the figure inside each; null where it is not defined in one of them',
  expectedCalibrationError: '10 equal bins of probability, weighted by their counts',
  areaUnderRiskCoverage: 'mean share of wrong calls over all coverages, clearest evidence first',
};

function table(header: readonly string[], rows: readonly (readonly (number | null)[])[]): string {
  return [header, ...rows].map((cells) => csvRow(cells)).join('');
}
