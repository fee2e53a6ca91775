import { ConfigurationError } from '../errors.js';

/**
 * No filter is longer: 64 MiB of taps. The longest that lubdub's own rates ask for, from 191,999 Hz to 1,000 Hz, has
 * 4.9 million; a narrower transition is a mistake in somebody's numbers, and would take minutes and all memory.
 */
export const MAX_TAPS = 2 ** 23;

export interface LowPassDesign {
  /** Up to here the signal passes. */
  readonly passHz: number;
  /** From here on everything is attenuated by `stopbandDb`. */
  readonly stopHz: number;
  /** Over 50, at most 200: less is another window's business, more is beyond what float64 can tell. */
  readonly stopbandDb: number;
  readonly sampleRateHz: number;
}

/**
 * Designs a linear-phase low-pass by the Kaiser window method: odd length, unit gain at 0 Hz.
 *
 * Same taps as `firwin(numtaps, (passHz + stopHz) / 2, window=('kaiser', beta), fs=sampleRateHz)` with
 * `numtaps, beta = kaiserord(stopbandDb, (stopHz - passHz) / (sampleRateHz / 2))` of `scipy.signal`, one tap added
 * where numtaps is even. Delay: `(taps.length - 1) / 2` samples at `sampleRateHz`.
 *
 * @throws ConfigurationError for a low-pass that cannot be, or would have more than {@link MAX_TAPS} taps
 */
export function kaiserLowPass(design: LowPassDesign): Float64Array {
  const { passHz, stopHz, stopbandDb, sampleRateHz } = design;
  if (!(passHz > 0 && passHz < stopHz && passHz + stopHz <= sampleRateHz)) {
    throw new ConfigurationError(
      `low-pass must satisfy 0 < passHz < stopHz with their mean at most half of ${sampleRateHz} Hz, ` +
        `got ${passHz}..${stopHz} Hz`,
    );
  }
  if (!(stopbandDb > 50 && stopbandDb <= 200)) {
    throw new ConfigurationError(`stopbandDb must be over 50 and at most 200, got ${stopbandDb}`);
  }
  const nyquistHz = sampleRateHz / 2;
  const width = (stopHz - passHz) / nyquistHz;
  const count = Math.ceil((stopbandDb - 7.95) / (2.285 * Math.PI * width) + 1);
  if (!(count < MAX_TAPS)) {
    throw new ConfigurationError(
      `the low-pass from ${passHz} to ${stopHz} Hz at ${sampleRateHz} Hz must have fewer than ${MAX_TAPS} taps, ` +
        `got ${count}; use a wider transition, or a source whose rate shares more divisors with the model's`,
    );
  }
  const taps = new Float64Array(count | 1);
  const beta = 0.1102 * (stopbandDb - 8.7);
  const cutoff = (passHz + stopHz) / 2 / nyquistHz;
  const centre = (taps.length - 1) / 2;
  const windowAtCentre = besselI0(beta);
  // The second half mirrors the first to the last bit: half of the Bessel functions are enough.
  for (let i = 0; i <= centre; i++) {
    const t = i - centre;
    const ideal = t === 0 ? cutoff : Math.sin(Math.PI * cutoff * t) / (Math.PI * t);
    taps[i] = (ideal * besselI0(beta * Math.sqrt(1 - (t / centre) ** 2))) / windowAtCentre;
    taps[taps.length - 1 - i] = taps[i];
  }
  const sum = taps.reduce((total, tap) => total + tap, 0);
  for (let i = 0; i < taps.length; i++) taps[i] /= sum;
  return taps;
}

/** Modified Bessel function of the first kind, order 0, by its power series (Abramowitz & Stegun 9.6.12). */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
