import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
import { FRAME_LENGTH, FRAME_RATE_HZ } from '../heart/envelope-bank.js';

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
/** Bins that are looked back on. */
const KEPT_BINS = CONTEXT_SECONDS * BINS_PER_SECOND;
/** Numbers that the module keeps: two for the bin begun, two histories of twice the bins, a byte for each of their bins. */
const FRAMES_FROM = 2 + 2 * 2 * KEPT_BINS + (2 * KEPT_BINS) / 8;
/** Frames that are looked back on, and numbers of twice as many, so that they are rarely moved to the front. */
const KEPT_FRAMES = CONTEXT_SECONDS * FRAME_RATE_HZ;
const FRAMES_LENGTH = 2 * KEPT_FRAMES * FRAME_LENGTH;
/** Numbers that the module says of all peaks together. */
const FOUND_LENGTH = 7;
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
 * keeps the envelope, finds the peaks and measures them.
 */
export class LoudSoundFinder implements Resident {
  /** As `envelopeBins` of the module takes them, then the last frames up to `framesEnd`. */
  readonly numbers = new Float64Array(FRAMES_FROM + FRAMES_LENGTH);
  private readonly kernel = SignalKernel.get();
  private readonly binSamples: number;
  private readonly found = new Float64Array(FOUND_LENGTH);
  private binCount = 0;
  private frameCount = 0;
  private framesEnd = 0;

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
      kernel.put(piece, input);
      this.binCount += kernel.functions.envelopeBins(input, piece.length, binSamples, KEPT_BINS, state);
    }
    this.keep(frames);
    this.frameCount += frames.length / FRAME_LENGTH;
  }

  find(): LoudSounds {
    const { kernel, binSamples, modelRateHz, binCount, frameCount } = this;
    const bins = Math.min(binCount, KEPT_BINS);
    const most = Math.floor((MOST_PER_SECOND * bins * binSamples) / modelRateHz);
    const held = Math.min(frameCount, KEPT_FRAMES);
    const work = kernel.work.room(8 * (3 * KEPT_BINS + 11 * most));
    const output = kernel.output.room(8 * FOUND_LENGTH);
    const state = kernel.loudSounds.of(this);
    kernel.functions.loudSounds(
      state,
      KEPT_BINS,
      REACH_BINS,
      APART_BINS,
      most,
      LEAST_SHARE,
      Math.round(FLOOR_SHARE * (bins - 1)),
      LEAST_ENERGY,
      binCount - bins,
      binSamples,
      modelRateHz,
      state + 8 * (FRAMES_FROM + this.framesEnd - held * FRAME_LENGTH),
      held,
      frameCount - held,
      FRAME_RATE_HZ,
      work,
      output,
    );
    const { found } = this;
    kernel.get(output, FOUND_LENGTH, found);
    const msPerBin = (1000 * binSamples) / modelRateHz;
    return {
      perSecond: found[6] / Math.max(1, (bins * msPerBin) / 1000),
      widthMs: msPerBin * found[0],
      skew: found[1],
      levelSpread: found[2],
      high: found[3],
      mid: found[4],
      pitchHz: (found[5] * modelRateHz) / 2,
    };
  }

  reset(): void {
    const { kernel } = this;
    kernel.float64s(kernel.loudSounds.of(this), 2).fill(0);
    this.binCount = this.frameCount = this.framesEnd = 0;
  }

  private keep(frames: Float64Array): void {
    const { kernel } = this;
    const most = KEPT_FRAMES * FRAME_LENGTH;
    const fresh = frames.length <= most ? frames : frames.subarray(frames.length - most);
    const kept = kernel.loudSounds.of(this) + 8 * FRAMES_FROM;
    if (this.framesEnd + fresh.length > FRAMES_LENGTH) {
      kernel.float64s(kept, FRAMES_LENGTH).copyWithin(0, this.framesEnd - most, this.framesEnd);
      this.framesEnd = most;
    }
    kernel.put(fresh, kept + 8 * this.framesEnd);
    this.framesEnd += fresh.length;
  }
}
