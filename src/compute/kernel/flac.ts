/**
 * Frames of FLAC in integers of 64 bits: nothing overflows, as at most 32 taps of 15 bits on samples of 33 bits stay below
 * 2^52. See RFC 9639, section 9.
 *
 * Bytes in reverse, several codes from one load and the order of the products make a sample cost 6 ns instead of 11.
 */

/** Bits of a window that are surely there, wherever in a byte it begins. */
const WINDOW_BITS = 57;

/** What is wrong, as a negative number; `../../decode/file/flac-channels.ts` has the words. */
const ENDS_EARLY = -1;
const FIRST_BIT = -2;
const UNUSED_BITS = -3;
const RESERVED_KIND = -4;
const SHORT_BLOCK = -5;
const RESERVED_PRECISION = -6;
const NEGATIVE_SHIFT = -7;
const RESERVED_CODING = -8;
const PARTITIONS = -9;
const WIDE_SAMPLE = -10;

/** Where the next bit stands, where the last one does, and what more there is to say of a fault. */
let position: i32 = 0;
let end: i32 = 0;
let detail: usize = 0;

/**
 * The next bits, the first one highest. The file's bytes stand in reverse, each before the one that it follows, so that a
 * load brings them in this order; to turn eight round takes ten instructions.
 */
function bits(bytes: usize): u64 {
  return load<u64>(bytes - 7 - (position >>> 3)) << (position & 7);
}

/** @param count 0..33 */
function unsigned(bytes: usize, count: i32): i64 {
  if (count == 0) return 0;
  const value = bits(bytes) >>> (64 - count);
  position += count;
  return <i64>value;
}

/** @param count 0..33 */
function signed(bytes: usize, count: i32): i64 {
  if (count == 0) return 0;
  const value = (<i64>bits(bytes)) >> (64 - count);
  position += count;
  return value;
}

/** Zeros before the next one, which is taken too. Beyond the end it is whatever; who calls looks at the position. */
function unary(bytes: usize): i64 {
  let zeros: i64 = 0;
  while (position <= end) {
    const leading = <i32>clz(bits(bytes));
    if (leading < WINDOW_BITS) {
      position += leading + 1;
      return zeros + leading;
    }
    position += WINDOW_BITS;
    zeros += WINDOW_BITS;
  }
  return zeros;
}

/**
 * Reads the channels of a frame, before stereo is undone.
 *
 * @param bytes where the file's first byte stands, as `reverseBytes` leaves it; what stands before them all may be read too
 * @param from the bit at which the first channel begins
 * @param bitsPerSample 4..32
 * @param wide index of the channel that has one bit more, -1 for none
 * @param faults room for two float64: numbers that belong to a fault
 * @param output int64 `[channels][blockSize]`
 * @returns the bit behind the last channel, or what is wrong, negative
 */
export function readFlacChannels(
  bytes: usize,
  from: i32,
  until: i32,
  blockSize: i32,
  channels: i32,
  bitsPerSample: i32,
  wide: i32,
  faults: usize,
  output: usize,
): i32 {
  position = from;
  end = until;
  detail = faults;
  for (let channel = 0; channel < channels; channel++, output += 8 * blockSize) {
    const width = bitsPerSample + (channel == wide ? 1 : 0);
    const fault = readChannel(bytes, width, blockSize, output);
    if (fault < 0) return fault;
    if (position > end) return ENDS_EARLY;
  }
  return position;
}

function fail(fault: i32, first: f64, second: f64): i32 {
  store<f64>(detail, first);
  store<f64>(detail, second, 8);
  return position > end ? ENDS_EARLY : fault;
}

function readChannel(bytes: usize, bitsPerSample: i32, blockSize: i32, samples: usize): i32 {
  if (unsigned(bytes, 1) != 0) return fail(FIRST_BIT, 0, 0);
  const kind = <i32>unsigned(bytes, 6);
  const wasted = unsigned(bytes, 1) == 0 ? 0 : unary(bytes) + 1;
  if (wasted >= <i64>bitsPerSample) return fail(UNUSED_BITS, <f64>wasted, <f64>bitsPerSample);
  const width = bitsPerSample - <i32>wasted;
  const stop = samples + 8 * blockSize;
  if (kind == 0) {
    const value = signed(bytes, width);
    for (let at = samples; at < stop; at += 8) store<i64>(at, value);
  } else if (kind == 1) {
    if (position + width * blockSize > end) return ENDS_EARLY;
    for (let at = samples; at < stop; at += 8) store<i64>(at, signed(bytes, width));
  } else {
    const fault = readPredicted(bytes, kind, width, blockSize, samples);
    if (fault < 0) return fault;
  }
  if (wasted > 0) {
    for (let at = samples; at < stop; at += 8) store<i64>(at, load<i64>(at) << wasted);
  }
  return 0;
}

/** Taps on the samples before, the newest first. */
const taps: usize = memory.data(8 * 32, 16);

