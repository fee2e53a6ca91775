import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
import { FRAME_LENGTH } from './envelope-bank.js';

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
/** Numbers that the module measures a frame against. */
const SCALING_LENGTH = 2 * BANDS;
/** Numbers that the module keeps before its history. */
const SUMS_LENGTH = 8;
/** The module takes hidden units by eights. */
const UNITS_TOGETHER = 8;

/**
 * Log-likelihoods of the four heart states, frame by frame, {@link LOOK_AHEAD_FRAMES} behind the newest frame.
 *
 * Inputs are logarithms of the energies in three bands about the frame, less their mean and over their deviation in
 * the last 8 s, so that gain and colour cancel. Incremental and independent of the chunking; {@link finish} judges
 * the last frames without what would have followed. `reset()` starts a new stretch. The compute module keeps the logarithms,
 * gathers the inputs and runs the network.
 */
export class HeartSoundEmissions implements Resident {
  /** As `judgeFrames` of the module takes them: sums, counts, and logarithms of energies, `[frames][BANDS]`. */
  readonly numbers = new Float64Array(SUMS_LENGTH + 2 * REFERENCE_FRAMES * BANDS);
  private readonly kernel = SignalKernel.get();
  /** As the module takes it; see `heartStates` there. */
  private readonly tables: Float64Array;
  private readonly hidden: number;
  private output = new Float64Array(FIRST_REFERENCE_FRAMES * JUDGED_LENGTH);

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
    if (frames.length > 0) this.judge(frames, FIRST_REFERENCE_FRAMES, LOOK_AHEAD_FRAMES, onJudged);
  }

  /** Judges the frames left at the end of a stretch. */
  finish(onJudged: (judged: Float64Array) => void): void {
    this.judge(NO_FRAMES, 0, 0, onJudged);
  }

  reset(): void {
    const { kernel } = this;
    kernel.float64s(kernel.heartStates.of(this), SUMS_LENGTH).fill(0);
  }

  private judge(
    frames: Float64Array,
    leastFrames: number,
    lookAhead: number,
    onJudged: (judged: Float64Array) => void,
  ): void {
    const { kernel, tables, hidden } = this;
    const count = frames.length / FRAME_LENGTH;
    const most = count + FIRST_REFERENCE_FRAMES;
    const network = kernel.network.holding(tables);
    const input = kernel.input.room(8 * (frames.length + most * SCALING_LENGTH));
    const scaling = input + 8 * frames.length;
    const work = kernel.work.room(8 * 2 * (EMISSION_INPUTS + hidden));
    const output = kernel.output.room(8 * most * JUDGED_LENGTH);
    const state = kernel.heartStates.of(this);
    kernel.put(frames, input);
    const judged = kernel.functions.judgeFrames(
      input,
      count,
      8 * FRAME_LENGTH,
      state,
      REFERENCE_FRAMES,
      LEAST_ENERGY,
      leastFrames,
      lookAhead,
      scaling,
      network,
      EMISSION_INPUTS,
      hidden,
      this.network.likelihoodScale,
      work,
      output,
    );
    if (judged === 0) return;
    const length = judged * JUDGED_LENGTH;
    if (this.output.length < length) this.output = new Float64Array(length);
    kernel.get(output, length, this.output);
    onJudged(this.output.subarray(0, length));
  }
}

const NO_FRAMES = new Float64Array(0);

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
