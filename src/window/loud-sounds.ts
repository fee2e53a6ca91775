import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../heart/envelope-bank.js';
import { OrderStatistics } from './order-statistics.js';
import { RecentValues } from './recent-values.js';

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
  private readonly frames = new RecentValues(CONTEXT_SECONDS * FRAME_RATE_HZ * FRAME_LENGTH);
  private readonly envelope = new Float64Array(CONTEXT_SECONDS * BINS_PER_SECOND);
  private readonly candidates = new Int32Array(CONTEXT_SECONDS * BINS_PER_SECOND);
  private readonly statistics = new OrderStatistics(CONTEXT_SECONDS * BINS_PER_SECOND);
  /** By peak. */
  private readonly widths = new OrderStatistics();
  private readonly skews = new OrderStatistics();
  private readonly levels = new OrderStatistics();
  private readonly highs = new OrderStatistics();
  private readonly mids = new OrderStatistics();
  private readonly pitches = new OrderStatistics();
  private binCount = 0;
  private frameCount = 0;
  private sum = 0;
  private filled = 0;

  constructor(private readonly modelRateHz: number) {
    this.binSamples = Math.max(1, Math.round(modelRateHz / BINS_PER_SECOND));
  }

  /** @param frames that an EnvelopeBank makes of the same samples */
  push(samples: Float64Array, frames: Float64Array): void {
    const { binSamples, bins } = this;
    let { sum, filled } = this;
    for (let i = 0; i < samples.length; i++) {
      sum += samples[i] * samples[i];
      if (++filled < binSamples) continue;
      bins.push(sum);
      this.binCount++;
      sum = filled = 0;
    }
    this.sum = sum;
    this.filled = filled;
    this.frames.pushAll(frames);
    this.frameCount += frames.length / FRAME_LENGTH;
  }

  find(): LoudSounds {
    const { widths, skews, levels, highs, mids, pitches } = this;
    const bins = this.bins.last();
    const envelope = this.envelope.subarray(0, bins.length);
    smooth(bins, envelope);
    this.statistics.take(envelope);
    const floor = this.statistics.quantile(0.2, 0);
    for (const each of [widths, skews, levels, highs, mids, pitches]) each.clear();
    const peaks = this.peaks(envelope);
    for (const peak of peaks) {
      this.addShape(envelope, peak, floor);
      this.addColour(peak, envelope.length);
      levels.push(Math.log10(envelope[peak] + LEAST_ENERGY));
    }
    const msPerBin = (1000 * this.binSamples) / this.modelRateHz;
    return {
      perSecond: peaks.length / Math.max(1, (envelope.length * msPerBin) / 1000),
      widthMs: msPerBin * widths.median(0),
      skew: skews.median(1),
      levelSpread: levels.quantile(0.9, 0) - levels.quantile(0.1, 0),
      high: highs.median(0),
      mid: mids.median(0),
      pitchHz: pitches.median(0),
    };
  }

  reset(): void {
    this.bins.reset();
    this.frames.reset();
    this.binCount = this.frameCount = this.sum = this.filled = 0;
  }

  /** Bins of the loudest sounds, loudest first, none within reach of another or of the ends. */
  private peaks(envelope: Float64Array): number[] {
    const { candidates } = this;
    const { length } = envelope;
    let count = 0;
    for (let n = REACH_BINS; n < length - REACH_BINS; n++) {
      if (envelope[n] >= envelope[n - 1] && envelope[n] > envelope[n + 1]) candidates[count++] = n;
    }
    const most = Math.floor((MOST_PER_SECOND * length * this.binSamples) / this.modelRateHz);
    const peaks: number[] = [];
    // No sorting: the loudest that is left, again and again, costs less as each takes its neighbours with it.
    while (count > 0 && peaks.length < most) {
      let loudest = candidates[0];
      for (let i = 1; i < count; i++)
        if (envelope[candidates[i]] > envelope[loudest]) loudest = candidates[i];
      if (peaks.length >= 3 && envelope[loudest] < LEAST_SHARE * envelope[peaks[1]]) break;
      peaks.push(loudest);
      let left = 0;
      for (let i = 0; i < count; i++) {
        if (Math.abs(candidates[i] - loudest) > APART_BINS) candidates[left++] = candidates[i];
      }
      count = left;
    }
    return peaks;
  }

  /** Centre of gravity's spread and side of a peak's energy above the floor, in bins. */
  private addShape(envelope: Float64Array, peak: number, floor: number): void {
    let before = 0;
    let after = 0;
    let first = 0;
    let second = 0;
    for (let d = 1; d <= REACH_BINS; d++) {
      const early = Math.max(0, envelope[peak - d] - floor);
      const late = Math.max(0, envelope[peak + d] - floor);
      before += early;
      after += late;
      first += (late - early) * d;
      second += (late + early) * d * d;
    }
    const sum = LEAST_ENERGY + before + after + Math.max(0, envelope[peak] - floor);
    this.widths.push(Math.sqrt(Math.max(0, second / sum - (first / sum) ** 2)));
    this.skews.push((after - before) / sum);
  }

  private addColour(peak: number, bins: number): void {
    const { modelRateHz, binSamples } = this;
    const frames = this.frames.last();
    const held = frames.length / FRAME_LENGTH;
    const seconds = ((this.binCount - bins + peak) * binSamples) / modelRateHz;
    const centre = Math.floor(seconds * FRAME_RATE_HZ) - (this.frameCount - held);
    const from = Math.max(0, centre - COLOUR_FRAMES.before);
    const to = Math.min(held, centre + COLOUR_FRAMES.after + 1);
    let low = LEAST_ENERGY;
    let mid = LEAST_ENERGY;
    let high = LEAST_ENERGY;
    let crossings = LEAST_ENERGY;
    for (let row = from * FRAME_LENGTH; row < to * FRAME_LENGTH; row += FRAME_LENGTH) {
      low += frames[row + FrameField.low];
      mid += frames[row + FrameField.mid];
      high += frames[row + FrameField.high];
      crossings += frames[row + FrameField.crossings];
    }
    this.highs.push(Math.log10(high / (low + mid)));
    this.mids.push(Math.log10(mid / low));
    this.pitches.push(((crossings / Math.max(1, to - from)) * modelRateHz) / 2);
  }
}

/** A triangle of 20 ms, of sums; what lies beyond the ends is 0. */
function smooth(x: Float64Array, output: Float64Array): void {
  let earlier: number;
  let [before, here] = [0, 0];
  let [after, later] = [x.length > 0 ? x[0] : 0, x.length > 1 ? x[1] : 0];
  for (let n = 0; n < x.length; n++) {
    earlier = before;
    before = here;
    here = after;
    after = later;
    later = n + 2 < x.length ? x[n + 2] : 0;
    output[n] = (3 * here + 2 * (before + after) + earlier + later) / 9;
  }
}
