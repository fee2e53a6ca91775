import type { EvaluationReport } from './evaluation-report.js';
import type { FigureName } from './figures.js';
import type { Scope } from './metrics.js';
import { figureText, intervalText, scopeName } from './score-words.js';

/** What is shown of each scope: what it is called, and its figure. */
const COLUMNS: readonly (readonly [title: string, name: FigureName])[] = [
  ['AUC', 'auc'],
  ['sens.', 'sensitivity'],
  ['spec.', 'specificity'],
  ['MAcc', 'macc'],
  ['F1 abnormal', 'f1Abnormal'],
  ['F1 normal', 'f1Normal'],
  ['Challenge', 'challengeScore'],
  ['inconclusive', 'inconclusive'],
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
    `model: ${report.model.name} ${report.model.version} (sha256 ${report.model.sha256.slice(0, 12)}…)`,
    `n: ${countText(report)}; positive class: abnormal; threshold: ${figureText(report.threshold)}`,
    `training data: ${report.trainingData.statement}`,
    '',
    ...tableLines(report.scopes),
    '',
    intervalNote(report),
    'sens., spec., MAcc, F1: every recording is called at the threshold. Challenge: the verdicts, inconclusive is unsure.',
    `calibration: expected calibration error ${figureText(report.expectedCalibrationError)} in 10 bins, pooled; ` +
      `mean error over all coverages ${figureText(report.riskCoverage.area)}`,
    ...inconclusiveLines(report),
    ...notes(report),
    ...loud,
  ];
}

function loudWarning({ trainingData: { evaluatedOnTrainingData, statement } }: EvaluationReport): string[] {
  if (evaluatedOnTrainingData === 'none' || evaluatedOnTrainingData === 'unknown') return [];
  const line = `!!! ${statement}: these figures do not show how good it is on new people !!!`;
  return [line];
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

function inconclusiveLines({ scopes: [pooled], withoutMark, recordings }: EvaluationReport): string[] {
  if (withoutMark === recordings) return [];
  const share = (name: FigureName) => figureText(pooled.scores.find((score) => score.name === name)!.value);
  return [
    `inconclusive: ${share('inconclusiveMarkedUsable')} of the recordings marked usable, ` +
      `${share('inconclusiveMarkedUnusable')} of those marked unusable`,
  ];
}

function notes(report: EvaluationReport): string[] {
  const { failed, withoutGroup, withoutMark, recordings, scopes } = report;
  const notScored = scopes[0].notScored - failed.length;
  const some = (count: number) => `${count} recordings`;
  return [
    failed.length > 0 &&
      `${failed.length} recordings could not be read; they count as inconclusive, and in no figure that needs a probability`,
    notScored > 0 && `${notScored} recordings had no window that could be scored; they count as inconclusive`,
    withoutGroup > 0 &&
      (withoutGroup === recordings
        ? 'the table names no groups: if a person occurs twice, the intervals are too narrow'
        : `${some(withoutGroup)} have no group in the table: if a person occurs twice, the intervals are too narrow`),
    withoutMark === recordings &&
      'the table marks no recording usable or unusable: the Challenge score takes all for usable',
    withoutMark > 0 &&
      withoutMark < recordings &&
      `${some(withoutMark)} are marked neither usable nor unusable and taken for usable`,
  ].filter((note) => note !== false);
}
