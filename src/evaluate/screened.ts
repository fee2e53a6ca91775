import type { VerdictWord } from '../verdict/recording-verdict.js';

/** What screening one recording gave: the fields of the `final` record that an evaluation keeps. */
export interface ScreenedFinal {
  readonly verdict: Exclude<VerdictWord, 'listening'>;
  /** Calibrated, of *abnormal*; `null` where no window was scored. */
  readonly probability: number | null;
  readonly reasons: readonly string[];
  readonly durationSeconds: number;
  readonly usableSeconds: number;
  readonly windows: number;
  readonly lostSamples: number;
  readonly droppedWindows: number;
  readonly quality: number | null;
  readonly heartRateBpm: number | null;
  readonly sampleRateHz: number;
}

export interface ScreenedWindow {
  readonly index: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Not calibrated; `null` where the window was not scored. */
  readonly logit: number | null;
  readonly probability: number | null;
  readonly quality: number;
  readonly usable: boolean;
}

/** A recording after the whole way. */
export interface Screened {
  readonly final: ScreenedFinal;
  readonly windows: readonly ScreenedWindow[];
}
