import { SUBJECT } from '../../verdict/subject.js';

/** A word as names are written. A code of letters alone is one too; then this is only a hint. */
const LOOKS_LIKE_A_NAME = /^\p{Lu}\p{Ll}{2,}([ ,.'’-]+\p{L}[\p{L}.'’-]*)*$/u;
const NAME_WITH_SPACES = /^[\p{L}.'’-]+([ ,]+[\p{L}.'’-]+)+$/u;

export interface SubjectAdvice {
  /** Whether it may be recorded under. */
  readonly isCode: boolean;
  /** What a person should know, `null` for nothing. It repeats nothing of what was typed. */
  readonly sentence: string | null;
}

/** @param typed what stands in the field, trimmed, not empty */
export function subjectAdvice(typed: string): SubjectAdvice {
  const isCode = SUBJECT.test(typed);
  if (!isCode && (NAME_WITH_SPACES.test(typed) || LOOKS_LIKE_A_NAME.test(typed))) {
    return {
      isCode,
      sentence:
        'This looks like a name. Take a code such as S-017: it becomes part of file names. ' +
        'The name goes onto the printed report, by hand.',
    };
  }
  if (!isCode) {
    return {
      isCode,
      sentence:
        typed.length > 32
          ? 'The code is too long: at most 32 letters, digits, - or _.'
          : 'A code has letters (A to Z), digits, - and _ only, such as S-017; no spaces.',
    };
  }
  if (LOOKS_LIKE_A_NAME.test(typed) && !/\d/.test(typed)) {
    return {
      isCode,
      sentence: 'Is this a name? Take a code such as S-017: it becomes part of file names.',
    };
  }
  return { isCode, sentence: null };
}
