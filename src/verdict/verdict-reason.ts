import { QUALITY_REASONS } from '../window/window.js';

/** The classes of a finished recording. */
export const FINAL_VERDICTS = ['normal', 'abnormal', 'inconclusive'] as const;
export type FinalVerdict = (typeof FINAL_VERDICTS)[number];

/** While a recording is too short for a class, it listens. */
export const VERDICT_WORDS = ['listening', ...FINAL_VERDICTS] as const;
export type VerdictWord = (typeof VERDICT_WORDS)[number];

/** Why a recording gets no class. Stable words; `verdict-words.ts` and the report say them in sentences. */
export const VERDICT_REASONS = [
  'too-short',
  'too-little-usable-signal',
  'evidence-uncertain',
  /** It has a beat, but not of heart sounds: steps, a clock, music, a machine. */
  'not-a-heart',
  /** This machine could not keep up, or the model failed. */
  'windows-not-scored',
  /** Of several recordings: they were screened with different models, whose evidence cannot be joined. */
  'models-differ',
  /** What spoilt most of the unusable windows. */
  ...QUALITY_REASONS,
] as const;
export type VerdictReason = (typeof VERDICT_REASONS)[number];
