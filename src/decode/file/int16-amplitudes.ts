import { SignalKernel } from '../../compute/signal-kernel.js';

/** So much goes into the compute module at once, as long as a frame is no longer: one chunk of what `classify` reads. */
const MOST_BYTES = 32_768;

/**
 * One channel's amplitudes, of integers in two bytes each, the lowest first; exact where `step` is a power of two. The compute
 * module does the arithmetic: nearly every file is of this kind.
 *
 * @param frames whole frames, at any offset in their buffer; not in the compute module's memory
 * @param frameBytes from one sample of the channel to the next
 * @param at byte of a frame where the channel's sample stands
 * @param step what an integer of 1 stands for
 * @returns one amplitude a frame, in a new array that the caller owns
 */
export function int16Amplitudes(
  frames: Uint8Array,
  frameBytes: number,
  at: number,
  step: number,
): Float64Array {
  const kernel = SignalKernel.get();
  const amplitudes = new Float64Array(frames.length / frameBytes);
  const most = Math.max(1, Math.floor(MOST_BYTES / frameBytes));
  for (let from = 0; from < amplitudes.length; from += most) {
    const count = Math.min(most, amplitudes.length - from);
    const bytes = count * frameBytes;
    const begin = from * frameBytes;
    const input = kernel.input.room(bytes);
    const output = kernel.output.room(8 * count);
    kernel.bytes(input, bytes).set(frames.subarray(begin, begin + bytes));
    kernel.functions.int16Amplitudes(input + at, frameBytes, count, step, output);
    kernel.get(output, count, amplitudes, from);
  }
  return amplitudes;
}
