/**
 * Natural and decimal logarithm of one float64, step by step as Sun's freely distributable library (fdlibm) takes them, and so
 * to the same bits as `Math.log` and `Math.log10` of V8: measures do not depend on where they are taken.
 */

/** Of a positive, finite number. */
export function exactLogarithm(x: f64): f64 {
  let exponent = 0;
  let high = <i32>(reinterpret<i64>(x) >> 32);
  if (high < 0x00100000) {
    exponent = -54;
    x *= 18014398509481984;
    high = <i32>(reinterpret<i64>(x) >> 32);
  }
  exponent += (high >> 20) - 1023;
  high &= 0x000fffff;
  const above = (high + 0x95f64) & 0x100000;
  const mantissa = withHigh(x, high | (above ^ 0x3ff00000));
  exponent += above >> 20;
  const k = <f64>exponent;
  const twoHigh = k * 6.9314718036912381649e-1;
  const twoLow = k * 1.90821492927058770002e-10;
  const f = mantissa - 1;
  if ((0x000fffff & (2 + high)) < 3) {
    if (f === 0) return exponent === 0 ? 0 : twoHigh + twoLow;
    const rest = f * f * (0.5 - 0.33333333333333333 * f);
    return exponent === 0 ? f - rest : twoHigh - (rest - twoLow - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const rest = odd + even;
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const half = 0.5 * f * f;
    if (exponent === 0) return f - (half - s * (half + rest));
    return twoHigh - (half - (s * (half + rest) + twoLow) - f);
  }
  if (exponent === 0) return f - s * (f - rest);
  return twoHigh - (s * (f - rest) - twoLow - f);
}

/** Of a positive, finite number. */
export function exactLogarithm10(x: f64): f64 {
  if (x === 1) return 0;
  let exponent = 0;
  let high = <i32>(reinterpret<i64>(x) >> 32);
  if (high < 0x00100000) {
    exponent = -54;
    x *= 18014398509481984;
    high = <i32>(reinterpret<i64>(x) >> 32);
  }
  exponent += (high >> 20) - 1023;
  const isBelow = i32(exponent < 0);
  const y = <f64>(exponent + isBelow);
  const scaled = withHigh(x, (high & 0x000fffff) | ((0x3ff - isBelow) << 20));
  const z = y * 3.69423907715893078616e-13 + 4.34294481903251816668e-1 * exactLogarithm(scaled);
  return z + y * 3.01029995663611771306e-1;
}

/** The same number with other upper 32 bits. */
function withHigh(x: f64, high: i32): f64 {
  return reinterpret<f64>((reinterpret<i64>(x) & 0xffffffff) | ((<i64>high) << 32));
}
