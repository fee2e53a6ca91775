import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../heart/envelope-bank.js';
import { RecentValues, median, quantile } from './recent-values.js';

/** Bins of the fine envelope a second: 4 ms each, so that a click and a heart sound differ in width. */
const BINS_PER_SECOND = 250;
const CONTEXT_SECONDS = 8;
/** Either side of a sound's peak that belongs to it. */
const REACH_BINS = 25;
/** Two sounds closer than this are one. */
const APART_BINS = 38;
/** Sounds a second that are looked at: two for each of 75 beats a minute. */
const MOST_PER_SECOND = 2.5;
/** What is quieter than this share of the second loudest sound's energy is no sound. */
const LEAST_SHARE = 0.05;
/** Keeps logarithms of digital silence finite. */
const LEAST_ENERGY = 1e-20;
/** Frames about a peak that its colour is taken from. */
const COLOUR_FRAMES = { before: 2, after: 3 } as const;

/** The loudest sounds of the last 8 s: how long, how abrupt, how even, of what colour. */
export interface LoudSounds {
  readonly perSecond: number;
  /** Standard deviation of a sound's energy in time, median, in milliseconds: 15..40 for heart sounds. */
  readonly widthMs: number;
  /** Energy after the peak less that before it, over their sum, median: 1 for what is struck and dies away. */
  readonly skew: number;
  /** log10 of the energies of loud (90 %) over quiet (10 %) sounds. */
  readonly levelSpread: number;
  /** log10 of the energy above 150 Hz over that below, and of 65..150 Hz over 25..65 Hz; medians. */
  readonly high: number;
  readonly mid: number;
  /** Half the sign changes a second, median, in hertz. */
  readonly pitchHz: number;
}

/** Keeps the fine envelope of a stretch and looks for its loudest sounds. Any chunking; `reset()` at a gap. */
export class LoudSoundFinder {
  private readonly binSamples: number;
  private readonly bins = new RecentValues(CONTEXT_SECONDS * BINS_PER_SECOND);
  private readonly frames: readonly RecentValues[];
  private binCount = 0;
  private frameCount = 0;
  private sum = 0;
  private filled = 0;

  constructor(private readonly modelRateHz: number) {
    this.binSamples = Math.max(1, Math.round(modelRateHz / BINS_PER_SECOND));
    this.frames = Array.from(
      { length: FRAME_LENGTH },
      () => new RecentValues(CONTEXT_SECONDS * FRAME_RATE_HZ),
    );
  }

  /** @param frames that an EnvelopeBank makes of the same samples */
  push(samples: Float64Array, frames: Float64Array): void {
    for (let i = 0; i < samples.length; i++) {
      this.sum += samples[i] * samples[i];
      if (++this.filled < this.binSamples) continue;
      this.bins.push(this.sum);
      this.binCount++;
      this.sum = this.filled = 0;
    }
    for (let i = 0; i < frames.length; i++) this.frames[i % FRAME_LENGTH].push(frames[i]);
    this.frameCount += frames.length / FRAME_LENGTH;
  }

  find(): LoudSounds {
    const envelope = smooth(this.bins.last());
    const floor = quantile(envelope, 0.2, 0);
    const peaks = this.peaks(envelope);
    const shapes = peaks.map((peak) => shapeOf(envelope, peak, floor));
    const colours = peaks.map((peak) => this.colourAt(peak, envelope.length));
    const levels = peaks.map((peak) => Math.log10(envelope[peak] + LEAST_ENERGY));
    const msPerBin = (1000 * this.binSamples) / this.modelRateHz;
    return {
      perSecond: peaks.length / Math.max(1, (envelope.length * msPerBin) / 1000),
      widthMs:
        msPerBin *
        median(
          shapes.map(({ width }) => width),
          0,
        ),
      skew: median(
        shapes.map(({ skew }) => skew),
        1,
      ),
      levelSpread: quantile(levels, 0.9, 0) - quantile(levels, 0.1, 0),
      high: median(
        colours.map(({ high }) => high),
        0,
      ),
      mid: median(
        colours.map(({ mid }) => mid),
        0,
      ),
      pitchHz: median(
        colours.map(({ pitchHz }) => pitchHz),
        0,
      ),
    };
  }

  reset(): void {
    this.bins.reset();
    for (const field of this.frames) field.reset();
    this.binCount = this.frameCount = this.sum = this.filled = 0;
  }

  /** Bins of the loudest sounds, loudest first, none within reach of another or of the ends. */
  private peaks(envelope: Float64Array): number[] {
    const { length } = envelope;
    const candidates: number[] = [];
    for (let n = REACH_BINS; n < length - REACH_BINS; n++) {
      if (envelope[n] >= envelope[n - 1] && envelope[n] > envelope[n + 1]) candidates.push(n);
    }
    candidates.sort((a, b) => envelope[b] - envelope[a] || a - b);
    const most = Math.floor((MOST_PER_SECOND * length * this.binSamples) / this.modelRateHz);
    const peaks: number[] = [];
    for (const n of candidates) {
      if (peaks.length === most) break;
      if (peaks.length >= 3 && envelope[n] < LEAST_SHARE * envelope[peaks[1]]) break;
      if (peaks.every((peak) => Math.abs(peak - n) > APART_BINS)) peaks.push(n);
    }
    return peaks;
  }

  private colourAt(peak: number, bins: number): { high: number; mid: number; pitchHz: number } {
    const { modelRateHz, binSamples } = this;
    const held = this.frames[0].last().length;
    const seconds = ((this.binCount - bins + peak) * binSamples) / modelRateHz;
    const centre = Math.floor(seconds * FRAME_RATE_HZ) - (this.frameCount - held);
    const from = Math.max(0, centre - COLOUR_FRAMES.before);
    const to = Math.min(held, centre + COLOUR_FRAMES.after + 1);
    const total = (field: number) => {
      let sum = LEAST_ENERGY;
      const values = this.frames[field].last();
      for (let frame = from; frame < to; frame++) sum += values[frame];
      return sum;
    };
    const [low, mid, high] = [total(FrameField.low), total(FrameField.mid), total(FrameField.high)];
    return {
      high: Math.log10(high / (low + mid)),
      mid: Math.log10(mid / low),
      pitchHz: ((total(FrameField.crossings) / Math.max(1, to - from)) * modelRateHz) / 2,
    };
  }
}

/** Centre of gravity's spread and side of a peak's energy above the floor, in bins. */
function shapeOf(envelope: Float64Array, peak: number, floor: number): { width: number; skew: number } {
  let sum = LEAST_ENERGY;
  let first = 0;
  let second = 0;
  let side = 0;
  for (let d = -REACH_BINS; d <= REACH_BINS; d++) {
    const value = Math.max(0, envelope[peak + d] - floor);
    sum += value;
    first += value * d;
    second += value * d * d;
    side += Math.sign(d) * value;
  }
  return { width: Math.sqrt(Math.max(0, second / sum - (first / sum) ** 2)), skew: side / sum };
}

/** A triangle of 20 ms. */
function smooth(x: Float64Array): Float64Array {
  const at = (n: number) => (n < 0 || n >= x.length ? 0 : x[n]);
  return x.map((value, n) => (3 * value + 2 * (at(n - 1) + at(n + 1)) + at(n - 2) + at(n + 2)) / 9);
}
