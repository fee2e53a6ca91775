import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
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
/** What so many bins stay below is no sound's own. */
const FLOOR_SHARE = 0.2;
/** Keeps logarithms of digital silence finite. */
const LEAST_ENERGY = 1e-20;
/** Frames about a peak that its colour is taken from. */
const COLOUR_FRAMES = { before: 2, after: 3 } as const;
/** Bins that are looked back on. */
const KEPT_BINS = CONTEXT_SECONDS * BINS_PER_SECOND;
/** Numbers that the module keeps: two for the bin begun, two histories of twice the bins, a byte for each of their bins. */
const KEPT_NUMBERS = 2 + 2 * 2 * KEPT_BINS + (2 * KEPT_BINS) / 8;
/** Numbers that the module says of a peak. */
const PEAK_LENGTH = 4;
/** So many samples go into the module at once. */
const MOST_SAMPLES = 8192;

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

/**
 * Keeps the fine envelope of a stretch and looks for its loudest sounds. Any chunking; `reset()` at a gap. The compute module
 * keeps the envelope and finds the peaks.
 */
export class LoudSoundFinder implements Resident {
  /** As `envelopeBins` of the module takes them. */
  readonly numbers = new Float64Array(KEPT_NUMBERS);
  private readonly kernel = SignalKernel.get();
  private readonly binSamples: number;
  private readonly frames = new RecentValues(CONTEXT_SECONDS * FRAME_RATE_HZ * FRAME_LENGTH);
  /** By peak. */
  private readonly widths = new OrderStatistics();
  private readonly skews = new OrderStatistics();
  private readonly levels = new OrderStatistics();
  private readonly highs = new OrderStatistics();
  private readonly mids = new OrderStatistics();
  private readonly pitches = new OrderStatistics();
  private binCount = 0;
  private frameCount = 0;

  constructor(private readonly modelRateHz: number) {
    this.binSamples = Math.max(1, Math.round(modelRateHz / BINS_PER_SECOND));
  }

  /** @param frames that an EnvelopeBank makes of the same samples */
  push(samples: Float64Array, frames: Float64Array): void {
    const { kernel, binSamples } = this;
    for (let from = 0; from < samples.length; from += MOST_SAMPLES) {
      const piece = samples.length <= MOST_SAMPLES ? samples : samples.subarray(from, from + MOST_SAMPLES);
      const input = kernel.input.room(8 * piece.length);
      const state = kernel.loudSounds.of(this);
      kernel.float64s(input, piece.length).set(piece);
      this.binCount += kernel.functions.envelopeBins(input, piece.length, binSamples, KEPT_BINS, state);
    }
    this.frames.pushAll(frames);
    this.frameCount += frames.length / FRAME_LENGTH;
  }

  find(): LoudSounds {
    const { widths, skews, levels, highs, mids, pitches, binSamples, modelRateHz } = this;
    for (const each of [widths, skews, levels, highs, mids, pitches]) each.clear();
    const bins = Math.min(this.binCount, KEPT_BINS);
    const peaks = this.loudestPeaks(bins);
    const frames = this.frames.last();
    for (let at = 0; at < peaks.length; at += PEAK_LENGTH) {
      levels.push(Math.log10(peaks[at + 1] + LEAST_ENERGY));
      widths.push(peaks[at + 2]);
      skews.push(peaks[at + 3]);
      this.addColour(this.binCount - bins + peaks[at], frames);
    }
    const msPerBin = (1000 * binSamples) / modelRateHz;
    return {
      perSecond: peaks.length / PEAK_LENGTH / Math.max(1, (bins * msPerBin) / 1000),
      widthMs: msPerBin * widths.median(0),
      skew: skews.median(1),
      levelSpread: levels.quantile(0.9, 0) - levels.quantile(0.1, 0),
      high: highs.median(0),
      mid: mids.median(0),
      pitchHz: pitches.median(0),
    };
  }

  reset(): void {
    const { kernel } = this;
    kernel.float64s(kernel.loudSounds.of(this), 2).fill(0);
    this.frames.reset();
    this.binCount = this.frameCount = 0;
  }

  /**
   * The loudest sounds, loudest first, none within reach of another or of the ends: bin, envelope there, spread of the centre
   * of gravity in bins and side of the energy above the floor.
   */
  private loudestPeaks(bins: number): Float64Array {
    const { kernel, binSamples, modelRateHz } = this;
    const most = Math.floor((MOST_PER_SECOND * bins * binSamples) / modelRateHz);
    const work = kernel.work.room(8 * 3 * KEPT_BINS);
    const output = kernel.output.room(8 * PEAK_LENGTH * most);
    const found = kernel.functions.loudestPeaks(
      kernel.loudSounds.of(this),
      KEPT_BINS,
      REACH_BINS,
      APART_BINS,
      most,
      LEAST_SHARE,
      Math.round(FLOOR_SHARE * (bins - 1)),
      LEAST_ENERGY,
      work,
      output,
    );
    return kernel.float64s(output, PEAK_LENGTH * found);
  }

  /** @param bin of a peak, since the stretch began */
  private addColour(bin: number, frames: Float64Array): void {
    const { modelRateHz, binSamples } = this;
    const held = frames.length / FRAME_LENGTH;
    const seconds = (bin * binSamples) / modelRateHz;
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
