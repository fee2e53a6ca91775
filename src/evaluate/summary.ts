import type { EvaluationReport } from './evaluation-report.js';
import type { FigureName } from './figures.js';
import type { Scope } from './metrics.js';
import type { PredictiveValues } from './predictive-values.js';
import { figureText, intervalText, scopeName } from './score-words.js';
import { stethoscopeSentence } from '../verdict/verdict-words.js';

/** What is shown of each scope: what it is called, and its figure. */
const COLUMNS: readonly (readonly [title: string, name: FigureName])[] = [
  ['AUC', 'auc'],
  ['sens.', 'sensitivity'],
  ['spec.', 'specificity'],
  ['MAcc', 'macc'],
  ['F1 abn.', 'f1Abnormal'],
  ['F1 norm.', 'f1Normal'],
  ['Challenge', 'challengeScore'],
  ['no class', 'inconclusive'],
];

/**
 * An evaluation in lines that a person reads in a terminal of 120 columns: its terms, a table of figures with their
 * intervals below them, and what must be known to believe them.
 */
export function summaryLines(report: EvaluationReport): string[] {
  const loud = loudWarning(report);
  return [
    ...loud,
    `split: ${report.splitName}`,
    ...(report.stethoscope === null ? [] : [stethoscopeSentence(report.stethoscope, null)]),
    `model: ${report.model.name} ${report.model.version} (sha256 ${report.model.sha256.slice(0, 12)}…)`,
    `n: ${countText(report)}; positive class: abnormal; threshold: ${figureText(report.threshold)}`,
    `training data: ${report.trainingData.statement}${because(report)}`,
    '',
    ...tableLines(report.scopes),
    '',
    intervalNote(report),
    'sens., spec., MAcc, F1: every recording is called at the threshold',
    'Challenge: the verdicts as answers, inconclusive is unsure; no class: share of inconclusive recordings',
    `calibration: expected calibration error ${figureText(report.expectedCalibrationError)} in 10 bins, pooled; ` +
      `mean error over all coverages ${figureText(report.riskCoverage.area)}`,
    ...report.predictiveValues.map(predictiveLine),
    ...inconclusiveLines(report),
    ...notes(report),
    ...loud,
  ];
}

function loudWarning({ trainingData: { evaluatedOnTrainingData, statement } }: EvaluationReport): string[] {
  if (evaluatedOnTrainingData === 'none' || evaluatedOnTrainingData === 'unknown') return [];
  return [`!!! ${statement}: these figures do not show how good it is on new people !!!`];
}

function because({ trainingData: { reason } }: EvaluationReport): string {
  return reason === null ? '' : ` (${reason})`;
}

function countText({ scopes: [pooled] }: EvaluationReport): string {
  return `${pooled.recordings} recordings (${pooled.abnormal} abnormal, ${pooled.normal} normal) of ${pooled.groups} groups`;
}

function tableLines(scopes: readonly Scope[]): string[] {
  const names = scopes.map(scopeName);
  const nameWidth = Math.max(...names.map((name) => name.length), 6);
  const countWidth = 10;
  const widths = COLUMNS.map(([title]) => Math.max(title.length, 9));
  const row = (name: string, count: string, cells: readonly string[]) =>
    [name.padEnd(nameWidth), count.padStart(countWidth), ...cells.map((cell, i) => cell.padStart(widths[i]))]
      .join(' ')
      .trimEnd();
  return [
    row(
      '',
      'abn./norm.',
      COLUMNS.map(([title]) => title),
    ),
    ...scopes.flatMap((scope, position) => {
      const scores = COLUMNS.map(([, name]) => scope.scores.find((score) => score.name === name)!);
      const values = row(
        names[position],
        `${scope.abnormal}/${scope.normal}`,
        scores.map(({ value }) => figureText(value)),
      );
      const intervals = scores.map(({ interval }) => intervalText(interval));
      return intervals.every((text) => text === '') ? [values] : [values, row('', '', intervals)];
    }),
  ];
}

function intervalNote({ bootstrap: { replicates, seed } }: EvaluationReport): string {
  return replicates === 0
    ? 'without intervals: no bootstrap was asked for'
    : `below each figure its 95 % interval: bootstrap over groups inside databases, ${replicates} replicates, seed ${seed}`;
}

function predictiveLine({ prevalence, scope, positive, negative }: PredictiveValues): string {
  const ill = `where ${Number((100 * prevalence).toPrecision(3))} % are ill (${scope})`;
  return `${ill}: ${figureText(positive)} of those called abnormal are ill, ${figureText(negative)} of those called normal are not`;
}

function inconclusiveLines({ scopes: [pooled], withoutMark, recordings }: EvaluationReport): string[] {
  if (withoutMark === recordings) return [];
  const share = (name: FigureName) => figureText(pooled.scores.find((score) => score.name === name)!.value);
  return [
    `inconclusive: ${share('inconclusiveMarkedUsable')} of the recordings marked usable, ` +
      `${share('inconclusiveMarkedUnusable')} of those marked unusable`,
  ];
}

function notes(report: EvaluationReport): string[] {
  const { failed, withoutGroup, withoutMark, scopes } = report;
  const notScored = scopes[0].notScored - failed.length;
  return [
    failed.length > 0 &&
      `could not be read: ${counted(failed.length)}; counted as inconclusive, and in no figure that needs a probability`,
    notScored > 0 && `without a window that could be scored: ${counted(notScored)}; counted as inconclusive`,
    withoutGroup > 0 &&
      `without a group in the table: ${counted(withoutGroup)}; if a person occurs twice, the intervals are too narrow`,
    withoutMark > 0 &&
      `marked neither usable nor unusable in the table: ${counted(withoutMark)}; the Challenge score takes them for usable`,
  ].filter((note) => note !== false);
}

const counted = (count: number): string => (count === 1 ? '1 recording' : `${count} recordings`);
