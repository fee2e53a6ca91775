/** The cyclic redundancy checks of FLAC: neither is reflected, both begin at 0. See RFC 9639, sections 9.1.8 and 9.3. */

const crc8Table = new Uint8Array(256);
const crc16Table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc8 = byte;
  let crc16 = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    crc8 = (crc8 << 1) ^ (crc8 & 0x80 ? 0x107 : 0);
    crc16 = (crc16 << 1) ^ (crc16 & 0x8000 ? 0x18005 : 0);
  }
  crc8Table[byte] = crc8;
  crc16Table[byte] = crc16;
}

/** Of a frame's header, polynomial 0x07. */
export function flacCrc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = crc8Table[crc ^ bytes[i]];
  return crc;
}

/** Of a whole frame, polynomial 0x8005. */
export function flacCrc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xff00) ^ crc16Table[(crc >>> 8) ^ bytes[i]];
  return crc;
}
