import { ModelError } from '../errors.js';
import type { Gap } from '../decode/samples.js';
import type { HeartRateEstimate } from '../heart/heart-rate.js';
import type { HeartSoundWindow, WindowQuality } from '../window/window.js';

/** A window after the model, or after the model could not have it. */
export interface ClassifiedWindow {
  readonly kind: 'window';
  readonly index: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly quality: WindowQuality;
  readonly heartRate: HeartRateEstimate | null;
  readonly sounds?: HeartSoundWindow['sounds'];
  /** Not calibrated evidence for *abnormal*; `null` where the window was not scored. */
  readonly logit: number | null;
  /**
   * Why it was not scored: `overload` (it waited behind too many others), `inference` (its worker died or hung).
   * A window without energy is not scored either, which is no loss.
   */
  readonly dropped: 'overload' | 'inference' | null;
}

export type Classified = ClassifiedWindow | Gap;

/** What the operator needs of a classifier; {@link Classifier} is one. */
export interface WindowScorer {
  readonly threadCount: number;
  /** For people: what executes the model. */
  readonly runtime?: string;
  score(features: Float32Array): Promise<number>;
  /**
   * As `score`, at once and in this thread, where the model runs in it. Does not keep the array.
   *
   * @throws ModelError for a window that the model cannot take; whatever else means that the runtime is spoilt
   */
  readonly scoreNow?: ((features: Float32Array) => number) | undefined;
}

/** @param classifier one that has `scoreNow` */
export function classifiedAtOnce(window: HeartSoundWindow, classifier: WindowScorer): ClassifiedWindow {
  const { features } = window;
  return classified(window, features === undefined ? null : classifier.scoreNow!(features), null);
}

/** Whether a call failed because its worker died or hung, and another may follow. */
export const isLostThread = (error: unknown): error is ModelError =>
  error instanceof ModelError && error.code === 'LUBDUB_RUNTIME';

/** A window with what became of it. */
export function classified(
  window: HeartSoundWindow,
  logit: number | null,
  dropped: ClassifiedWindow['dropped'],
): ClassifiedWindow {
  const { index, startSeconds, endSeconds, quality, heartRate, sounds = [] } = window;
  return { kind: 'window', index, startSeconds, endSeconds, quality, heartRate, sounds, logit, dropped };
}