function readPredicted(bytes: usize, kind: i32, width: i32, blockSize: i32, samples: usize): i32 {
  const isFixed = kind >= 8 && kind <= 12;
  if (!isFixed && kind < 32) return fail(RESERVED_KIND, <f64>kind, 0);
  const order = isFixed ? kind - 8 : kind - 31;
  if (order > blockSize) return fail(SHORT_BLOCK, <f64>blockSize, <f64>order);
  for (let i = 0; i < order; i++) store<i64>(samples + 8 * i, signed(bytes, width));
  let shift: i64 = 0;
  if (isFixed) {
    // Binomial coefficients: 1; 2, -1; 3, -3, 1; 4, -6, 4, -1.
    let tap: i64 = 1;
    for (let i = 1; i <= order; i++) {
      tap = (-tap * (order - i + 1)) / i;
      store<i64>(taps + 8 * (i - 1), -tap);
    }
  } else {
    const precision = <i32>unsigned(bytes, 4) + 1;
    if (precision == 16) return fail(RESERVED_PRECISION, 0, 0);
    shift = signed(bytes, 5);
    if (shift < 0) return fail(NEGATIVE_SHIFT, <f64>shift, 0);
    for (let i = 0; i < order; i++) store<i64>(taps + 8 * i, signed(bytes, precision));
  }
  const fault = readResidual(bytes, samples, blockSize, order);
  if (fault < 0) return fault;
  if (position > end) return ENDS_EARLY;
  return predict(samples, blockSize, order, shift, width);
}

/** Prediction errors of all but the first `order` samples, in Rice partitions. */
function readResidual(bytes: usize, samples: usize, blockSize: i32, order: i32): i32 {
  const coding = <i32>unsigned(bytes, 2);
  if (coding > 1) return fail(RESERVED_CODING, <f64>coding, 0);
  const parameterBits = coding == 0 ? 4 : 5;
  const escape = coding == 0 ? 15 : 31;
  const partitions = 1 << (<i32>unsigned(bytes, 4));
  const partitionSamples = blockSize / partitions;
  if (partitionSamples * partitions != blockSize || partitionSamples < order) {
    return fail(PARTITIONS, <f64>blockSize, <f64>partitions);
  }
  let at = samples + 8 * order;
  for (let partition = 0; partition < partitions; partition++) {
    const stop = samples + 8 * partitionSamples * (partition + 1);
    const parameter = <i32>unsigned(bytes, parameterBits);
    if (parameter == escape) {
      const width = <i32>unsigned(bytes, 5);
      for (; at < stop; at += 8) {
        store<i64>(at, signed(bytes, width));
        if (position > end) return ENDS_EARLY;
      }
      continue;
    }
    // As many from one window as it is likely to hold.
    const together = 8 * (WINDOW_BITS / (parameter + 3));
    while (at < stop) {
      let window = bits(bytes);
      let taken = 0;
      for (const last = min(at + together, stop); at < last; at += 8) {
        const leading = <i32>clz(window);
        if (taken + leading + 1 + parameter > WINDOW_BITS) break;
        taken += leading + 1 + parameter;
        // The one that ends the quotient, and what follows it.
        window <<= leading;
        store<i64>(at, unfolded(((<u64>(leading - 1)) << parameter) + (window >>> (63 - parameter))));
        window <<= parameter + 1;
      }
      position += taken;
      if (taken == 0) {
        const quotient = <u64>unary(bytes);
        if (position > end) return ENDS_EARLY;
        store<i64>(at, unfolded((quotient << parameter) | (<u64>unsigned(bytes, parameter))));
        at += 8;
      }
      if (position > end) return ENDS_EARLY;
    }
  }
  return 0;
}

function unfolded(error: u64): i64 {
  return (<i64>(error >>> 1)) ^ -(<i64>(error & 1));
}

/** Adds to every prediction error, in place, what the samples before it predict. */
function predict(samples: usize, blockSize: i32, order: i32, shift: i64, width: i32): i32 {
  const limit: i64 = (<i64>1) << (width - 1);
  // Four at a time, those that are too many being 0: whatever they are multiplied with, though it lie before the samples.
  for (let i = order, all = max(4, (order + 3) & ~3); i < all; i++) store<i64>(taps + 8 * i, 0);
  const tap0 = load<i64>(taps);
  const tap1 = load<i64>(taps, 8);
  const tap2 = load<i64>(taps, 16);
  const tap3 = load<i64>(taps, 24);
  const all = taps + 8 * order;
  let at = samples + 8 * order;
  let newest = load<i64>(at - 8);
  let second = load<i64>(at - 16);
  let third = load<i64>(at - 24);
  let fourth = load<i64>(at - 32);
  for (const stop = samples + 8 * blockSize; at < stop; at += 8) {
    let sum: i64 = tap3 * fourth + tap2 * third + tap1 * second;
    for (let tap = taps + 32, before = at - 40; tap < all; tap += 32, before -= 32) {
      sum +=
        load<i64>(tap) * load<i64>(before) +
        load<i64>(tap, 8) * load<i64>(before - 8) +
        load<i64>(tap, 16) * load<i64>(before - 16) +
        load<i64>(tap, 24) * load<i64>(before - 24);
    }
    // The newest last: what the others make need not wait for it.
    const sample = load<i64>(at) + ((sum + tap0 * newest) >> shift);
    // Also keeps a damaged frame from growing beyond what fits.
    if (sample < -limit || sample >= limit) return fail(WIDE_SAMPLE, <f64>width, <f64>sample);
    store<i64>(at, sample);
    fourth = third;
    third = second;
    second = newest;
    newest = sample;
  }
  return 0;
}
