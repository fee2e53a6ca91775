/** Zero crossings of the sinc on either side. */
const CROSSINGS = 16;
const PHASES = 256;
const KAISER_BETA = 8;
/** Of half the lower rate: what lies above would fold. */
const PASS_SHARE = 0.94;

/**
 * Reads a signal at any pace, which may change from call to call: by a windowed sinc (Smith, *Digital Audio Resampling*,
 * ccrma.stanford.edu/~jos/resample), its table of {@link PHASES} phases interpolated linearly. Where it reads faster than
 * the signal's rate, it passes only what the slower rate can hold.
 *
 * Delay: {@link delaySamples} of the input. State: as many inputs; {@link reset} clears it.
 */
export class Interpolator {
  /** Of the input. */
  readonly delaySamples: number;
  private readonly taps: number;
  /** `[PHASES + 1][taps]` */
  private readonly table: Float64Array;
  private readonly history: Float64Array;
  private line: Float64Array;
  /** Where the next output lies, behind the middle of the history; 0 to below 1. */
  private phase = 0;

  /** @param usualStep inputs that an output moves on by, about */
  constructor(usualStep: number) {
    const cutoff = PASS_SHARE * Math.min(1, 1 / usualStep);
    const half = Math.ceil(CROSSINGS / Math.min(1, 1 / usualStep));
    this.delaySamples = half;
    this.taps = 2 * half;
    this.table = makeTable(half, cutoff);
    this.history = new Float64Array(this.taps);
    this.line = new Float64Array(this.taps + 64);
  }

  reset(): void {
    this.history.fill(0);
    this.phase = 0;
  }

  /** How many inputs the next {@link execute} takes for so many outputs. */
  needed(outputs: number, step: number): number {
    return Math.floor(this.phase + outputs * step);
  }

  /** @param input exactly as many as {@link needed} said */
  execute(input: Float64Array, step: number, output: Float32Array): void {
    const { taps, table, history } = this;
    const length = taps + input.length;
    if (this.line.length < length) this.line = new Float64Array(2 * length);
    const { line } = this;
    line.set(history);
    line.set(input, taps);
    for (let i = 0; i < output.length; i++) {
      const position = this.phase + i * step;
      const base = Math.floor(position);
      const between = (position - base) * PHASES;
      const row = Math.floor(between);
      const share = between - row;
      let at = row * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++, at++) {
        sum += line[base + tap] * (table[at] + share * (table[at + taps] - table[at]));
      }
      output[i] = sum;
    }
    this.phase += output.length * step - input.length;
    history.set(line.subarray(input.length, length));
  }
}

function makeTable(half: number, cutoff: number): Float64Array {
  const taps = 2 * half;
  const table = new Float64Array((PHASES + 1) * taps);
  const atCentre = besselI0(KAISER_BETA);
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = table.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - (half - 1) - phase / PHASES;
      const x = Math.PI * cutoff * distance;
      const inside = 1 - (distance / half) ** 2;
      const window = inside <= 0 ? 0 : besselI0(KAISER_BETA * Math.sqrt(inside)) / atCentre;
      row[tap] = (x === 0 ? 1 : Math.sin(x) / x) * window;
      sum += row[tap];
    }
    // A constant stays one at every phase.
    for (let tap = 0; tap < taps; tap++) row[tap] /= sum;
  }
  return table;
}

/** Modified Bessel function of the first kind, order 0, by its power series (Abramowitz & Stegun 9.6.12). */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-15; k++) {
    term *= (x * x) / 4 / (k * k);
    sum += term;
  }
  return sum;
}
