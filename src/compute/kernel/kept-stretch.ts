/**
 * What signal quality looks back on in a stretch: conditioned samples, bins of a fine envelope, frames, blocks of the mains.
 *
 * It begins with a header of float64. Sizes and places, in bytes from the beginning, are set once by who makes it; the rest is
 * 0 when a stretch begins. Histories hold twice as much as is looked back on, newest last, up to an end: when they are full,
 * what is kept is moved to the front.
 */

// Numbers of the header, as `KeptField` in src/window/kept-stretch.ts has them.
export const SAMPLES_KEPT = 0;
export const SAMPLES_AT = 8;
export const SAMPLES_END = 16;
export const BIN_SAMPLES = 24;
export const BINS_KEPT = 32;
export const BINS_AT = 40;
export const BIN_COUNT = 48;
export const FRAMES_KEPT = 56;
export const FRAMES_AT = 64;
export const COLUMNS_AT = 72;
export const FRAMES_END = 80;
export const FRAME_COUNT = 88;
export const BLOCK_SAMPLES = 96;
export const BLOCKS_KEPT = 104;
export const BLOCK_COUNT = 112;
export const BLOCK_BEGUN = 120;
/** Period, lines and place of each of the mains. */
export const MAINS = 128;
export const MAINS_BYTES = 24;
export const MAINS_COUNT = 2;
export const WORK_AT = 176;
const QUIET = 184;
/** Bytes of a frame. */
export const FRAME = 56;

/** What a fifth of the bins stay below, as it was found last; a guess. */
export function quietOf(kept: usize): f64 {
  return load<f64>(kept + QUIET);
}

export function setQuiet(kept: usize, quiet: f64): void {
  store<f64>(kept + QUIET, quiet);
}

/** Where the last `count` samples begin. */
export function lastSamples(kept: usize, count: i32): usize {
  return place(kept, SAMPLES_AT) + 8 * (number(kept, SAMPLES_END) - count);
}

/** How many samples there are, at most as many as are looked back on. */
export function heldSamples(kept: usize): i32 {
  return min(number(kept, SAMPLES_END), number(kept, SAMPLES_KEPT));
}

/** Where the last `count` frames begin, as {@link envelopeFrames} wrote them. */
export function lastFrames(kept: usize, count: i32): usize {
  return place(kept, FRAMES_AT) + FRAME * (number(kept, FRAMES_END) - count);
}

/**
 * Where the last `count` frames' numbers of a column begin. 0: energy below 150 Hz; 1: energy above; 2 and 3: mean square
 * and fourth power; 4: decimal logarithm of the first.
 */
export function column(kept: usize, index: i32, count: i32): usize {
  const history = 16 * number(kept, FRAMES_KEPT);
  return place(kept, COLUMNS_AT) + history * index + 8 * (number(kept, FRAMES_END) - count);
}

/** How many of the last `most` frames there are. */
export function heldFrames(kept: usize, most: i32): i32 {
  return min(number(kept, FRAME_COUNT), most);
}

/** Frames of the stretch so far. */
export function frameCountOf(kept: usize): i32 {
  return number(kept, FRAME_COUNT);
}

/** The state of {@link envelopeBins}. */
export function binsOf(kept: usize): usize {
  return place(kept, BINS_AT);
}

/** Bins of the stretch so far. */
export function binCountOf(kept: usize): i32 {
  return number(kept, BIN_COUNT);
}

/** A number of the header. */
export function number(kept: usize, field: usize): i32 {
  return <i32>load<f64>(kept + field);
}

export function setNumber(kept: usize, field: usize, value: i32): void {
  store<f64>(kept + field, <f64>value);
}

/** Where a part begins whose place stands in the header. */
export function place(kept: usize, field: usize): usize {
  return kept + <usize>number(kept, field);
}
