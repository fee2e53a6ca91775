/** Integers as files hold them, to amplitudes in float64. */

/**
 * `output[i] = input[i] * factor`, of 16-bit integers with the lowest byte first.
 *
 * @param input of any alignment; the first sample
 * @param step bytes from one sample to the next
 * @param output of float64, `[count]`
 */
export function int16Amplitudes(input: usize, step: usize, count: i32, factor: f64, output: usize): void {
  const factors = f64x2.splat(factor);
  const end = output + 8 * <usize>count;
  if (step === 2) {
    for (; output + 64 <= end; input += 16, output += 64) {
      const eight = v128.load(input);
      const low = i32x4.extend_low_i16x8_s(eight);
      const high = i32x4.extend_high_i16x8_s(eight);
      v128.store(output, f64x2.mul(f64x2.convert_low_i32x4_s(low), factors));
      v128.store(output, f64x2.mul(f64x2.convert_low_i32x4_s(upper(low)), factors), 16);
      v128.store(output, f64x2.mul(f64x2.convert_low_i32x4_s(high), factors), 32);
      v128.store(output, f64x2.mul(f64x2.convert_low_i32x4_s(upper(high)), factors), 48);
    }
  }
  for (; output < end; input += step, output += 8) store<f64>(output, <f64>load<i16>(input) * factor);
}

function upper(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 2, 3, 2, 3);
}
