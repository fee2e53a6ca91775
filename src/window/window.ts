import type { HeardSound } from '../heart/heard-sounds.js';
import type { HeartRateEstimate } from '../heart/heart-rate.js';

/** Why a window is unusable. Stable words. */
export const QUALITY_REASONS = [
  /** No more than the last bit moves. */
  'silent',
  /** The same value for a second or more: a dead sensor, a dropped-out cable. */
  'flat',
  /** Samples crowd at full scale or at the signal's own extremes. */
  'clipped',
  /** There may be a heart in it, but what else is in it is too strong. */
  'noisy',
  /** Nothing in it repeats and sounds as a heart does. */
  'no-heartbeat',
  /** The level jumps: handling, rubbing, speech. */
  'unsteady',
  /** Hum of the mains goes through it: a charger, a lamp, a lead. */
  'mains-hum',
  /** The stethoscope says that it touches no skin. */
  'no-contact',
] as const;
export type QualityReason = (typeof QUALITY_REASONS)[number];

/** How well the heart can be heard in one window, and why not. */
export interface WindowQuality {
  /** Signal quality index in [0, 1]. */
  readonly sqi: number;
  /** Whether the window may count towards a verdict. */
  readonly usable: boolean;
  /** Empty where nothing is wrong; of a usable window, what is worth mending all the same. */
  readonly reasons: readonly QualityReason[];
  /**
   * How much what has a beat here is like a heart: a recording whose windows are below 0 on the whole is none, a short one
   * where they are by more. Of usable windows only.
   */
  readonly likeness?: number;
}

/** One window of one stretch, ready to be classified. */
export interface HeartSoundWindow {
  readonly kind: 'window';
  /** 0, 1, 2, … over the whole recording, gaps or not. */
  readonly index: number;
  /** On the source's time axis, which counts lost samples. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /**
   * The model's input, float32 in the contract's shape, or `undefined` where the window holds no energy at all.
   * The receiver owns the array, unless the windows' maker was asked to lend it.
   */
  readonly features: Float32Array | undefined;
  readonly quality: WindowQuality;
  /** Over the last seconds up to the window's end; `null` when unsure. */
  readonly heartRate: HeartRateEstimate | null;
  /**
   * Heart sounds that were settled since the window before, on the source's time axis, in order: 1.3 to 3 s late, so that
   * they lie in windows before this one too. Those of the last 1.3 to 3 s of a stretch are never told.
   */
  readonly sounds?: readonly HeardSound[];
}
