/** Exponential and natural logarithm of two float64 at once. Coefficients of Sun's freely distributable library (fdlibm). */

/** To the last digit or the one before; 0 for what is below -708. `x` must be at most 709. */
export function exponential64(x: v128): v128 {
  const least = f64x2.splat(-708);
  const limited = f64x2.max(x, least);
  const n = f64x2.nearest(f64x2.mul(limited, f64x2.splat(1.4426950408889634)));
  // ln 2 in two parts, so that the product with n is exact.
  const high = f64x2.sub(limited, f64x2.mul(n, f64x2.splat(6.93147180369123816e-1)));
  const low = f64x2.mul(n, f64x2.splat(1.9082149292705877e-10));
  const r = f64x2.sub(high, low);
  const square = f64x2.mul(r, r);
  let p = f64x2.splat(4.13813679705723846e-8);
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(-1.65339022054652515e-6));
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(6.61375632143793436e-5));
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(-2.77777777770155934e-3));
  p = f64x2.add(f64x2.mul(p, square), f64x2.splat(1.66666666666666019e-1));
  const c = f64x2.sub(r, f64x2.mul(square, p));
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(low, quotient), high));
  const power = i64x2.shl(
    i64x2.add(i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n)), i64x2.splat(1023)),
    52,
  );
  return v128.andnot(f64x2.mul(y, power), f64x2.lt(x, least));
}

/** To the last digit or the one before; minus infinity for 0. `x` must be 0, or finite and at least 2^-1022. */
export function logarithm64(x: v128): v128 {
  const one = f64x2.splat(1);
  // The mantissa in [sqrt(1/2), sqrt(2)), as the bits of a float64.
  const above = i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd));
  const mantissa = i64x2.add(
    v128.and(above, i64x2.splat(0x000fffffffffffff)),
    i64x2.splat(0x3fe6a09e667f3bcd),
  );
  // The upper halves of both lanes, as there is no shift of 64 bits that keeps the sign on every processor.
  const exponents = i32x4.shr_s(above, 20);
  const n = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponents, exponents, 1, 3, 1, 3));
  const f = f64x2.sub(mantissa, one);
  const s = f64x2.div(f, f64x2.add(one, mantissa));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = f64x2.mul(w, f64x2.splat(1.531383769920937332e-1));
  even = f64x2.mul(w, f64x2.add(even, f64x2.splat(2.222219843214978396e-1)));
  even = f64x2.mul(w, f64x2.add(even, f64x2.splat(3.999999999940941908e-1)));
  let odd = f64x2.mul(w, f64x2.splat(1.479819860511658591e-1));
  odd = f64x2.mul(w, f64x2.add(odd, f64x2.splat(1.818357216161805012e-1)));
  odd = f64x2.mul(w, f64x2.add(odd, f64x2.splat(2.857142874366239149e-1)));
  odd = f64x2.mul(z, f64x2.add(odd, f64x2.splat(6.66666666666673513e-1)));
  const half = f64x2.mul(f64x2.splat(0.5), f64x2.mul(f, f));
  const rest = f64x2.add(
    f64x2.mul(s, f64x2.add(half, f64x2.add(odd, even))),
    f64x2.mul(n, f64x2.splat(1.9082149292705877e-10)),
  );
  const y = f64x2.sub(f64x2.mul(n, f64x2.splat(6.93147180369123816e-1)), f64x2.sub(f64x2.sub(half, rest), f));
  return v128.bitselect(f64x2.splat(-Infinity), y, f64x2.eq(x, f64x2.splat(0)));
}
