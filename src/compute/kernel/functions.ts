/** Exponential and logarithms of four or two numbers at once. Coefficients of S. L. Moshier's Cephes library. */

/** To float32's last digit or the one before; beyond the ends 0 and infinity. */
export function exponential(x: v128): v128 {
  // Rounded by a number so large that there is no digit behind its ones; its last bits then are the exponent.
  const rounded = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912));
  const n = f32x4.sub(rounded, f32x4.splat(12582912));
  // ln 2 in two parts, so that the product with n is exact.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const power = i32x4.add(i32x4.shl(rounded, 23), i32x4.splat(127 << 23));
  p = f32x4.mul(p, power);
  p = v128.bitselect(f32x4.splat(Infinity), p, f32x4.gt(x, f32x4.splat(88.3762626647949)));
  return v128.andnot(p, f32x4.lt(x, f32x4.splat(-87.3365478515625)));
}

/** To float32's last digit or the one before; of 0 minus infinity, of less no number. What is under 2^-126 counts as that. */
export function logarithm(x: v128): v128 {
  const bits = f32x4.pmax(x, f32x4.splat(1.17549435e-38));
  // The mantissa in [sqrt(1/2), sqrt(2)), as the bits of a float32.
  const above = i32x4.sub(bits, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(above, 23);
  const mantissa = i32x4.add(v128.and(above, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  const r = f32x4.sub(mantissa, f32x4.splat(1));
  const n = f32x4.convert_i32x4_s(exponent);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(3.3333331174e-1));
  const square = f32x4.mul(r, r);
  let y = f32x4.mul(f32x4.mul(p, r), square);
  y = f32x4.add(y, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(square, f32x4.splat(0.5)));
  y = f32x4.add(f32x4.add(r, y), f32x4.mul(n, f32x4.splat(0.693359375)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(f32x4.splat(NaN), y, v128.not(f32x4.ge(x, f32x4.splat(0))));
}
