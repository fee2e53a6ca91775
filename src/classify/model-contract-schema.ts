import { kaiserLength, MOST_TAPS } from '../condition/kaiser-low-pass.js';
import { MAX_SOURCE_RATE_HZ } from '../decode/source-rate.js';
import { lazySchemas } from '../schemas.js';

const MOST_ELEMENTS = 2 ** 20;

export const contractSchemas = lazySchemas((z) => {
  /** Every figure has bounds, far beyond what a model may want: what lies beyond would take memory or time without end. */
  const positive = z.number().positive().max(1e6);
  const count = z
    .number()
    .int()
    .positive()
    .max(2 ** 20);
  const frequency = z.number().min(0.01).max(1e6);
  const probability = z.number().min(0).max(1);
  /** Of a class: at 0 or 1 every recording, or none, would have it. */
  const threshold = z.number().gt(0).lt(1);
  const logit = z.number().min(-1000).max(1000);
  const tensor = z.object({ shape: z.array(count).min(1).max(8), dtype: z.literal('float32') });
  const logFilterBank = z.object({
    type: z.literal('log-filter-bank'),
    frameSamples: count,
    hopSamples: count,
    window: z.literal('hann-periodic'),
    fftSize: count.min(8).max(2 ** 14),
    bandCount: z.number().int().min(2).max(512),
    lowHz: frequency,
    highHz: frequency,
    floor: positive.min(1e-15),
    bandMeanRemoval: z.number().min(0).max(1),
    scale: positive.min(1e-6),
    clip: positive.min(1e-6),
  });

  const input = z.object({
    sampleRateHz: count.max(MAX_SOURCE_RATE_HZ),
    band: z.object({
      type: z.literal('butterworth'),
      order: z.number().int().min(1).max(12),
      lowHz: frequency,
      highHz: frequency,
    }),
    antiAlias: z.object({ passHz: frequency, stopHz: frequency, stopbandDb: z.number().gt(50).max(200) }),
    windowSamples: count,
    hopSamples: count,
    features: logFilterBank,
    tensor,
  });

  /** How window evidence becomes a verdict; see `RecordingVerdict`. */
  const verdict = z.object({
    aggregation: z.literal('quality-weighted-mean-logit'),
    /** The one threshold of the figures in the model card, where every recording must get a class. */
    abnormalAtLeast: threshold,
    /** From `from` up to but not including `to` the evidence is too weak for either class: inconclusive. */
    uncertain: z.object({ from: threshold, to: threshold }),
    minimumUsableSeconds: positive,
    /** Mean signal quality index of all windows below which a recording gets no class. */
    minimumQuality: probability,
  });

  /** A few real windows and what the model made of them when it was released; see `checkGolden`. */
  const golden = z.object({
    encoding: z.literal('base64 of int8'),
    /** What one integer stands for. */
    step: positive,
    /** How far a logit may be off: another machine's kernels round differently. */
    tolerance: z.number().positive().max(0.1),
    windows: z
      .array(z.object({ features: z.base64(), logit }))
      .min(1)
      .max(64),
  });

  /** What a training run leaves beside the model so that the runtime cannot be fed with something else. */
  const contract = z
    .object({
      contractVersion: z.literal(1),
      name: z.string().min(1),
      version: z.string().min(1),
      /** The model file, beside the contract. */
      file: z.string().regex(/^[^/\\]+\.tflite$/, 'must be the name of a .tflite file beside the contract'),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
      input,
      output: z.object({ tensor, meaning: z.literal('logit of abnormal') }),
      calibration: z.object({ type: z.literal('platt'), scale: positive, offset: logit }),
      verdict,
      golden: golden.optional(),
      training: z.record(z.string(), z.unknown()),
      evaluation: z.record(z.string(), z.unknown()).optional(),
    })
    .superRefine((contract, context) => {
      const { features, windowSamples, hopSamples, sampleRateHz, band } = contract.input;
      const rule = (holds: boolean, path: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: path.split('.'), message });
      };
      const isPowerOfTwo = (n: number) => (n & (n - 1)) === 0;
      rule(
        hopSamples <= windowSamples,
        'input.hopSamples',
        `must be at most windowSamples = ${windowSamples}`,
      );
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
      rule(elements <= MOST_ELEMENTS, 'input.tensor.shape', `must hold at most ${MOST_ELEMENTS} elements`);
      const { antiAlias } = contract.input;
      rule(
        antiAlias.passHz < antiAlias.stopHz && antiAlias.stopHz <= sampleRateHz,
        'input.antiAlias.stopHz',
        `must be over passHz = ${antiAlias.passHz} and at most ${sampleRateHz} Hz`,
      );
      // The filter is longest where the source's rate shares no factor with the model's.
      const taps = kaiserLength({ ...antiAlias, sampleRateHz: MAX_SOURCE_RATE_HZ * sampleRateHz });
      rule(
        taps <= MOST_TAPS,
        'input.antiAlias',
        `must be a low-pass of at most ${MOST_TAPS} taps for any source, got ${taps}: lower stopbandDb, or widen passHz..stopHz`,
      );
      const { abnormalAtLeast, uncertain } = contract.verdict;
      rule(
        uncertain.from <= abnormalAtLeast && abnormalAtLeast <= uncertain.to,
        'verdict.uncertain',
        `must enclose abnormalAtLeast = ${abnormalAtLeast}`,
      );
    });

  /** How a model hears: the band and the rate that its windows are cut from. A session keeps it, to be drawn alike. */
  const hearing = input.pick({ sampleRateHz: true, band: true, antiAlias: true });

  /** By what a recording's evidence becomes a class. A session keeps it, so that recordings can be joined later. */
  const limits = verdict.pick({
    minimumUsableSeconds: true,
    minimumQuality: true,
    uncertain: true,
  });
  return { contract, hearing, limits };
});
