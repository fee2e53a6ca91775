/** One entry a byte value: the remainder of that byte followed by sixteen zero bits. */
const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let remainder = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 0x8000 ? (remainder << 1) ^ 0x1021 : remainder << 1;
  }
  table[byte] = remainder;
}

/**
 * CRC-16/XMODEM: polynomial 0x1021, initial value 0, neither reflected nor inverted.
 * Source: the CRC RevEng catalogue, where the check value of the ASCII text "123456789" is 0x31C3.
 *
 * @param bytes read, not kept.
 * @param start first byte that counts, @param end one after the last.
 * @returns the remainder, 0..0xFFFF.
 */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  for (let at = start; at < end; at += 1) {
    crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ bytes[at]];
  }
  return crc;
}
