/** Bytes of FLAC files: before their frames are read, and after. */

/** What is wrong, as a negative number; `../../decode/file/flac-channels.ts` has the words. */
const WIDE_DIFFERENCE = -11;

/** Turns bytes round, in place: the last one comes to stand first, and so that each stands before the one that it follows. */
export function reverseBytes(bytes: usize, count: i32): void {
  let low = bytes;
  let high = bytes + count;
  for (; low + 32 <= high; low += 16) {
    high -= 16;
    const first = v128.load(low);
    store<v128>(low, turned(v128.load(high)));
    store<v128>(high, turned(first));
  }
  for (; low + 2 <= high; low++) {
    high--;
    const first = load<u8>(low);
    store<u8>(low, load<u8>(high));
    store<u8>(high, first);
  }
}

function turned(sixteen: v128): v128 {
  return v128.shuffle<u8>(sixteen, sixteen, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

/** What a byte makes of the checksum with 0 to 7 zeros behind it, `[8][256]` of uint16; made by the first who asks. */
const crcTables: usize = memory.data(8 * 256 * 2, 16);
let hasCrcTables = false;

function crcOf(byte: i32, zeros: i32): u32 {
  return load<u16>(crcTables + 512 * zeros + 2 * byte);
}

function makeCrcTables(): void {
  for (let byte: i32 = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x18005 : 0);
    store<u16>(crcTables + 2 * byte, crc);
  }
  for (let zeros = 1; zeros < 8; zeros++) {
    for (let byte: i32 = 0; byte < 256; byte++) {
      const before = crcOf(byte, zeros - 1);
      store<u16>(crcTables + 512 * zeros + 2 * byte, (before << 8) ^ crcOf(before >>> 8, 0));
    }
  }
  hasCrcTables = true;
}

/**
 * The checksum of a frame: polynomial 0x8005, not reflected, begun at 0. Eight bytes at a time, each with a table of what
 * it does from there on: half the time of TypeScript with four. See RFC 9639, section 9.3.
 *
 * @param bytes as readFlacChannels takes them
 * @param from the first byte's number
 * @param to behind the last one
 */
export function flacCrc16(bytes: usize, from: i32, to: i32): u32 {
  if (!hasCrcTables) makeCrcTables();
  let crc: u32 = 0;
  for (; from + 8 <= to; from += 8) {
    const eight = load<u64>(bytes - 7 - from);
    const high = <u32>(eight >>> 32);
    const low = <u32>eight;
    const first = (high >>> 16) ^ crc;
    crc =
      crcOf(low & 255, 0) ^
      crcOf((low >>> 8) & 255, 1) ^
      crcOf((low >>> 16) & 255, 2) ^
      crcOf(low >>> 24, 3) ^
      crcOf(high & 255, 4) ^
      crcOf((high >>> 8) & 255, 5) ^
      // Last, what waits for the bytes before.
      crcOf(first & 255, 6) ^
      crcOf(first >>> 8, 7);
  }
  for (; from < to; from++) crc = ((crc << 8) & 0xff00) ^ crcOf((crc >>> 8) ^ load<u8>(bytes - from), 0);
  return crc;
}

/**
 * Undoes stereo where there is any, and writes all channels in turn as FLAC's MD5 sees them: little-endian, in as few bytes
 * as hold a sample.
 *
 * @param samples int64 `[channels][blockSize]` of readFlacChannels
 * @param arrangement how a frame's header says that two channels belong together: 8 left and side, 9 side and right, 10 mid
 *   and side
 * @param output `[blockSize][channels][bytesPerSample]`
 * @returns 0, or what is wrong, negative
 */
export function storeFlacSamples(
  samples: usize,
  blockSize: i32,
  channels: i32,
  arrangement: i32,
  bitsPerSample: i32,
  output: usize,
): i32 {
  if (arrangement >= 8 && !undoStereo(samples, blockSize, arrangement, bitsPerSample)) return WIDE_DIFFERENCE;
  const bytesPerSample = (bitsPerSample + 7) >>> 3;
  const step = channels * bytesPerSample;
  for (let channel = 0; channel < channels; channel++, output += bytesPerSample) {
    let to = output;
    const stop = samples + 8 * blockSize;
    if (bytesPerSample == 2) {
      for (; samples < stop; samples += 8, to += step) store<i16>(to, load<i16>(samples));
    } else {
      for (; samples < stop; samples += 8, to += step) {
        for (let byte = 0; byte < bytesPerSample; byte++) store<u8>(to + byte, load<u8>(samples + byte));
      }
    }
  }
  return 0;
}

/** @returns whether both channels have at most so many bits */
function undoStereo(samples: usize, blockSize: i32, arrangement: i32, bitsPerSample: i32): bool {
  const limit: i64 = (<i64>1) << (bitsPerSample - 1);
  const second = 8 * blockSize;
  for (let at = samples, stop = samples + second; at < stop; at += 8) {
    let left = load<i64>(at);
    let right = load<i64>(at + second);
    if (arrangement == 8) right = left - right;
    else if (arrangement == 9) left += right;
    else {
      const side = right;
      const sum = 2 * left + (side & 1);
      left = (sum + side) >> 1;
      right = (sum - side) >> 1;
    }
    if (left < -limit || left >= limit || right < -limit || right >= limit) return false;
    store<i64>(at, left);
    store<i64>(at + second, right);
  }
  return true;
}
