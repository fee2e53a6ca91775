/** Frames of the network's front end, in float64. */

/**
 * Energies of overlapping frames in bands, two frames side by side: tapers, transforms, takes the power, weights.
 *
 * The transform is a complex one of half the length over even and odd samples, then the usual recombination (Press et
 * al., Numerical Recipes, 3rd ed., 12.3.2) without its halves, so that a power is four times as large. Tables, one after the
 * other from `tables` on: `taper[frameSamples]`, `cos[half]`, `sin[half]` with half the FFT's length, all float64; `weights`,
 * of float64, a quarter of all bands' in a row; of int32 `reversed[half]`, `starts[bands + 1]` in `weights`, `bins[bands]`,
 * the first of each band.
 *
 * @param samples of float64, the first frame's; those after it follow every `hop`
 * @param weightCount of all bands
 * @param work room for `2 * (3 * half + 1)` float64
 * @param ring of float64, `[2 * rows][bands]`: every frame is written to a row, the first to `row`, and again `rows` later
 */
export function frameEnergies(
  samples: usize,
  frames: i32,
  hop: i32,
  frameSamples: i32,
  half: i32,
  bands: i32,
  tables: usize,
  weightCount: i32,
  work: usize,
  ring: usize,
  rows: i32,
  row: i32,
): void {
  const again = <usize>(8 * bands * rows);
  const taper = tables;
  const cos = taper + 8 * frameSamples;
  const sin = cos + 8 * half;
  const weights = sin + 8 * half;
  const reversed = weights + 8 * weightCount;
  const starts = reversed + 4 * half;
  const bins = starts + 4 * (bands + 1);
  const power = work + 32 * half;
  for (let frame = 0; frame < frames; frame += 2) {
    // The last of an odd number keeps itself company.
    const first = samples + 8 * hop * frame;
    const second = frame + 1 < frames ? first + 8 * hop : first;
    if (frameSamples <= half) loadTwos(first, second, frameSamples, half, taper, reversed, work);
    else loadFours(first, second, frameSamples, half, taper, reversed, work);
    transform(work, half, cos, sin);
    powers(work, half, cos, sin, power);
    const next = row + 1 === rows ? 0 : row + 1;
    const hasSecond = frame + 1 < frames;
    let to = ring + 8 * bands * row;
    let toSecond = ring + 8 * bands * next;
    for (let band = 0; band < bands; band++, to += 8, toSecond += 8) {
      let sum = f64x2.splat(0);
      let bin = power + 16 * load<i32>(bins + 4 * band);
      const end = weights + 8 * load<i32>(starts + 4 * band + 4);
      for (let w = weights + 8 * load<i32>(starts + 4 * band); w < end; w += 8, bin += 16) {
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(w), v128.load(bin)));
      }
      v128.store64_lane(to, sum, 0);
      v128.store64_lane(to + again, sum, 0);
      if (hasSecond) {
        v128.store64_lane(toSecond, sum, 1);
        v128.store64_lane(toSecond + again, sum, 1);
      }
    }
    row = next + 1 === rows ? 0 : next + 1;
  }
}

/**
 * Tapered samples of two frames, even ones as real parts and odd ones as imaginary, in bit-reversed order; and the first
 * two stages of the transform, which only add: of four numbers that stand side by side afterwards.
 */
function loadFours(
  first: usize,
  second: usize,
  frameSamples: i32,
  half: i32,
  taper: usize,
  reversed: usize,
  work: usize,
): void {
  for (let i = 0; i < half; i += 4, work += 128, reversed += 16) {
    const n0 = 2 * load<i32>(reversed);
    const n1 = 2 * load<i32>(reversed, 4);
    const n2 = 2 * load<i32>(reversed, 8);
    const n3 = 2 * load<i32>(reversed, 12);
    const re0 = tapered(first, second, n0, frameSamples, taper);
    const im0 = tapered(first, second, n0 + 1, frameSamples, taper);
    const re1 = tapered(first, second, n1, frameSamples, taper);
    const im1 = tapered(first, second, n1 + 1, frameSamples, taper);
    const re2 = tapered(first, second, n2, frameSamples, taper);
    const im2 = tapered(first, second, n2 + 1, frameSamples, taper);
    const re3 = tapered(first, second, n3, frameSamples, taper);
    const im3 = tapered(first, second, n3 + 1, frameSamples, taper);
    const sumRe01 = f64x2.add(re0, re1);
    const sumIm01 = f64x2.add(im0, im1);
    const differenceRe01 = f64x2.sub(re0, re1);
    const differenceIm01 = f64x2.sub(im0, im1);
    const sumRe23 = f64x2.add(re2, re3);
    const sumIm23 = f64x2.add(im2, im3);
    const differenceRe23 = f64x2.sub(re2, re3);
    const differenceIm23 = f64x2.sub(im2, im3);
    v128.store(work, f64x2.add(sumRe01, sumRe23));
    v128.store(work, f64x2.add(sumIm01, sumIm23), 16);
    // Times -i.
    v128.store(work, f64x2.add(differenceRe01, differenceIm23), 32);
    v128.store(work, f64x2.sub(differenceIm01, differenceRe23), 48);
    v128.store(work, f64x2.sub(sumRe01, sumRe23), 64);
    v128.store(work, f64x2.sub(sumIm01, sumIm23), 80);
    v128.store(work, f64x2.sub(differenceRe01, differenceIm23), 96);
    v128.store(work, f64x2.add(differenceIm01, differenceRe23), 112);
  }
}

