import type { z } from 'zod';
import { BEAT_CONFIDENCE_FEATURES } from '../heart/heart-rate.js';
import { checkModelFile, readModelFile, type ModelFile } from '../model-file.js';
import { readHeartSoundNetwork } from '../heart/heart-sounds-model.js';
import type { HeartSoundNetwork } from '../heart/heart-sound-emissions.js';
import { lazySchemas } from '../schemas.js';
import { LIKENESS_MEASURES } from './heart-likeness-measures.js';
import { QUALITY_MEASURES } from './signal-quality-measures.js';

/** The file that ships with the package. */
export const SIGNAL_QUALITY_FILE = new URL('../../../models/signal-quality.json', import.meta.url);

const schemas = lazySchemas((z) => {
  const inShare = {
    error: ({ input }: { readonly input?: unknown }) => `must lie in 0..1, got ${String(input)}`,
  };
  const share = z.number().min(0, inShare).max(1, inShare);
  const scores = z.array(z.number(), 'must be numbers').readonly();

  const measureScores = z
    .object({
      name: z.string(),
      /** Values, ascending. */
      knots: z.array(z.number()).min(2, 'must be at least two').readonly(),
      /** What each knot adds to the logit of *clean*: usable against unusable, as the organisers heard it. */
      clean: scores,
      /** What each knot adds to the logit of *heart*: a heart sound against anything else. */
      heart: scores,
    })
    .superRefine(({ knots, clean, heart }, context) => {
      for (const [item, { length }] of Object.entries({ clean, heart })) {
        if (length === knots.length) continue;
        const message = `must have a score for each of ${knots.length} knots, got ${length}`;
        context.addIssue({ code: 'custom', path: [item], message });
      }
      if (knots.some((knot, i) => i > 0 && knot <= knots[i - 1])) {
        context.addIssue({ code: 'custom', path: ['knots'], message: `must ascend, got ${knots.join()}` });
      }
    })
    .readonly();

  const likenessScores = z
    .object({
      name: z.enum(LIKENESS_MEASURES, { error: `must be one of ${LIKENESS_MEASURES.join()}` }),
      /** Values, ascending. */
      knots: z.array(z.number()).min(2, 'must be at least two').readonly(),
      /** What each knot adds. */
      scores,
    })
    .superRefine(({ knots, scores: { length } }, context) => {
      const message = `must be ascending, and as many as scores, got ${knots.join()} and ${length} scores`;
      if (knots.length !== length || knots.some((knot, i) => i > 0 && knot <= knots[i - 1])) {
        context.addIssue({ code: 'custom', path: ['knots'], message });
      }
    })
    .readonly();

  const whole = z
    .object({
      /** In the order of QUALITY_MEASURES. */
      measures: z
        .array(measureScores)
        .refine(
          (measures) => measures.map(({ name }) => name).join() === QUALITY_MEASURES.join(),
          `must be ${QUALITY_MEASURES.join()}`,
        )
        .readonly(),
      cleanIntercept: z.number(),
      heartIntercept: z.number(),
      /** A window is usable from this index on. */
      usableFrom: share,
      heartRate: z
        .object({
          weights: z
            .array(z.number())
            .length(
              BEAT_CONFIDENCE_FEATURES.length,
              `must be one number for each of ${BEAT_CONFIDENCE_FEATURES.join()}`,
            )
            .readonly(),
          intercept: z.number(),
          /** Below this confidence there is no answer. */
          answerFrom: share,
        })
        .readonly(),
      /** A heart against what else has a beat; what is below 0 on the whole is no heart. */
      likeness: z
        .object({
          measures: z.array(likenessScores).readonly(),
          intercept: z.number(),
          /** A window's score is bounded softly at this size; the limit is taken off thereafter. */
          bound: z.number().positive(),
          limit: z.number(),
        })
        .readonly(),
    })
    .readonly();
  return { measureScores, whole };
});

/**
 * One measure's part in the index: piecewise linear in its value, constant beyond the outermost knots, so that what was
 * never seen when fitting counts as the most extreme that was.
 */
export type MeasureScores = z.infer<ReturnType<typeof schemas>['measureScores']>;

/**
 * Coefficients of signal quality and of the heart rate's confidence, models/signal-quality.json, and the network for heart
 * sounds that it listens with.
 */
export type SignalQualityModel = z.infer<ReturnType<typeof schemas>['whole']> & {
  readonly heartSounds: HeartSoundNetwork;
};

const file = {
  what: 'signal quality coefficients',
  schema: () => schemas().whole,
  madeBy: 'tools/quality',
} satisfies ModelFile<ReturnType<typeof schemas>['whole']>;

/**
 * Reads and checks coefficients of signal quality.
 *
 * @throws ModelError where the file cannot be read or does not fit this version's measures
 */
export const readSignalQualityModel = (path: URL | string = SIGNAL_QUALITY_FILE): SignalQualityModel => ({
  ...readModelFile(file, path),
  heartSounds: readHeartSoundNetwork(),
});

/** @throws ModelError with the item that does not fit */
export const checkSignalQualityModel = (content: unknown, name: string): SignalQualityModel => ({
  ...checkModelFile(file, content, name),
  heartSounds: readHeartSoundNetwork(),
});
