import { FlacDamage, type FlacBits } from '../../src/decode/file/flac-bits.js';

/** Taps of the fixed predictors on the previous samples, the newest first. See RFC 9639, section 9.2.5. */
const FIXED_TAPS: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

/**
 * The readable twin of the compute module's `readFlacChannels`: one channel of a frame, bit by bit.
 *
 * All arithmetic is in float64, which is exact here: at most 32 taps of 15 bits on samples of 33 bits stay below 2^52.
 *
 * @param bitsPerSample 4..33
 * @param samples `[blockSize]`, filled with integers
 * @throws FlacDamage
 * @see RFC 9639, section 9.2
 */
export function plainFlacChannel(bits: FlacBits, bitsPerSample: number, samples: Float64Array): void {
  if (bits.unsigned(1) !== 0) throw new FlacDamage("a channel's first bit must be 0");
  const type = bits.unsigned(6);
  const wastedBits = bits.unsigned(1) === 0 ? 0 : unary(bits) + 1;
  const width = bitsPerSample - wastedBits;
  if (width < 1) throw new FlacDamage(`${wastedBits} of ${bitsPerSample} bits are said to be unused`);

  if (type === 0) samples.fill(bits.signed(width));
  else if (type === 1) for (let i = 0; i < samples.length; i++) samples[i] = bits.signed(width);
  else if (type >= 8 && type <= 12) readFixed(bits, width, samples, type - 8);
  else if (type >= 32) readLinear(bits, width, samples, type - 31);
  else throw new FlacDamage(`a channel is coded in the reserved way ${type}`);

  if (wastedBits === 0) return;
  const factor = 2 ** wastedBits;
  for (let i = 0; i < samples.length; i++) samples[i] *= factor;
}

function readFixed(bits: FlacBits, width: number, samples: Float64Array, order: number): void {
  readWarmUp(bits, width, samples, order);
  readResidual(bits, samples, order);
  predict(samples, FIXED_TAPS[order], 1, width);
}

function readLinear(bits: FlacBits, width: number, samples: Float64Array, order: number): void {
  readWarmUp(bits, width, samples, order);
  const precision = bits.unsigned(4) + 1;
  if (precision === 16) throw new FlacDamage('a predictor has the reserved precision');
  const shift = bits.signed(5);
  if (shift < 0) throw new FlacDamage(`a predictor must not be shifted by ${shift} bits`);
  const taps: number[] = [];
  for (let i = 0; i < order; i++) taps.push(bits.signed(precision));
  readResidual(bits, samples, order);
  predict(samples, taps, 2 ** shift, width);
}

function readWarmUp(bits: FlacBits, width: number, samples: Float64Array, order: number): void {
  if (order > samples.length) {
    throw new FlacDamage(`a block of ${samples.length} samples has a predictor of order ${order}`);
  }
  for (let i = 0; i < order; i++) samples[i] = bits.signed(width);
}

/** Prediction errors of all but the first `order` samples, in Rice partitions. See RFC 9639, section 9.2.7. */
function readResidual(bits: FlacBits, samples: Float64Array, order: number): void {
  const method = bits.unsigned(2);
  if (method > 1) throw new FlacDamage(`prediction errors are coded in the reserved way ${method}`);
  const parameterBits = method === 0 ? 4 : 5;
  const escape = method === 0 ? 15 : 31;
  const partitions = 2 ** bits.unsigned(4);
  const partitionSamples = samples.length / partitions;
  if (!Number.isInteger(partitionSamples) || partitionSamples < order) {
    throw new FlacDamage(`a block of ${samples.length} samples cannot have ${partitions} partitions`);
  }
  for (let partition = 0; partition < partitions; partition++) {
    const from = partition === 0 ? order : partition * partitionSamples;
    const to = (partition + 1) * partitionSamples;
    const parameter = bits.unsigned(parameterBits);
    if (parameter !== escape) {
      readRice(bits, parameter, samples, from, to);
    } else {
      const width = bits.unsigned(5);
      for (let i = from; i < to; i++) samples[i] = bits.signed(width);
    }
  }
}

/** Adds to every prediction error, in place, what the samples before it predict. */
function predict(samples: Float64Array, taps: readonly number[], divisor: number, width: number): void {
  const limit = 2 ** (width - 1);
  for (let i = taps.length; i < samples.length; i++) {
    let sum = 0;
    for (let tap = 0; tap < taps.length; tap++) sum += taps[tap] * samples[i - 1 - tap];
    const sample = samples[i] + Math.floor(sum / divisor);
    // Also keeps a damaged frame from growing beyond what float64 holds exactly.
    if (sample < -limit || sample >= limit) {
      throw new FlacDamage(`a sample must have at most ${width} bits, got ${sample}`);
    }
    samples[i] = sample;
  }
}

/** The number of zero bits before the next one bit, which is taken too. */
function unary(bits: FlacBits): number {
  let zeros = 0;
  while (bits.unsigned(1) === 0) zeros++;
  return zeros;
}

/** A quotient in unary, then `parameter` bits, zigzag for the sign. See RFC 9639, section 9.2.7.2. */
function readRice(bits: FlacBits, parameter: number, samples: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const folded = unary(bits) * 2 ** parameter + bits.unsigned(parameter);
    samples[i] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }
}