/** {@link loadFours} of frames that fill no more than half of the transform: of four numbers the odd ones are 0. */
function loadTwos(
  first: usize,
  second: usize,
  frameSamples: i32,
  half: i32,
  taper: usize,
  reversed: usize,
  work: usize,
): void {
  for (let i = 0; i < half; i += 4, work += 128, reversed += 16) {
    const n0 = 2 * load<i32>(reversed);
    const n2 = 2 * load<i32>(reversed, 8);
    const re0 = tapered(first, second, n0, frameSamples, taper);
    const im0 = tapered(first, second, n0 + 1, frameSamples, taper);
    const re2 = tapered(first, second, n2, frameSamples, taper);
    const im2 = tapered(first, second, n2 + 1, frameSamples, taper);
    v128.store(work, f64x2.add(re0, re2));
    v128.store(work, f64x2.add(im0, im2), 16);
    v128.store(work, f64x2.add(re0, im2), 32);
    v128.store(work, f64x2.sub(im0, re2), 48);
    v128.store(work, f64x2.sub(re0, re2), 64);
    v128.store(work, f64x2.sub(im0, im2), 80);
    v128.store(work, f64x2.sub(re0, im2), 96);
    v128.store(work, f64x2.add(im0, re2), 112);
  }
}

function tapered(first: usize, second: usize, n: i32, frameSamples: i32, taper: usize): v128 {
  if (n >= frameSamples) return f64x2.splat(0);
  const pair = v128.load64_lane(second + 8 * n, v128.load64_zero(first + 8 * n), 1);
  return f64x2.mul(pair, v128.load64_splat(taper + 8 * n));
}

/** The other stages, in place: `[half][re, im]` of pairs. */
function transform(work: usize, half: i32, cos: usize, sin: usize): void {
  const end = work + 32 * half;
  for (let arm = 4, stride = half >> 2; arm < half; arm *= 2, stride >>= 1) {
    const step = <usize>(32 * arm);
    for (let k = 0; k < arm; k++) {
      const c = v128.load64_splat(cos + 8 * k * stride);
      const s = v128.load64_splat(sin + 8 * k * stride);
      for (let a = work + 32 * k; a < end; a += 2 * step) {
        const b = a + step;
        const re = v128.load(b);
        const im = v128.load(b, 16);
        const xr = f64x2.sub(f64x2.mul(re, c), f64x2.mul(im, s));
        const xi = f64x2.add(f64x2.mul(re, s), f64x2.mul(im, c));
        const ar = v128.load(a);
        const ai = v128.load(a, 16);
        v128.store(b, f64x2.sub(ar, xr));
        v128.store(b, f64x2.sub(ai, xi), 16);
        v128.store(a, f64x2.add(ar, xr));
        v128.store(a, f64x2.add(ai, xi), 16);
      }
    }
  }
}

/** Four times |DFT|² of bins 0 to `half`. */
function powers(work: usize, half: i32, cos: usize, sin: usize, power: usize): void {
  const two = f64x2.splat(2);
  const sum = f64x2.mul(two, f64x2.add(v128.load(work), v128.load(work, 16)));
  const difference = f64x2.mul(two, f64x2.sub(v128.load(work), v128.load(work, 16)));
  v128.store(power, f64x2.mul(sum, sum));
  v128.store(power + 16 * half, f64x2.mul(difference, difference));
  // A bin and its mirror image have the same even and odd parts, but for signs.
  for (let k = 1; k <= half >> 1; k++) {
    const mirror = half - k;
    const re = v128.load(work + 32 * k);
    const im = v128.load(work + 32 * k, 16);
    const mirrorRe = v128.load(work + 32 * mirror);
    const mirrorIm = v128.load(work + 32 * mirror, 16);
    const evenRe = f64x2.add(re, mirrorRe);
    const evenIm = f64x2.sub(im, mirrorIm);
    const oddRe = f64x2.add(im, mirrorIm);
    const oddIm = f64x2.sub(mirrorRe, re);
    const c = v128.load64_splat(cos + 8 * k);
    const s = v128.load64_splat(sin + 8 * k);
    const turnedRe = f64x2.sub(f64x2.mul(oddRe, c), f64x2.mul(oddIm, s));
    const turnedIm = f64x2.add(f64x2.mul(oddRe, s), f64x2.mul(oddIm, c));
    const x = f64x2.add(evenRe, turnedRe);
    const y = f64x2.add(evenIm, turnedIm);
    v128.store(power + 16 * k, f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)));
    const u = f64x2.sub(evenRe, turnedRe);
    const v = f64x2.sub(evenIm, turnedIm);
    v128.store(power + 16 * mirror, f64x2.add(f64x2.mul(u, u), f64x2.mul(v, v)));
  }
}
