import { z } from 'zod';

const positive = z.number().positive();
const count = z.number().int().positive();
const probability = z.number().min(0).max(1);
const tensor = z.object({ shape: z.array(count).min(1), dtype: z.literal('float32') });

const logFilterBank = z.object({
  type: z.literal('log-filter-bank'),
  frameSamples: count,
  hopSamples: count,
  window: z.literal('hann-periodic'),
  fftSize: count,
  bandCount: z.number().int().min(2),
  lowHz: positive,
  highHz: positive,
  floor: positive,
  bandMeanRemoval: z.number().min(0).max(1),
  scale: positive,
  clip: positive,
});

const input = z.object({
  sampleRateHz: count,
  band: z.object({
    type: z.literal('butterworth'),
    order: z.number().int().min(1).max(12),
    lowHz: positive,
    highHz: positive,
  }),
  antiAlias: z.object({ passHz: positive, stopHz: positive, stopbandDb: z.number().gt(50) }),
  windowSamples: count,
  hopSamples: count,
  features: logFilterBank,
  tensor,
});

/** How window evidence becomes a verdict; see `RecordingVerdict`. */
const verdict = z.object({
  aggregation: z.literal('quality-weighted-mean-logit'),
  /** The one threshold of the figures in the model card, where every recording must get a class. */
  abnormalAtLeast: probability,
  /** From `from` up to but not including `to` the evidence is too weak for either class: inconclusive. */
  uncertain: z.object({ from: probability, to: probability }),
  minimumUsableSeconds: positive,
  /** Mean signal quality index of all windows below which a recording gets no class. */
  minimumQuality: probability,
});

/** What a training run leaves beside the model so that the runtime cannot be fed with something else. */
export const modelContractSchema = z
  .object({
    contractVersion: z.literal(1),
    name: z.string().min(1),
    version: z.string().min(1),
    /** The model file, beside the contract. */
    file: z.string().regex(/^[^/\\]+\.tflite$/, 'must be the name of a .tflite file beside the contract'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
    input,
    output: z.object({ tensor, meaning: z.literal('logit of abnormal') }),
    calibration: z.object({ type: z.literal('platt'), scale: positive, offset: z.number() }),
    verdict,
    training: z.record(z.string(), z.unknown()),
    evaluation: z.record(z.string(), z.unknown()).optional(),
  })
  .superRefine((contract, context) => {
    const { features, windowSamples, hopSamples, sampleRateHz, band } = contract.input;
    const rule = (holds: boolean, path: string, message: string) => {
      if (!holds) context.addIssue({ code: 'custom', path: path.split('.'), message });
    };
    const isPowerOfTwo = (n: number) => (n & (n - 1)) === 0;
    rule(hopSamples <= windowSamples, 'input.hopSamples', `must be at most windowSamples = ${windowSamples}`);
    rule(band.lowHz < band.highHz, 'input.band.highHz', `must be over lowHz = ${band.lowHz}`);
    rule(band.highHz < sampleRateHz / 2, 'input.band.highHz', `must be under half of ${sampleRateHz} Hz`);
    rule(
      hopSamples % features.hopSamples === 0,
      'input.hopSamples',
      `must be a multiple of features.hopSamples = ${features.hopSamples}`,
    );
    rule(
      features.hopSamples <= features.frameSamples && features.frameSamples <= windowSamples,
      'input.features.frameSamples',
      `must be from features.hopSamples = ${features.hopSamples} to windowSamples = ${windowSamples}`,
    );
    rule(
      isPowerOfTwo(features.fftSize) && features.fftSize >= features.frameSamples,
      'input.features.fftSize',
      `must be a power of two and at least frameSamples = ${features.frameSamples}`,
    );
    rule(
      features.lowHz < features.highHz && features.highHz < sampleRateHz / 2,
      'input.features.highHz',
      `must be over lowHz = ${features.lowHz} and under half of ${sampleRateHz} Hz`,
    );
    const frames = Math.floor((windowSamples - features.frameSamples) / features.hopSamples) + 1;
    const elements = contract.input.tensor.shape.reduce((product, size) => product * size, 1);
    rule(
      elements === frames * features.bandCount,
      'input.tensor.shape',
      `must hold ${frames} frames of ${features.bandCount} bands, got [${contract.input.tensor.shape.join(', ')}]`,
    );
    const { abnormalAtLeast, uncertain } = contract.verdict;
    rule(
      uncertain.from <= abnormalAtLeast && abnormalAtLeast <= uncertain.to,
      'verdict.uncertain',
      `must enclose abnormalAtLeast = ${abnormalAtLeast}`,
    );
  });

export type ModelContract = z.infer<typeof modelContractSchema>;
export type VerdictRules = ModelContract['verdict'];
export type Calibration = ModelContract['calibration'];

/** How a model hears: the band and the rate that its windows are cut from. A session keeps it, to be drawn alike. */
export const hearingSchema = input.pick({ sampleRateHz: true, band: true, antiAlias: true });
export type Hearing = z.infer<typeof hearingSchema>;

/** The conditioning of a contract for one source, in the form that the condition stage takes. */
export function conditioningFor({ input }: { readonly input: Hearing }, sourceRateHz: number) {
  const { band, antiAlias, sampleRateHz } = input;
  return {
    bandPass: { order: band.order, lowHz: band.lowHz, highHz: band.highHz, sampleRateHz: sourceRateHz },
    decimate: { inputRateHz: sourceRateHz, outputRateHz: sampleRateHz, antiAlias },
  };
}

/** How the model did on a database that was left out of its training, as far as the contract tells. */
const leftOutSchema = z.object({
  databaseLeftOut: z.object({ perDatabase: z.record(z.string(), z.object({ specificity: probability })) }),
});

/**
 * Shares of healthy recordings that were called abnormal on databases left out of training: what an unknown stethoscope
 * has to expect.
 *
 * @returns `null` where the contract does not tell
 */
export function falseAlarmsElsewhere({ evaluation }: Pick<ModelContract, 'evaluation'>) {
  const parsed = leftOutSchema.safeParse(evaluation);
  if (!parsed.success) return null;
  const shares = Object.values(parsed.data.databaseLeftOut.perDatabase).map((found) => 1 - found.specificity);
  if (shares.length === 0) return null;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return { mean, least: Math.min(...shares), most: Math.max(...shares) };
}
