import { ConfigurationError } from '../errors.js';

/**
 * Power spectrum of real sequences of one fixed length, a power of two.
 *
 * A complex radix-2 transform of half the length on even and odd samples, then the usual recombination (Press et
 * al., Numerical Recipes, 3rd ed., 12.3.2). Set-up makes the tables, `execute` allocates nothing, and there is no
 * state between calls.
 */
export class RealFft {
  private readonly half: number;
  private readonly re: Float64Array;
  private readonly im: Float64Array;
  private readonly cos: Float64Array;
  private readonly sin: Float64Array;
  private readonly reversed: Uint32Array;

  constructor(readonly length: number) {
    if (!Number.isInteger(length) || length < 4 || (length & (length - 1)) !== 0) {
      throw new ConfigurationError(
        `the length of a transform must be a power of two from 4 on, got ${length}`,
      );
    }
    const half = (this.half = length / 2);
    this.re = new Float64Array(half);
    this.im = new Float64Array(half);
    this.cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / length));
    this.sin = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
    const bits = Math.log2(half);
    this.reversed = Uint32Array.from({ length: half }, (_, i) => {
      let r = 0;
      for (let b = 0; b < bits; b++) r |= ((i >> b) & 1) << (bits - 1 - b);
      return r;
    });
  }

  /**
   * @param input at most `length` samples; what is missing counts as zero
   * @param power receives |DFT|² of bins 0 to `length / 2`
   */
  execute(input: Float64Array, power: Float64Array): void {
    const { half, re, im, cos, sin, reversed } = this;
    for (let i = 0; i < half; i++) {
      const to = reversed[i];
      re[to] = 2 * i < input.length ? input[2 * i] : 0;
      im[to] = 2 * i + 1 < input.length ? input[2 * i + 1] : 0;
    }
    for (let size = 2; size <= half; size *= 2) {
      const arm = size / 2;
      const stride = this.length / size;
      for (let k = 0, t = 0; k < arm; k++, t += stride) {
        const c = cos[t];
        const s = sin[t];
        for (let a = k; a < half; a += size) {
          const b = a + arm;
          const xr = re[b] * c - im[b] * s;
          const xi = re[b] * s + im[b] * c;
          re[b] = re[a] - xr;
          im[b] = im[a] - xi;
          re[a] += xr;
          im[a] += xi;
        }
      }
    }
    power[0] = (re[0] + im[0]) ** 2;
    power[half] = (re[0] - im[0]) ** 2;
    for (let k = 1; k < half; k++) {
      const m = half - k;
      const evenRe = (re[k] + re[m]) / 2;
      const evenIm = (im[k] - im[m]) / 2;
      const oddRe = (im[k] + im[m]) / 2;
      const oddIm = (re[m] - re[k]) / 2;
      const outRe = evenRe + oddRe * cos[k] - oddIm * sin[k];
      const outIm = evenIm + oddRe * sin[k] + oddIm * cos[k];
      power[k] = outRe * outRe + outIm * outIm;
    }
  }
}
