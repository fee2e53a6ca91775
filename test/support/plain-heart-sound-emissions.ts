import { FRAME_LENGTH, FrameField } from '../../src/heart/envelope-bank.js';
import type { HeartSoundNetwork } from '../../src/heart/heart-sound-emissions.js';

const BANDS = 3;
const STATES = 4;
/** Frames about the one judged, as means over `[first, last]`: fine about it, coarse further off. */
const CONTEXT = [
  ...[-3, -2, -1, 0, 1, 2, 3].map((at) => [at, at]),
  ...[5, 8, 11, 14].flatMap((at) => [
    [at - 1, at + 1],
    [-at - 1, -at + 1],
  ]),
] as const;

const INPUTS = CONTEXT.length * BANDS;
/** Frames that must follow the one judged. */
const LOOK_AHEAD_FRAMES = 15;
/** Frames whose mean and deviation envelopes are measured against. */
const REFERENCE_FRAMES = 400;
/** A stretch's first frames are judged when so many are known, so that there is something to measure against. */
const FIRST_REFERENCE_FRAMES = 150;
/** Below any converter's last bit: keeps the logarithm of digital silence finite. */
const LEAST_ENERGY = 1e-14;

/**
 * The readable twin of what the module makes of frames before it decodes them: frame by frame, as the formulas are written.
 * Inputs are logarithms of the energies in three bands about the frame, less their mean and over their deviation in the last
 * 8 s, so that gain and colour cancel.
 */
export class PlainHeartSoundEmissions {
  private readonly hidden: Float64Array;
  private readonly hiddenBiases: Float64Array;
  private readonly output: Float64Array;
  private readonly outputBiases: Float64Array;
  /** Logarithms of energies, `[frames][BANDS]`, as many as the reference and the context need. */
  private readonly history = new Float64Array(2 * REFERENCE_FRAMES * BANDS);
  /** Frame that the history begins with. */
  private oldest = 0;
  private count = 0;
  private judged = 0;
  private readonly sums = new Float64Array(BANDS);
  private readonly squares = new Float64Array(BANDS);
  private readonly inputs = new Float64Array(INPUTS);
  private readonly units: Float64Array;
  /** Posterior probabilities of the frame judged last. */
  readonly posteriors = new Float64Array(STATES);
  /** Scaled log-likelihoods of the frame judged last. */
  readonly logLikelihoods = new Float64Array(STATES);

  constructor(private readonly network: HeartSoundNetwork) {
    this.hidden = Float64Array.from(network.hiddenWeights.flat());
    this.hiddenBiases = Float64Array.from(network.hiddenBiases);
    this.output = Float64Array.from(network.outputWeights.flat());
    this.outputBiases = Float64Array.from(network.outputBiases);
    this.units = new Float64Array(this.hiddenBiases.length);
  }

  /**
   * @param frames of an EnvelopeBank, contiguous with those before
   * @param onFrame called for every frame that can now be judged; posteriors and likelihoods are those of that frame
   */
  push(frames: Float64Array, onFrame: (frame: number) => void): void {
    for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
      this.append(frames, row);
      if (this.count < FIRST_REFERENCE_FRAMES) continue;
      while (this.judged + LOOK_AHEAD_FRAMES < this.count) this.judgeNext(onFrame);
    }
  }

  /** Judges the frames left at the end of a stretch. */
  finish(onFrame: (frame: number) => void): void {
    while (this.judged < this.count) this.judgeNext(onFrame);
  }

  reset(): void {
    this.oldest = this.count = this.judged = 0;
    this.sums.fill(0);
    this.squares.fill(0);
  }

  private append(frames: Float64Array, row: number): void {
    const { history, sums, squares } = this;
    if ((this.count - this.oldest + 1) * BANDS > history.length) {
      const dropped = REFERENCE_FRAMES - 1;
      history.copyWithin(0, dropped * BANDS, (this.count - this.oldest) * BANDS);
      this.oldest += dropped;
    }
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

  private judgeNext(onFrame: (frame: number) => void): void {
    const frame = this.judged;
    this.gatherInputs(frame);
    this.evaluate();
    this.judged++;
    onFrame(frame);
  }

  private gatherInputs(frame: number): void {
    const { history, inputs } = this;
    const reference = Math.min(this.count, REFERENCE_FRAMES);
    const last = this.count - 1;
    for (let band = 0; band < BANDS; band++) {
      const mean = this.sums[band] / reference;
      const variance = this.squares[band] / reference - mean * mean;
      const scale = 1 / Math.sqrt(Math.max(variance, 1e-4));
      for (let i = 0; i < CONTEXT.length; i++) {
        const [from, to] = CONTEXT[i];
        let sum = 0;
        for (let offset = from; offset <= to; offset++) {
          // Beyond the stretch's ends its end stands in.
          const at = Math.max(0, Math.min(last, frame + offset)) - this.oldest;
          sum += history[at * BANDS + band];
        }
        inputs[i * BANDS + band] = (sum / (to - from + 1) - mean) * scale;
      }
    }
  }

  private evaluate(): void {
    const { inputs, hidden, hiddenBiases, units, output, outputBiases, posteriors, network } = this;
    for (let unit = 0; unit < units.length; unit++) {
      let sum = hiddenBiases[unit];
      const row = unit * INPUTS;
      for (let i = 0; i < INPUTS; i++) sum += hidden[row + i] * inputs[i];
      units[unit] = Math.max(0, sum);
    }
    let largest = -Infinity;
    for (let state = 0; state < STATES; state++) {
      let sum = outputBiases[state];
      for (let unit = 0; unit < units.length; unit++)
        sum += output[state * units.length + unit] * units[unit];
      posteriors[state] = sum;
      largest = Math.max(largest, sum);
    }
    let total = 0;
    for (let state = 0; state < STATES; state++) total += Math.exp(posteriors[state] - largest);
    const logTotal = largest + Math.log(total);
    for (let state = 0; state < STATES; state++) {
      const logPosterior = posteriors[state] - logTotal;
      this.logLikelihoods[state] = network.likelihoodScale * (logPosterior - network.logPriors[state]);
      posteriors[state] = Math.exp(logPosterior);
    }
  }
}
