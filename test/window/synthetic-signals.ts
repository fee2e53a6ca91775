import { butterworthBandPass } from '../../src/condition/butterworth.js';
import { RationalResampler } from '../../src/condition/rational-resampler.js';
import { SosFilter } from '../../src/condition/second-order-sections.js';
import { SignalQuality, type MeasuredQuality } from '../../src/window/signal-quality.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';

/** Rate, window and hop of the shipped model. */
export const MODEL_RATE_HZ = 1000;
export const WINDOW_SAMPLES = 3000;
export const HOP_SAMPLES = 1000;
export const MODEL = readSignalQualityModel();

/** Mulberry32 and Box-Muller: the same noise on every machine. */
export function noiseFrom(seed: number): { uniform: () => number; normal: () => number } {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

export function signalOf(seconds: number, rateHz: number, sample: (seconds: number) => number): Float64Array {
  return Float64Array.from({ length: Math.round(seconds * rateHz) }, (_, n) => sample(n / rateHz));
}

/** Onto a 16-bit grid in [-1, 1), with what lies beyond cut off. */
export const toSixteenBits = (x: Float64Array): Float64Array =>
  x.map((value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768))) / 32768);

export interface HeartOptions {
  readonly bpm: number;
  readonly seconds: number;
  readonly rateHz: number;
  /** Peak of S1. */
  readonly level?: number;
  /** Standard deviation of white noise over the peak of S1. */
  readonly noise?: number;
  readonly seed?: number;
}

/** S1 and S2 as decaying 50 Hz bursts at known times, systole 0.3 s or three eighths of a fast beat, over noise. */
export function heartSounds(options: HeartOptions): Float64Array {
  const { bpm, seconds, rateHz, level = 0.5, noise = 0.01, seed = 1 } = options;
  const random = noiseFrom(seed);
  const x = signalOf(seconds, rateHz, () => level * noise * random.normal());
  const beat = 60 / bpm;
  const systole = Math.min(0.3, 0.375 * beat);
  for (let at = 0.2; at < seconds; at += beat) {
    addSound(x, rateHz, at, level);
    addSound(x, rateHz, at + systole, 0.6 * level);
  }
  return x;
}

function addSound(x: Float64Array, rateHz: number, atSeconds: number, level: number): void {
  const first = Math.ceil(atSeconds * rateHz);
  for (let n = first; n < Math.min(x.length, first + 0.1 * rateHz); n++) {
    const t = n / rateHz - atSeconds;
    x[n] += level * Math.sin(Math.PI * (t / 0.1)) ** 2 * Math.sin(2 * Math.PI * 50 * t);
  }
}

/** The signal chain that the shipped model's windows come from. */
export function condition(samples: Float64Array, rateHz: number): Float64Array {
  const filter = new SosFilter(
    butterworthBandPass({ order: 4, lowHz: 25, highHz: 400, sampleRateHz: rateHz }),
  );
  if (samples.length > 0) filter.prime(samples[0]);
  const filtered = new Float64Array(samples.length);
  filter.execute(samples, filtered);
  return new RationalResampler({
    inputRateHz: rateHz,
    outputRateHz: MODEL_RATE_HZ,
    antiAlias: { passHz: 400, stopHz: 600, stopbandDb: 80 },
  }).execute(filtered);
}

export const newQuality = (rateHz: number, bitsPerSample = 16): SignalQuality =>
  new SignalQuality({
    sourceRateHz: rateHz,
    modelRateHz: MODEL_RATE_HZ,
    windowSamples: WINDOW_SAMPLES,
    bitsPerSample,
    model: MODEL,
  });

/** Judges all windows of a signal, given in one piece. */
export function judge(
  samples: Float64Array,
  rateHz: number,
  quality = newQuality(rateHz),
): MeasuredQuality[] {
  const conditioned = condition(samples, rateHz);
  quality.executeRaw(samples);
  const windows: MeasuredQuality[] = [];
  for (let at = 0, end = WINDOW_SAMPLES; end <= conditioned.length; at = end, end += HOP_SAMPLES) {
    quality.executeConditioned(conditioned.subarray(at, end));
    windows.push(quality.window());
  }
  return windows;
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
