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

/** States of the heart cycle, in the order they follow each other. */
export const HEART_STATES = ['S1', 'systole', 'S2', 'diastole'] as const;

const STATES = HEART_STATES.length;
const BANDS = 3;
/** Frames about the one judged: seven of them, and four means of three frames on either side. */
const CONTEXT_VALUES = 7 + 2 * 4;

/** Numbers that the network takes. */
export const EMISSION_INPUTS = CONTEXT_VALUES * BANDS;
/** Frames that must follow the one judged, and as many before it are looked at. */
export const LOOK_AHEAD_FRAMES = 15;
/** The module takes hidden units by eights. */
const UNITS_TOGETHER = 8;

/** A network as the module takes it; see `heart-states.ts` there. */
export interface NetworkTables {
  readonly tables: Float64Array;
  /** Units, with those that only fill up. */
  readonly hidden: number;
  readonly likelihoodScale: number;
}

/** Weights turned so that a column's units stand side by side, padded with zeros. */
export function networkTables(network: HeartSoundNetwork): NetworkTables {
  const { hiddenWeights, hiddenBiases, outputWeights, outputBiases, logPriors, likelihoodScale } = network;
  const hidden = Math.ceil(hiddenBiases.length / UNITS_TOGETHER) * UNITS_TOGETHER;
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
  return { tables, hidden, likelihoodScale };
}
