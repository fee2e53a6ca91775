import type { ProfileSummary } from '../verdict/stethoscope-profile-words.js';
import type { VerdictReason } from '../verdict/verdict-reason.js';

/** What is to be seen of a stethoscope and its profile. */
export interface StethoscopeStatus {
  /** What the one that answers calls itself, `null` where none does. */
  readonly device: string | null;
  /** It tells who it is, so that its profile is found again when the program begins anew. */
  readonly isKnownAgain: boolean;
  /** A name for its profile. */
  readonly proposedName: string;
  /** The one that its recordings are judged by, `null` for an unknown stethoscope. */
  readonly profile: ProfileSummary | null;
  /** Whether recordings may be kept as sessions. */
  readonly mayKeep: boolean;
  readonly fit: FitStatus | null;
}

/** How far the fit of a profile has come. Nothing in it says what was found in anybody. */
export interface FitStatus {
  /** Of the profile. */
  readonly name: string;
  /** Recordings are kept as sessions. */
  readonly isKept: boolean;
  /**
   * `ready`: the next recording may begin. `searching`: one has begun, and the device is looked for. `fitting`: the
   * profile is made and written. `done`: see `result`.
   */
  readonly stage: 'ready' | 'searching' | 'recording' | 'fitting' | 'done';
  /** Length of a recording. */
  readonly seconds: number;
  /** Without so many people there is no profile. */
  readonly leastPersons: number;
  /** Who is listened to, or is the next; from 1. */
  readonly person: number;
  /** People with a usable recording. */
  readonly persons: number;
  readonly recordings: readonly FitRecording[];
  /** Why the last recording came to nothing, a sentence. */
  readonly problem: string | null;
  readonly result: ProfileSummary | null;
}

export interface FitRecording {
  readonly person: number;
  readonly isUsable: boolean;
  readonly usableSeconds: number;
  /** Why it is not usable. */
  readonly reasons: readonly VerdictReason[];
}
