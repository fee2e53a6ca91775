/** Hum of the mains: complex amplitudes of its multiples block by block, and how they turn. In float64. */
import { ranked } from './selection';

/** Numbers that a line has in a row of the ring: size, size of the pair, turn. */
const FIELDS = 4;

/**
 * Folds samples to one period of the mains and ends the blocks that they complete: sizes of all lines, and their turns from
 * the block before as unit vectors, go into a ring of rows.
 *
 * `lines` is even; two stand side by side in a vector. State, one after the other, all float64, with
 * `parts = period / 2 + 1`: `sums[period]`, rounded up to an even number; `cosines[lines / 2][parts][2]`; `sines`, the same;
 * `last[3][lines]`, real and imaginary parts and sizes of the last block; `ring[context][4][lines]`: sizes, the larger of a
 * block's and the one's before (infinite where either has no phase), turns' real and imaginary parts.
 *
 * @param begun samples of the block that came before
 * @param blocks that were ended before
 * @param work room for `2 * parts` float64
 */
export function mainsBlocks(
  samples: usize,
  count: i32,
  begun: i32,
  blockSamples: i32,
  blocks: i32,
  context: i32,
  period: i32,
  lines: i32,
  state: usize,
  work: usize,
): void {
  const parts = (period >> 1) + 1;
  const tables = state + 8 * ((period + 1) & ~1);
  const last = tables + 16 * lines * parts;
  const ring = last + 8 * 3 * lines;
  let place = begun % period;
  while (count > 0) {
    const piece = min(count, blockSamples - begun);
    place = fold(samples, piece, state, period, place);
    samples += 8 * piece;
    count -= piece;
    begun += piece;
    if (begun < blockSamples) break;
    evenAndOdd(state, period, parts, work);
    const row = ring + 8 * FIELDS * lines * (blocks % context);
    for (let line = 0; line < lines; line += 2) {
      const cosines = tables + 8 * line * parts;
      amplitude(
        work,
        parts,
        cosines,
        cosines + 8 * lines * parts,
        <f64>blockSamples,
        lines,
        last + 8 * line,
        row + 8 * line,
      );
    }
    memory.fill(state, 0, 8 * period);
    blocks++;
    begun = place = 0;
  }
}

/** @returns the place of the next sample */
function fold(samples: usize, count: i32, sums: usize, period: i32, place: i32): i32 {
  while (count > 0) {
    const run = min(count, period - place);
    let to = sums + 8 * place;
    const end = samples + 8 * run;
    for (; samples + 16 <= end; samples += 16, to += 16) {
      v128.store(to, f64x2.add(v128.load(to), v128.load(samples)));
    }
    if (samples < end) {
      store<f64>(to, load<f64>(to) + load<f64>(samples));
      samples += 8;
    }
    count -= run;
    place += run;
    if (place === period) place = 0;
  }
  return place;
}

/** Even and odd part of the period, 0 to half of it, as pairs. */
function evenAndOdd(sums: usize, period: i32, parts: i32, work: usize): void {
  store<f64>(work, load<f64>(sums));
  store<f64>(work, 0, 8);
  let later = sums + 8 * (period - 1);
  for (let n = 1; n < parts; n++, later -= 8) {
    const x = load<f64>(sums + 8 * n);
    const y = load<f64>(later);
    store<f64>(work + 16 * n, x + y);
    store<f64>(work + 16 * n, x - y, 8);
  }
  // In the middle of an even period there is one sample, not two.
  if (2 * (parts - 1) === period) store<f64>(work + 16 * (parts - 1), load<f64>(sums + 8 * (parts - 1)));
}

