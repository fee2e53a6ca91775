/** Lags in which the same wave is looked for, either side of the beat. */
const WAVE_REACH_SECONDS = 0.008;
/** Of samples a beat apart at least so many seconds are compared. */
const LEAST_WAVE_SECONDS = 0.8;
/** Every second sample will do for a correlation, and costs a quarter. */
const WAVE_STRIDE = 2;
const LEAST_ENERGY = 1e-20;
/** Lags whose sums are taken in one pass: as many as the processor has registers for. */
const TOGETHER = 3;

/**
 * The largest correlation of a signal with itself at lags about one beat, in [0, 1]: a machine repeats its wave, a heart only
 * its sounds.
 *
 * @param x samples, contiguous
 * @param lag of the beat in samples, 0 where there is none
 * @returns 0 where too little is known
 */
export function sameWave(x: Float64Array, lag: number, rateHz: number): number {
  const reach = Math.round(WAVE_REACH_SECONDS * rateHz);
  if (lag === 0 || x.length - lag - reach < LEAST_WAVE_SECONDS * rateHz) return 0;
  let longest = lag - reach;
  while (longest + WAVE_STRIDE <= lag + reach) longest += WAVE_STRIDE;
  let best = 0;
  // Energies of the later and of the earlier samples at the longest lag; shorter ones compare more.
  let squares = LEAST_ENERGY;
  let lateSquares = LEAST_ENERGY;
  let compared = 0;
  for (let n = longest; n < x.length; n += WAVE_STRIDE, compared += WAVE_STRIDE) {
    squares += x[n] * x[n];
    lateSquares += x[compared] * x[compared];
  }
  for (let late = longest; late >= lag - reach; late -= TOGETHER * WAVE_STRIDE) {
    products(x, late);
    for (let i = 0; i < TOGETHER && late - i * WAVE_STRIDE >= lag - reach; i++) {
      const each = late - i * WAVE_STRIDE;
      if (each < longest) squares += x[each] * x[each];
      for (; each + compared < x.length; compared += WAVE_STRIDE) lateSquares += x[compared] * x[compared];
      best = Math.max(best, sums[i] / Math.sqrt(squares * lateSquares));
    }
  }
  return best;
}

const sums = new Float64Array(TOGETHER);

/** Into `sums`: at the lag `late` and at those one and two strides shorter. */
function products(x: Float64Array, late: number): void {
  let first = 0;
  let second = 0;
  let third = 0;
  let n = late;
  for (; n < x.length; n += WAVE_STRIDE) {
    const early = x[n - late];
    first += x[n] * early;
    second += x[n - WAVE_STRIDE] * early;
    third += x[n - 2 * WAVE_STRIDE] * early;
  }
  // A shorter lag reaches further.
  if (n - WAVE_STRIDE < x.length) second += x[n - WAVE_STRIDE] * x[n - late];
  for (; n - 2 * WAVE_STRIDE < x.length; n += WAVE_STRIDE) third += x[n - 2 * WAVE_STRIDE] * x[n - late];
  sums[0] = first;
  sums[1] = second;
  sums[2] = third;
}
