/**
 * Exponential and logarithms of four numbers at once. Coefficients of S. L. Moshier's Cephes library.
 *
 * Constants stand in memory: an engine makes one that stands in the code anew each time, in three instructions, where a load
 * is one.
 */

const EXPONENTIAL = memory.data<f32>([
  1.44269504088896341,
  12582912,
  0.693359375,
  -2.1219444e-4,
  1.98756915e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
  1,
  88.3762626647949,
  -87.3365478515625,
  Infinity,
]);

/** To float32's last digit or the one before; beyond the ends 0 and infinity. */
export function exponential(x: v128): v128 {
  // Rounded by a number so large that there is no digit behind its ones; its last bits then are the exponent.
  const large = v128.load32_splat(EXPONENTIAL + 4);
  const rounded = f32x4.add(f32x4.mul(x, v128.load32_splat(EXPONENTIAL)), large);
  const n = f32x4.sub(rounded, large);
  // ln 2 in two parts, so that the product with n is exact.
  let r = f32x4.sub(x, f32x4.mul(n, v128.load32_splat(EXPONENTIAL + 8)));
  r = f32x4.sub(r, f32x4.mul(n, v128.load32_splat(EXPONENTIAL + 12)));
  let p = v128.load32_splat(EXPONENTIAL + 16);
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXPONENTIAL + 20));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXPONENTIAL + 24));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXPONENTIAL + 28));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXPONENTIAL + 32));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXPONENTIAL + 36));
  const one = v128.load32_splat(EXPONENTIAL + 40);
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), one);
  // The bits of 1 are those of the exponent 0.
  p = f32x4.mul(p, i32x4.add(i32x4.shl(rounded, 23), one));
  p = v128.bitselect(
    v128.load32_splat(EXPONENTIAL + 52),
    p,
    f32x4.gt(x, v128.load32_splat(EXPONENTIAL + 44)),
  );
  return v128.andnot(p, f32x4.lt(x, v128.load32_splat(EXPONENTIAL + 48)));
}

const LOGARITHM = memory.data<f32>([
  1.17549435e-38,
  1,
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
  -2.1219444e-4,
  0.5,
  0.693359375,
  Infinity,
  -Infinity,
  0,
  NaN,
]);
/** The bits of sqrt(1/2) and of a mantissa. */
const BITS = memory.data<i32>([0x3f3504f3, 0x7fffff]);

/** To float32's last digit or the one before; of 0 minus infinity, of less no number. What is under 2^-126 counts as that. */
export function logarithm(x: v128): v128 {
  const bits = f32x4.pmax(x, v128.load32_splat(LOGARITHM));
  // The mantissa in [sqrt(1/2), sqrt(2)), as the bits of a float32.
  const least = v128.load32_splat(BITS);
  const above = i32x4.sub(bits, least);
  const exponent = i32x4.shr_s(above, 23);
  const mantissa = i32x4.add(v128.and(above, v128.load32_splat(BITS + 4)), least);
  const r = f32x4.sub(mantissa, v128.load32_splat(LOGARITHM + 4));
  const n = f32x4.convert_i32x4_s(exponent);
  let p = v128.load32_splat(LOGARITHM + 8);
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 12));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 16));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 20));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 24));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 28));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 32));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 36));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(LOGARITHM + 40));
  const square = f32x4.mul(r, r);
  let y = f32x4.mul(f32x4.mul(p, r), square);
  y = f32x4.add(y, f32x4.mul(n, v128.load32_splat(LOGARITHM + 44)));
  y = f32x4.sub(y, f32x4.mul(square, v128.load32_splat(LOGARITHM + 48)));
  y = f32x4.add(f32x4.add(r, y), f32x4.mul(n, v128.load32_splat(LOGARITHM + 52)));
  const zero = v128.load32_splat(LOGARITHM + 64);
  const infinity = v128.load32_splat(LOGARITHM + 56);
  // Hardly ever is one of the four another number.
  if (i32x4.bitmask(v128.and(f32x4.gt(x, zero), f32x4.lt(x, infinity))) === 0b1111) return y;
  y = v128.bitselect(x, y, f32x4.eq(x, infinity));
  y = v128.bitselect(v128.load32_splat(LOGARITHM + 60), y, f32x4.eq(x, zero));
  return v128.bitselect(v128.load32_splat(LOGARITHM + 68), y, v128.not(f32x4.ge(x, zero)));
}
