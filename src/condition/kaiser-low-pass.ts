import { ConfigurationError } from '../errors.js';

/**
 * No filter is longer: 64 MiB of taps. The longest that lubdub's own rates ask for, from 191,999 Hz to 1,000 Hz, has
 * 4.9 million; a narrower transition is a mistake in somebody's numbers, and would take minutes and all memory.
 */
export const MOST_TAPS = 2 ** 23;

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
 * @throws ConfigurationError for edges that are none, or a filter of more than {@link MOST_TAPS} taps
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
  const length = kaiserLength(design);
  if (!(length <= MOST_TAPS)) {
    throw new ConfigurationError(
      `a low-pass must have at most ${MOST_TAPS} taps, got ${length} for ${passHz}..${stopHz} Hz, ${stopbandDb} dB at ` +
        `${sampleRateHz} Hz; use a source whose rate shares a factor with the model's`,
    );
  }
  const nyquistHz = sampleRateHz / 2;
  const taps = new Float64Array(length);
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

/** How many taps {@link kaiserLowPass} designs: odd, and infinite where there is no such filter. */
export function kaiserLength({ passHz, stopHz, stopbandDb, sampleRateHz }: LowPassDesign): number {
  const width = (2 * (stopHz - passHz)) / sampleRateHz;
  const count = Math.ceil((stopbandDb - 7.95) / (2.285 * Math.PI * width) + 1);
  // `| 1` would wrap what has more than 32 bits, and make it short.
  return count + 1 - (count % 2);
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
