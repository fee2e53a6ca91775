import type { z } from 'zod';
import type { Gap } from '../decode/samples.js';
import type { RhythmNotice } from '../heart/rhythm-watch.js';
import { lazySchemas, type ReadBy } from '../schemas.js';
import type { JointResult } from '../verdict/joint-evidence.js';
import type { QualityReason } from '../window/window.js';
import { FINAL_VERDICTS, VERDICT_WORDS, type VerdictReason } from '../verdict/verdict-reason.js';

/**
 * What a screening finds, as it goes out and as it is stored: a type and the schema that reads it back, once for the
 * command line, sessions, report, page and evaluation. Names and meanings are a public interface; a figure that is not
 * known is `null`, never 0.
 */

const schemas = lazySchemas((z) => {
  /** Written by every version as a number or `null`; one that an older version did not know is absent. */
  const known = z.number().nullish().default(null);
  const probability = z.number().min(0).max(1).nullish().default(null);
  const count = z.number().int().nonnegative();
  /** A word that another version stored is kept; whoever says it in a sentence falls back to the word. */
  const wordsOf = <Word extends string>() =>
    z.array(z.custom<Word>((word) => typeof word === 'string')).default([]);

  const window = z.object({
    kind: z.literal('window'),
    index: count,
    startSeconds: z.number(),
    endSeconds: z.number(),
    /** Of *abnormal*, calibrated; `null` where the window was not scored. */
    probability,
    /** The model's output before calibration; `null` where the window was not scored. */
    logit: known,
    /** Signal quality index in [0, 1]. */
    quality: z.number(),
    usable: z.boolean(),
    /** Over the last seconds up to the window's end. */
    heartRateBpm: known,
    /** Why it is not usable. */
    reasons: wordsOf<QualityReason>(),
    /** Why the model never saw it: `overload` or `inference`; `null` where nothing was lost. */
    dropped: z.string().nullish().default(null),
  });

  const verdict = z.object({
    kind: z.literal('verdict'),
    verdict: z.enum(VERDICT_WORDS),
    probability,
    reasons: wordsOf<VerdictReason>(),
    usableSeconds: z.number(),
  });

  const final = z.object({
    kind: z.literal('final'),
    /** The file, or the device's path. */
    file: z.string(),
    verdict: z.enum(FINAL_VERDICTS),
    probability,
    reasons: wordsOf<VerdictReason>(),
    durationSeconds: z.number(),
    usableSeconds: z.number(),
    windows: count,
    lostSamples: count,
    droppedWindows: count,
    quality: known,
    heartRateBpm: known,
    sampleRateHz: z.number(),
    model: z.object({ name: z.string(), version: z.string(), sha256: z.string() }),
    /** The lossy codec that the recording went through, in a word; `null` where its samples are as they were. */
    lossyCodec: z.string().nullish().default(null),
    /** The profile that was used, `null` for an unknown stethoscope. */
    stethoscope: z.object({ name: z.string(), persons: count, sha256: z.string() }).nullish().default(null),
    /** What was noticed of the rhythm, no part of the verdict; `null` from a version that did not look for it. */
    rhythm: z
      .object({
        intervals: count,
        irregular: z.object({ noticed: z.boolean(), confidence: z.number() }).nullable(),
        extraBeats: z.object({ count, confidence: known }).nullable(),
        pauses: z.object({ count, confidence: known, longestSeconds: known }).nullable(),
      })
      .nullish()
      .default(null),
  });

  return { window, verdict, final };
});

export const windowEventSchema = () => schemas().window;
export const finalEventSchema = () => schemas().final;

/** What goes out may be shared, and is not changed. */
type Shared<Event extends { reasons: string[] }> = Readonly<Omit<Event, 'reasons'>> & {
  readonly reasons: readonly Event['reasons'][number][];
};

export type WindowEvent = Shared<ReadBy<typeof windowEventSchema>>;
export type VerdictEvent = Shared<z.infer<ReturnType<typeof schemas>['verdict']>>;
/** Absent in what is made up by hand; what goes out and what is read has it. */
export type FinalEvent = Omit<Shared<ReadBy<typeof finalEventSchema>>, 'lossyCodec' | 'rhythm'> & {
  readonly lossyCodec?: string | null;
  readonly rhythm?: ReadBy<typeof finalEventSchema>['rhythm'];
};

/** Something in the rhythm to listen for again: a notice, no diagnosis, and no part of the verdict. */
export interface RhythmEvent extends RhythmNotice {
  readonly kind: 'rhythm';
  readonly file: string;
  readonly message: string;
}

/** What the recordings of one person say together; see `joinEvidence`. */
export interface ExaminationEvent extends JointResult {
  readonly kind: 'examination';
}

export interface GapEvent {
  readonly kind: 'gap';
  readonly atSample: number;
  readonly lostSamples: number;
  readonly cause: Gap['cause'];
}
