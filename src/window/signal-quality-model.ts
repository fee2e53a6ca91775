import { readFileSync } from 'node:fs';
import { ModelError } from '../errors.js';
import { BEAT_CONFIDENCE_FEATURES, type HeartRateModel } from '../heart/heart-rate.js';
import { QUALITY_MEASURES } from './signal-quality-measures.js';

/**
 * One measure's part in the index: piecewise linear in its value, constant beyond the outermost knots, so that what was
 * never seen when fitting counts as the most extreme that was.
 */
export interface MeasureScores {
  readonly name: string;
  /** Values, ascending. */
  readonly knots: readonly number[];
  /** What each knot adds to the logit of *clean*: usable against unusable, as the organisers heard it. */
  readonly clean: readonly number[];
  /** What each knot adds to the logit of *heart*: a heart sound against anything else. */
  readonly heart: readonly number[];
}

/** Coefficients of signal quality and of the heart rate's confidence: models/signal-quality.json. */
export interface SignalQualityModel {
  /** In the order of QUALITY_MEASURES. */
  readonly measures: readonly MeasureScores[];
  readonly cleanIntercept: number;
  readonly heartIntercept: number;
  /** A window is usable from this index on. */
  readonly usableFrom: number;
  readonly heartRate: HeartRateModel;
}

/** The file that ships with the package. */
export const SIGNAL_QUALITY_FILE = new URL('../../../models/signal-quality.json', import.meta.url);

/**
 * Reads and checks coefficients of signal quality.
 *
 * @throws ModelError where the file cannot be read or does not fit this version's measures
 */
export function readSignalQualityModel(file: URL | string = SIGNAL_QUALITY_FILE): SignalQualityModel {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ModelError(`signal quality coefficients ${String(file)} cannot be read; reinstall lubdub`, {
      cause,
    });
  }
  return checkSignalQualityModel(content, String(file));
}

/** @throws ModelError with the item that does not fit */
export function checkSignalQualityModel(content: unknown, name: string): SignalQualityModel {
  const require = (condition: boolean, rule: string, got: unknown) => {
    if (!condition)
      throw new ModelError(`${name}: ${rule}, got ${JSON.stringify(got)}; refit it with tools/quality`);
  };
  const model = (content ?? {}) as Partial<SignalQualityModel>;
  const measures = Array.isArray(model.measures) ? (model.measures as Partial<MeasureScores>[]) : [];
  const names = measures.map((measure) => measure?.name);
  require(names.join() === QUALITY_MEASURES.join(), `measures must be ${QUALITY_MEASURES.join()}`, names);
  for (const measure of measures) {
    const { knots, clean, heart } = measure;
    const isRow = (row: unknown) =>
      Array.isArray(row) && row.length > 1 && row.length === knots?.length && row.every(Number.isFinite);
    require([knots, clean, heart].every(
      isRow,
    ), `measure ${measure.name} must have scores for its knots`, measure);
    require(knots!.every(
      (knot, i) => i === 0 || knot > knots![i - 1],
    ), `knots of measure ${measure.name} must ascend`, knots);
  }
  require(Number.isFinite(model.cleanIntercept), 'cleanIntercept must be a number', model.cleanIntercept);
  require(Number.isFinite(model.heartIntercept), 'heartIntercept must be a number', model.heartIntercept);
  require(isShare(model.usableFrom), 'usableFrom must lie in 0..1', model.usableFrom);
  const rate = (model.heartRate ?? {}) as Partial<HeartRateModel>;
  const weights = Array.isArray(rate.weights) ? (rate.weights as unknown[]) : [];
  require(weights.length === BEAT_CONFIDENCE_FEATURES.length &&
    weights.every(
      Number.isFinite,
    ), `heartRate.weights must be one number for each of ${BEAT_CONFIDENCE_FEATURES.join()}`, rate.weights);
  require(Number.isFinite(rate.intercept), 'heartRate.intercept must be a number', rate.intercept);
  require(isShare(rate.answerFrom), 'heartRate.answerFrom must lie in 0..1', rate.answerFrom);
  return model as SignalQualityModel;
}

const isShare = (x: unknown): boolean => typeof x === 'number' && x >= 0 && x <= 1;
