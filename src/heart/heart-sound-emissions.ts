import { SignalKernel } from '../compute/signal-kernel.js';
import { FRAME_LENGTH, FrameField } from './envelope-bank.js';

/** A network of one hidden layer that tells the heart's state from the envelopes about a frame. */
export interface HeartSoundNetwork {
  /** `[hidden][inputs]`, rectified. */
  readonly hiddenWeights: readonly (readonly number[])[];
  readonly hiddenBiases: readonly number[];
  /** `[4][hidden]`, in the order of HEART_STATES; a softmax follows. */
  readonly outputWeights: readonly (readonly number[])[];
  readonly outputBiases: readonly number[];
  /** Log share of frames in each state when fitting: the network's posteriors less these are likelihoods. */
  readonly logPriors: readonly number[];
  /** Neighbouring frames say much the same: what one frame's log-likelihood counts. */
  readonly likelihoodScale: number;
}

const BANDS = 3;
const STATES = 4;
/** Frames about the one judged: seven of them, and four means of three frames on either side. */
const CONTEXT_VALUES = 7 + 2 * 4;

/** Numbers that the network takes. */
export const EMISSION_INPUTS = CONTEXT_VALUES * BANDS;
/** Frames that must follow the one judged, and as many before it are looked at. */
export const LOOK_AHEAD_FRAMES = 15;
/** Numbers of one judged frame: posterior probabilities of the states, then their scaled log-likelihoods. */
export const JUDGED_LENGTH = 2 * STATES;
/** Frames whose mean and deviation envelopes are measured against. */
const REFERENCE_FRAMES = 400;
/** A stretch's first frames are judged when so many are known, so that there is something to measure against. */
const FIRST_REFERENCE_FRAMES = 150;
/** Below any converter's last bit: keeps the logarithm of digital silence finite. */
const LEAST_ENERGY = 1e-14;
/** What a frame's bands are measured against: what is subtracted, and what is multiplied with then. */
const SCALING_LENGTH = 2 * BANDS;
/** The module takes hidden units by eights. */
const UNITS_TOGETHER = 8;
/** At most so many frames are judged at once. */
const MOST_JUDGED = FIRST_REFERENCE_FRAMES;

/**
 * Log-likelihoods of the four heart states, frame by frame, {@link LOOK_AHEAD_FRAMES} behind the newest frame.
 *
 * Inputs are logarithms of the energies in three bands about the frame, less their mean and over their deviation in
 * the last 8 s, so that gain and colour cancel. Incremental and independent of the chunking; {@link finish} judges
 * the last frames without what would have followed. `reset()` starts a new stretch. The compute module gathers the
 * inputs and runs the network.
 */
export class HeartSoundEmissions {
  private readonly kernel = SignalKernel.get();
  /** As the module takes it; see `heartStates` there. */
  private readonly tables: Float64Array;
  private readonly hidden: number;
  /** Logarithms of energies, `[frames][BANDS]`, as many as the reference and the context need. */
  private readonly history = new Float64Array(2 * REFERENCE_FRAMES * BANDS);
  /** Frame that the history begins with. */
  private oldest = 0;
  private count = 0;
  private judged = 0;
  private readonly sums = new Float64Array(BANDS);
  private readonly squares = new Float64Array(BANDS);
  private readonly scaling = new Float64Array(MOST_JUDGED * SCALING_LENGTH);
  private readonly output = new Float64Array(MOST_JUDGED * JUDGED_LENGTH);

  constructor(private readonly network: HeartSoundNetwork) {
    this.hidden = Math.ceil(network.hiddenBiases.length / UNITS_TOGETHER) * UNITS_TOGETHER;
    this.tables = tablesOf(network, this.hidden);
  }

