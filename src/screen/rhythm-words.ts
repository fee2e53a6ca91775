import type { RhythmNotice, RhythmSummary } from '../heart/rhythm-watch.js';
import { percent } from '../verdict/verdict-words.js';

/** What a notice is and is not, in every sentence that tells one. */
export const RHYTHM_CAUTION = 'no diagnosis, no part of the verdict';

/** One notice in a line that fits beside a patient. */
export function rhythmSentence({
  notice,
  startSeconds,
  endSeconds,
  confidence,
  count,
}: RhythmNotice): string {
  const sure = `(confidence ${percent(confidence)})`;
  const at = `${endSeconds.toFixed(1)} s`;
  switch (notice) {
    case 'irregular':
      return `the rhythm seems irregular, without a pattern ${sure}: feel the pulse; ${RHYTHM_CAUTION}`;
    case 'extra-beat': {
      const beats =
        count === 1 ? 'a beat seems to come early,' : `${count} beats seem to come early, the last`;
      return `${beats} at ${at} ${sure}: feel the pulse; ${RHYTHM_CAUTION}`;
    }
    case 'pause': {
      const length = `${(endSeconds - startSeconds).toFixed(1)} s`;
      const pauses =
        count === 1
          ? `a pause of ${length} seems to end at`
          : `${count} pauses seem to be there, the last of ${length} up to`;
      return `${pauses} ${at} ${sure}: listen again; ${RHYTHM_CAUTION}`;
    }
  }
}

/** What was noticed in a whole recording, a phrase each; nothing where nothing was. */
export function rhythmFindings({ irregular, extraBeats, pauses }: RhythmSummary): string[] {
  const sure = (confidence: number | null) =>
    confidence === null ? '' : ` (confidence ${percent(confidence)})`;
  const findings: string[] = [];
  if (irregular?.noticed === true) {
    findings.push(`seems irregular, without a pattern${sure(irregular.confidence)}`);
  }
  if (extraBeats !== null && extraBeats.count > 0) {
    const { count, confidence } = extraBeats;
    findings.push(`${count} ${count === 1 ? 'beat seems' : 'beats seem'} to come early${sure(confidence)}`);
  }
  if (pauses !== null && pauses.count > 0) {
    const { count, confidence, longestSeconds } = pauses;
    const length = longestSeconds === null ? '' : `, the longest ${longestSeconds.toFixed(1)} s`;
    findings.push(`${count} ${count === 1 ? 'pause' : 'pauses'}${length}${sure(confidence)}`);
  }
  return findings;
}

/** The rhythm of a recording in a line: what was noticed, or what could be told had it been there. */
export function rhythmLine(rhythm: RhythmSummary | null): string {
  if (rhythm === null) return 'not known: it was not looked for';
  const findings = rhythmFindings(rhythm);
  if (findings.length > 0) return `${findings.join('; ')}: a notice, not a diagnosis`;
  const { irregular, extraBeats } = rhythm;
  if (extraBeats === null && irregular === null) return 'not known: too few beats were heard in a row';
  if (irregular === null) {
    return 'no extra beat or pause noticed; too few beats to tell whether it is irregular';
  }
  return 'no irregularity, extra beat or pause noticed';
}
