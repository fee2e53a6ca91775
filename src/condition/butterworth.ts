import { ConfigurationError } from '../errors.js';
import { SECTION_LENGTH } from './sections.js';

export interface BandPassDesign {
  /** Order of the low-pass prototype; the band-pass has as many second-order sections. */
  readonly order: number;
  /** Lower -3 dB frequency. */
  readonly lowHz: number;
  /** Upper -3 dB frequency, below half the sample rate. */
  readonly highHz: number;
  readonly sampleRateHz: number;
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * Designs a digital Butterworth band-pass as second-order sections.
 *
 * Same result and same row order as `scipy.signal.butter(order, [lowHz, highHz], 'bandpass', fs=sampleRateHz,
 * output='sos')`: prototype poles, band-pass transformation, bilinear transformation with pre-warped edges, and
 * `zpk2sos` with pairing 'nearest' (the poles closest to the unit circle come last, the gain stands in the first
 * section).
 *
 * @returns row-major `[order, 6]`
 * @throws ConfigurationError where order or edges cannot be realised at this rate
 */
export function butterworthBandPass(design: BandPassDesign): Float64Array {
  const { order, lowHz, highHz, sampleRateHz } = design;
  if (!Number.isInteger(order) || order < 1 || order > 12) {
    throw new ConfigurationError(`order must be an integer in 1..12, got ${order}`);
  }
  if (!(lowHz > 0 && lowHz < highHz && highHz < sampleRateHz / 2)) {
    throw new ConfigurationError(
      `band must satisfy 0 < lowHz < highHz < sampleRateHz / 2 = ${sampleRateHz / 2}, ` +
        `got ${lowHz}..${highHz} Hz; use a device with a higher sample rate or a narrower band`,
    );
  }
  // Sample rate 2 is scipy's convention for normalised frequencies: the bilinear constant is then 4.
  const fs2 = 4;
  const low = fs2 * Math.tan((Math.PI * lowHz) / sampleRateHz);
  const high = fs2 * Math.tan((Math.PI * highHz) / sampleRateHz);
  const bandwidth = high - low;
  const centreSquared = low * high;

  const poles: Complex[] = [];
  // Gain of the analogue filter is bandwidth^order; the bilinear step multiplies by prod(fs2 - z) / prod(fs2 - p).
  let denominator: Complex = { re: 1, im: 0 };
  for (let m = -order + 1; m < order; m += 2) {
    const angle = (Math.PI * m) / (2 * order);
    const lp = { re: (-Math.cos(angle) * bandwidth) / 2, im: (-Math.sin(angle) * bandwidth) / 2 };
    const root = sqrt({ re: lp.re * lp.re - lp.im * lp.im - centreSquared, im: 2 * lp.re * lp.im });
    for (const sign of [1, -1]) {
      const analogue = { re: lp.re + sign * root.re, im: lp.im + sign * root.im };
      const away = { re: fs2 - analogue.re, im: -analogue.im };
      denominator = multiply(denominator, away);
      poles.push(divide({ re: fs2 + analogue.re, im: analogue.im }, away));
    }
  }
  const gain = (Math.pow(bandwidth, order) * Math.pow(fs2, order)) / denominator.re;
  return pairNearest(poles, order, gain);
}

/** `zpk2sos` with pairing 'nearest' for the zeros of a band-pass: `order` at z = 1 and `order` at z = -1. */
function pairNearest(poles: Complex[], order: number, gain: number): Float64Array {
  const sos = new Float64Array(order * SECTION_LENGTH);
  // One of each conjugate pair, and the real poles as they are.
  const isReal = (p: Complex) => Math.abs(p.im) <= 100 * Number.EPSILON * Math.hypot(p.re, p.im);
  const open = poles.filter((p) => isReal(p) || p.im > 0);
  const zerosLeft = new Map([
    [1, order],
    [-1, order],
  ]);
  const takeNearestZero = (p: Complex): number => {
    const nearest = Math.hypot(p.re - 1, p.im) < Math.hypot(p.re + 1, p.im) ? 1 : -1;
    const zero = zerosLeft.get(nearest)! > 0 ? nearest : -nearest;
    zerosLeft.set(zero, zerosLeft.get(zero)! - 1);
    return zero;
  };
  const takeWorst = (among: (p: Complex) => boolean): Complex => {
    let worst = -1;
    for (let i = 0; i < open.length; i++) {
      if (!among(open[i])) continue;
      if (worst < 0 || distanceToUnitCircle(open[i]) < distanceToUnitCircle(open[worst])) worst = i;
    }
    return open.splice(worst, 1)[0];
  };
  for (let section = order - 1; section >= 0; section--) {
    const p1 = takeWorst(() => true);
    const p2 = isReal(p1) ? takeWorst(isReal) : { re: p1.re, im: -p1.im };
    const z1 = takeNearestZero(p1);
    const z2 = takeNearestZero(p1);
    sos.set(
      [
        1,
        -(z1 + z2),
        z1 * z2,
        1,
        -(p1.re + p2.re),
        isReal(p1) ? p1.re * p2.re : p1.re * p1.re + p1.im * p1.im,
      ],
      section * SECTION_LENGTH,
    );
  }
  for (let i = 0; i < 3; i++) sos[i] *= gain;
  return sos;
}

const distanceToUnitCircle = (p: Complex): number => Math.abs(1 - Math.hypot(p.re, p.im));

const multiply = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
});

function divide(a: Complex, b: Complex): Complex {
  const norm = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / norm, im: (a.im * b.re - a.re * b.im) / norm };
}

/** Principal square root, by the form that does not cancel. */
function sqrt(a: Complex): Complex {
  const size = Math.hypot(a.re, a.im);
  if (size === 0) return { re: 0, im: 0 };
  const t = Math.sqrt((size + Math.abs(a.re)) / 2);
  const other = a.im / (2 * t);
  if (a.re >= 0) return { re: t, im: other };
  return a.im >= 0 ? { re: Math.abs(other), im: t } : { re: Math.abs(other), im: -t };
}
