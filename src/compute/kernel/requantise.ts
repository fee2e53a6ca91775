/**
 * From sums to the steps of a quantised tensor, as XNNPACK does to the bit: scaled in float32, limited, and rounded to the
 * nearest and from halfway to even.
 */

/** A number so large that a float32 has no digit behind its ones, and its bits. */
const LARGE = memory.data<f32>([12582912]);

/**
 * @param x scaled
 * @param low the least step, a whole number of less than 2^15, as float32; `high` alike
 * @returns int32 that fit in int16; what is no number becomes `high`
 */
export function toSteps(x: v128, low: v128, high: v128): v128 {
  const large = v128.load32_splat(LARGE);
  // Limits are whole, so that it makes no difference that they come before rounding.
  const limited = f32x4.pmax(low, f32x4.pmin(high, x));
  return i32x4.sub(f32x4.add(limited, large), large);
}