/** Two lines' amplitudes, and what they say beside those of the block before. */
function amplitude(
  work: usize,
  parts: i32,
  cosines: usize,
  sines: usize,
  length: f64,
  lines: i32,
  last: usize,
  row: usize,
): void {
  let re = f64x2.splat(0);
  let im = f64x2.splat(0);
  for (let n = 0; n < parts; n++, work += 16, cosines += 16, sines += 16) {
    re = f64x2.add(re, f64x2.mul(v128.load64_splat(work), v128.load(cosines)));
    im = f64x2.sub(im, f64x2.mul(v128.load64_splat(work, 8), v128.load(sines)));
  }
  const step = 8 * lines;
  re = f64x2.div(re, f64x2.splat(length));
  im = f64x2.div(im, f64x2.splat(length));
  const size = f64x2.sqrt(f64x2.add(f64x2.mul(re, re), f64x2.mul(im, im)));
  const lastRe = v128.load(last);
  const lastIm = v128.load(last + step);
  const lastSize = v128.load(last + 2 * step);
  const both = f64x2.mul(size, lastSize);
  const larger = f64x2.pmax(size, lastSize);
  v128.store(row, size);
  v128.store(row + step, v128.bitselect(larger, f64x2.splat(Infinity), f64x2.gt(both, f64x2.splat(0))));
  v128.store(row + 2 * step, f64x2.div(f64x2.add(f64x2.mul(re, lastRe), f64x2.mul(im, lastIm)), both));
  v128.store(row + 3 * step, f64x2.div(f64x2.sub(f64x2.mul(im, lastRe), f64x2.mul(re, lastIm)), both));
  v128.store(last, re);
  v128.store(last + step, im);
  v128.store(last + 2 * step, size);
}

/**
 * Whether of every line more than `rank` sizes are at most `limit`.
 *
 * @param ring as in {@link mainsBlocks}
 * @param count of its rows that are filled
 */
export function areQuiet(ring: usize, count: i32, lines: i32, rank: i32, limit: f64): i32 {
  const limits = f64x2.splat(limit);
  const one = f64x2.splat(1);
  for (let line = 0; line < lines; line += 2) {
    let row = ring + 8 * line;
    let quiet = f64x2.splat(0);
    for (let i = 0; i < count; i++, row += 8 * FIELDS * lines) {
      quiet = f64x2.add(quiet, v128.and(one, f64x2.le(v128.load(row), limits)));
    }
    if (min(f64x2.extract_lane(quiet, 0), f64x2.extract_lane(quiet, 1)) <= <f64>rank) return 0;
  }
  return 1;
}

/**
 * How lines turn in their quiet blocks: those whose size, and the one's before, is at most `quiet` times that of `rank`.
 *
 * @param ring as in {@link mainsBlocks}
 * @param count of its rows that are filled
 * @param oldest the row whose turn does not count
 * @param work room for `2 * count` float64
 * @param output `[lines / 2][4][2]`: largest size that is quiet, quiet turns, sums of their real and imaginary parts
 */
export function mainsTurns(
  ring: usize,
  count: i32,
  lines: i32,
  oldest: i32,
  quiet: f64,
  rank: i32,
  work: usize,
  output: usize,
): void {
  const step = 8 * lines;
  const rowBytes = FIELDS * step;
  for (let line = 0; line < lines; line += 2, output += 64) {
    const first = quiet * rankedSize(ring + 8 * line, count, rowBytes, rank, work);
    const second = quiet * rankedSize(ring + 8 * line + 8, count, rowBytes, rank, work);
    const largest = f64x2.replace_lane(f64x2.splat(first), 1, second);
    let turns = f64x2.splat(0);
    let re = f64x2.splat(0);
    let im = f64x2.splat(0);
    let row = ring + step + 8 * line;
    for (let i = 0; i < count; i++, row += rowBytes) {
      if (i === oldest) continue;
      const isQuiet = f64x2.le(v128.load(row), largest);
      turns = f64x2.add(turns, v128.and(isQuiet, f64x2.splat(1)));
      re = f64x2.add(re, v128.and(isQuiet, v128.load(row + step)));
      im = f64x2.add(im, v128.and(isQuiet, v128.load(row + 2 * step)));
    }
    v128.store(output, largest);
    v128.store(output, turns, 16);
    v128.store(output, re, 32);
    v128.store(output, im, 48);
  }
}

function rankedSize(sizes: usize, count: i32, rowBytes: usize, rank: i32, work: usize): f64 {
  for (let i = 0; i < count; i++, sizes += rowBytes) store<f64>(work + 8 * i, load<f64>(sizes));
  return ranked(work, count, rank, work + 8 * count);
}

/**
 * Median, nearest rank, of a line's sizes that are at most `largest`; 0 where there is none.
 *
 * @param work room for `2 * count` float64
 */
export function quietMedian(ring: usize, count: i32, lines: i32, line: i32, largest: f64, work: usize): f64 {
  let quiet = 0;
  let from = ring + 8 * line;
  for (let i = 0; i < count; i++, from += 8 * FIELDS * lines) {
    const size = load<f64>(from);
    if (size <= largest) store<f64>(work + 8 * quiet++, size);
  }
  return quiet === 0 ? 0 : ranked(work, quiet, quiet >> 1, work + 8 * count);
}