  /**
   * @param frames of an EnvelopeBank, contiguous with those before
   * @param onJudged told the frames that can now be judged, in order, row-major `[frames, JUDGED_LENGTH]`; the array is
   *   reused
   */
  push(frames: Float64Array, onJudged: (judged: Float64Array) => void): void {
    let waiting = 0;
    for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
      if (this.isFull) {
        this.judge(waiting, onJudged);
        waiting = 0;
        this.forget();
      }
      this.append(frames, row);
      if (this.count < FIRST_REFERENCE_FRAMES) continue;
      while (this.judged + waiting + LOOK_AHEAD_FRAMES < this.count) {
        if (waiting === MOST_JUDGED) {
          this.judge(waiting, onJudged);
          waiting = 0;
        }
        this.measure(waiting++);
      }
    }
    this.judge(waiting, onJudged);
  }

  /** Judges the frames left at the end of a stretch. */
  finish(onJudged: (judged: Float64Array) => void): void {
    while (this.judged < this.count) {
      const frames = Math.min(MOST_JUDGED, this.count - this.judged);
      for (let i = 0; i < frames; i++) this.measure(i);
      this.judge(frames, onJudged);
    }
  }

  reset(): void {
    this.oldest = this.count = this.judged = 0;
    this.sums.fill(0);
    this.squares.fill(0);
  }

  private get isFull(): boolean {
    return (this.count - this.oldest + 1) * BANDS > this.history.length;
  }

  private forget(): void {
    const dropped = REFERENCE_FRAMES - 1;
    this.history.copyWithin(0, dropped * BANDS, (this.count - this.oldest) * BANDS);
    this.oldest += dropped;
  }

  private append(frames: Float64Array, row: number): void {
    const { history, sums, squares } = this;
    const at = (this.count - this.oldest) * BANDS;
    for (let band = 0; band < BANDS; band++) {
      const value = Math.log(Math.max(LEAST_ENERGY, frames[row + FrameField.low + band]));
      history[at + band] = value;
      sums[band] += value;
      squares[band] += value * value;
      if (this.count < REFERENCE_FRAMES) continue;
      const old = history[at - REFERENCE_FRAMES * BANDS + band];
      sums[band] -= old;
      squares[band] -= old * old;
    }
    this.count++;
  }

  /** What the frame judged `index` frames from now is measured against: what is known at this moment. */
  private measure(index: number): void {
    const { sums, squares, scaling } = this;
    const reference = Math.min(this.count, REFERENCE_FRAMES);
    for (let band = 0, at = index * SCALING_LENGTH; band < BANDS; band++, at++) {
      const mean = sums[band] / reference;
      const variance = squares[band] / reference - mean * mean;
      scaling[at] = mean;
      scaling[at + BANDS] = 1 / Math.sqrt(Math.max(variance, 1e-4));
    }
  }

  /** Judges the next frames. Beyond the stretch's ends, as far as it is known, its end stands in. */
  private judge(frames: number, onJudged: (judged: Float64Array) => void): void {
    if (frames === 0) return;
    const { kernel, history, judged, oldest, tables, hidden, scaling, output } = this;
    const from = Math.max(0, judged - LOOK_AHEAD_FRAMES);
    const to = Math.min(this.count, judged + frames + LOOK_AHEAD_FRAMES);
    const rows = history.subarray((from - oldest) * BANDS, (to - oldest) * BANDS);
    const scales = scaling.subarray(0, frames * SCALING_LENGTH);
    const network = kernel.network.holding(tables);
    const at = kernel.input.room(8 * (rows.length + scales.length));
    const work = kernel.work.room(8 * 2 * (EMISSION_INPUTS + hidden));
    const result = kernel.output.room(8 * frames * JUDGED_LENGTH);
    const given = kernel.float64s(at, rows.length + scales.length);
    given.set(rows);
    given.set(scales, rows.length);
    kernel.functions.heartStates(
      at,
      to - from,
      judged - from,
      frames,
      at + 8 * rows.length,
      network,
      EMISSION_INPUTS,
      hidden,
      this.network.likelihoodScale,
      work,
      result,
    );
    const answer = output.subarray(0, frames * JUDGED_LENGTH);
    answer.set(kernel.float64s(result, answer.length));
    this.judged += frames;
    onJudged(answer);
  }
}

/** Weights turned so that a column's units stand side by side, padded with zeros to `hidden` units. */
function tablesOf(network: HeartSoundNetwork, hidden: number): Float64Array {
  const { hiddenWeights, hiddenBiases, outputWeights, outputBiases, logPriors } = network;
  const tables = new Float64Array((EMISSION_INPUTS + 1 + STATES) * hidden + 2 * STATES);
  const biases = EMISSION_INPUTS * hidden;
  const output = biases + hidden;
  for (let unit = 0; unit < hiddenBiases.length; unit++) {
    for (let input = 0; input < EMISSION_INPUTS; input++) {
      tables[input * hidden + unit] = hiddenWeights[unit][input];
    }
    tables[biases + unit] = hiddenBiases[unit];
    for (let state = 0; state < STATES; state++) {
      tables[output + unit * STATES + state] = outputWeights[state][unit];
    }
  }
  tables.set(outputBiases, output + hidden * STATES);
  tables.set(logPriors, output + (hidden + 1) * STATES);
  return tables;
}
