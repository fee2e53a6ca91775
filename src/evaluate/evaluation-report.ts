import { DEFAULT_BOOTSTRAP, type BootstrapOptions } from './bootstrap.js';
import type { ChallengeAnswer } from './challenge-score.js';
import type { EvaluatedRecording } from './figures.js';
import type { LabelledRecording } from './labelled-set.js';
import { scoreRecordings, type Scope } from './metrics.js';
import { Ranking, type RocPoint } from './ranking.js';
import { expectedCalibrationError, reliabilityBins, type ReliabilityBin } from './reliability.js';
import { riskCoverage, type RiskCoverage } from './risk-coverage.js';
import type { Prediction } from './prediction-row.js';
import { predictiveValues, type PredictiveValues } from './predictive-values.js';
import { trainingDataStatement, type SampleComparison, type TrainingDataStatement } from './training-data.js';
import type { UsedStethoscope } from '../verdict/verdict-words.js';

/** What is evaluated and under which terms. */
export interface EvaluationTerms {
  /** In a person's words: what the model could not have seen, such as "fold 3 of 5 by group". */
  readonly splitName: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  /** The profile that the recordings were judged with; default none. */
  readonly stethoscope?: UsedStethoscope | null;
  /** From this probability on a recording is called abnormal, where each must get a class. */
  readonly threshold: number;
  /** The contract's section on how the model came to be. */
  readonly training: Readonly<Record<string, unknown>>;
  /** Samples to compare by; default by names. */
  readonly samples?: SampleComparison | null;
  /** Shares of ill people, above 0 and below 1, that predictive values are wanted for. Default none. */
  readonly prevalences?: readonly number[];
  readonly bootstrap?: BootstrapOptions;
  /** Lists of databases to average over, beside all. */
  readonly meansOver?: readonly (readonly string[])[];
}

/** Everything that an evaluation says. */
export interface EvaluationReport {
  readonly splitName: string;
  readonly trainingData: TrainingDataStatement;
  readonly model: EvaluationTerms['model'];
  readonly stethoscope: UsedStethoscope | null;
  readonly threshold: number;
  readonly bootstrap: BootstrapOptions;
  readonly recordings: number;
  /** Without a result: they count as unsure in the Challenge's score and as inconclusive. */
  readonly failed: readonly string[];
  /** Recordings whose group the table leaves out, each of which is taken for a group of its own. */
  readonly withoutGroup: number;
  /** Recordings that the table does not mark usable or unusable, taken for usable. */
  readonly withoutMark: number;
  readonly scopes: readonly Scope[];
  /** For each prevalence that was asked for, pooled and as means over databases. */
  readonly predictiveValues: readonly PredictiveValues[];
  readonly roc: readonly RocPoint[];
  readonly reliability: readonly ReliabilityBin[];
  readonly expectedCalibrationError: number | null;
  readonly riskCoverage: RiskCoverage;
  readonly answers: readonly { readonly record: string; readonly answer: ChallengeAnswer }[];
}

/** Means that leave out what the databases of the 2016 Challenge are known to be weak in. */
export const CHALLENGE_MEANS: readonly (readonly string[])[] = [
  // Not e, whose normal and abnormal recordings come from different recording chains.
  ['a', 'b', 'c', 'd', 'f'],
  // Nor c, which has seven normal recordings.
  ['a', 'b', 'd', 'f'],
];

/** @param screened results by record; a recording without one has failed */
export function evaluationReport(
  recordings: readonly LabelledRecording[],
  screened: ReadonlyMap<string, Prediction>,
  terms: EvaluationTerms,
): EvaluationReport {
  const bootstrap = terms.bootstrap ?? DEFAULT_BOOTSTRAP;
  const evaluated = recordings.map((recording) => evaluatedOf(recording, screened.get(recording.record)));
  const abnormal = evaluated.map((recording) => recording.abnormal);
  const probabilities = evaluated.map(({ probability }) => probability);
  const reliability = reliabilityBins(abnormal, probabilities);
  const scopes = scoreRecordings(evaluated, {
    threshold: terms.threshold,
    bootstrap,
    meansOver: terms.meansOver ?? CHALLENGE_MEANS,
  });
  return {
    splitName: terms.splitName,
    trainingData: trainingDataStatement(recordings, terms.training, terms.samples),
    model: terms.model,
    stethoscope: terms.stethoscope ?? null,
    threshold: terms.threshold,
    bootstrap,
    recordings: recordings.length,
    failed: recordings.flatMap(({ record }) => (screened.has(record) ? [] : [record])),
    withoutGroup: recordings.filter(({ group }) => group === null).length,
    withoutMark: recordings.filter(({ markedUsable }) => markedUsable === null).length,
    scopes,
    predictiveValues: (terms.prevalences ?? []).flatMap((prevalence) => predictiveValues(scopes, prevalence)),
    roc: new Ranking(abnormal, probabilities).rocPoints(),
    reliability,
    expectedCalibrationError: expectedCalibrationError(reliability),
    riskCoverage: riskCoverage(abnormal, probabilities, terms.threshold),
    answers: recordings.map(({ record }, index) => ({ record, answer: evaluated[index].answer })),
  };
}

function evaluatedOf(recording: LabelledRecording, final: Prediction | undefined): EvaluatedRecording {
  return {
    abnormal: recording.label === 'abnormal',
    markedUsable: recording.markedUsable ?? true,
    answer: final === undefined ? 0 : ANSWERS[final.verdict],
    probability: final?.probability ?? null,
    database: recording.database,
    group: recording.group,
  };
}

const ANSWERS: Record<Prediction['verdict'], ChallengeAnswer> = {
  abnormal: 1,
  normal: -1,
  inconclusive: 0,
};
