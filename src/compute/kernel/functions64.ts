/**
 * Exponential and natural logarithm of two float64 at once. Coefficients of Sun's freely distributable library (fdlibm). Why
 * constants stand in memory says `functions.ts`.
 */

const EXPONENTIAL = memory.data<f64>([
  -708, 1.4426950408889634, 6.93147180369123816e-1, 1.9082149292705877e-10, 4.13813679705723846e-8,
  -1.65339022054652515e-6, 6.61375632143793436e-5, -2.77777777770155934e-3, 1.66666666666666019e-1, 2, 1,
  6755399441055744,
]);

/** To the last digit or the one before; 0 for what is below -708. `x` must be at most 709. */
export function exponential64(x: v128): v128 {
  const least = v128.load64_splat(EXPONENTIAL);
  const limited = f64x2.pmax(x, least);
  // Rounded by a number so large that there is no digit behind its ones; its last bits then are the exponent.
  const large = v128.load64_splat(EXPONENTIAL + 88);
  const rounded = f64x2.add(f64x2.mul(limited, v128.load64_splat(EXPONENTIAL + 8)), large);
  const n = f64x2.sub(rounded, large);
  // ln 2 in two parts, so that the product with n is exact.
  const high = f64x2.sub(limited, f64x2.mul(n, v128.load64_splat(EXPONENTIAL + 16)));
  const low = f64x2.mul(n, v128.load64_splat(EXPONENTIAL + 24));
  const r = f64x2.sub(high, low);
  const square = f64x2.mul(r, r);
  let p = v128.load64_splat(EXPONENTIAL + 32);
  p = f64x2.add(f64x2.mul(p, square), v128.load64_splat(EXPONENTIAL + 40));
  p = f64x2.add(f64x2.mul(p, square), v128.load64_splat(EXPONENTIAL + 48));
  p = f64x2.add(f64x2.mul(p, square), v128.load64_splat(EXPONENTIAL + 56));
  p = f64x2.add(f64x2.mul(p, square), v128.load64_splat(EXPONENTIAL + 64));
  const c = f64x2.sub(r, f64x2.mul(square, p));
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(v128.load64_splat(EXPONENTIAL + 72), c));
  const one = v128.load64_splat(EXPONENTIAL + 80);
  const y = f64x2.sub(one, f64x2.sub(f64x2.sub(low, quotient), high));
  // The bits of 1 are those of the exponent 0.
  const power = i64x2.add(i64x2.shl(rounded, 52), one);
  return v128.andnot(f64x2.mul(y, power), f64x2.lt(x, least));
}

const LOGARITHM = memory.data<f64>([
  1,
  1.531383769920937332e-1,
  2.222219843214978396e-1,
  3.999999999940941908e-1,
  1.479819860511658591e-1,
  1.818357216161805012e-1,
  2.857142874366239149e-1,
  6.66666666666673513e-1,
  0.5,
  1.9082149292705877e-10,
  6.93147180369123816e-1,
  -Infinity,
  0,
]);
/** The bits of sqrt(1/2) and of a mantissa. */
const BITS = memory.data<i64>([0x3fe6a09e667f3bcd, 0x000fffffffffffff]);

/** To the last digit or the one before; minus infinity for 0. `x` must be 0, or finite and at least 2^-1022. */
export function logarithm64(x: v128): v128 {
  const one = v128.load64_splat(LOGARITHM);
  // The mantissa in [sqrt(1/2), sqrt(2)), as the bits of a float64.
  const least = v128.load64_splat(BITS);
  const above = i64x2.sub(x, least);
  const mantissa = i64x2.add(v128.and(above, v128.load64_splat(BITS + 8)), least);
  // The upper halves of both lanes, as there is no shift of 64 bits that keeps the sign on every processor.
  const exponents = i32x4.shr_s(above, 20);
  const n = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponents, exponents, 1, 3, 1, 3));
  const f = f64x2.sub(mantissa, one);
  const s = f64x2.div(f, f64x2.add(one, mantissa));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = f64x2.mul(w, v128.load64_splat(LOGARITHM + 8));
  even = f64x2.mul(w, f64x2.add(even, v128.load64_splat(LOGARITHM + 16)));
  even = f64x2.mul(w, f64x2.add(even, v128.load64_splat(LOGARITHM + 24)));
  let odd = f64x2.mul(w, v128.load64_splat(LOGARITHM + 32));
  odd = f64x2.mul(w, f64x2.add(odd, v128.load64_splat(LOGARITHM + 40)));
  odd = f64x2.mul(w, f64x2.add(odd, v128.load64_splat(LOGARITHM + 48)));
  odd = f64x2.mul(z, f64x2.add(odd, v128.load64_splat(LOGARITHM + 56)));
  const half = f64x2.mul(v128.load64_splat(LOGARITHM + 64), f64x2.mul(f, f));
  const rest = f64x2.add(
    f64x2.mul(s, f64x2.add(half, f64x2.add(odd, even))),
    f64x2.mul(n, v128.load64_splat(LOGARITHM + 72)),
  );
  const y = f64x2.sub(f64x2.mul(n, v128.load64_splat(LOGARITHM + 80)), f64x2.sub(f64x2.sub(half, rest), f));
  return v128.bitselect(v128.load64_splat(LOGARITHM + 88), y, f64x2.eq(x, v128.load64_splat(LOGARITHM + 96)));
}
