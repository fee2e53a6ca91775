/** The cyclic redundancy checks of FLAC: neither is reflected, both begin at 0. See RFC 9639, sections 9.1.8 and 9.3. */

const crc8Table = new Uint8Array(256);
/** Of a byte, with none, one, two or three zeros behind it. */
const crc16Tables = [0, 1, 2, 3].map(() => new Uint16Array(256));
for (let byte = 0; byte < 256; byte++) {
  let crc8 = byte;
  let crc16 = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    crc8 = (crc8 << 1) ^ (crc8 & 0x80 ? 0x107 : 0);
    crc16 = (crc16 << 1) ^ (crc16 & 0x8000 ? 0x18005 : 0);
  }
  crc8Table[byte] = crc8;
  crc16Tables[0][byte] = crc16;
}

for (let zeros = 1; zeros < crc16Tables.length; zeros++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = crc16Tables[zeros - 1][byte];
    crc16Tables[zeros][byte] = ((before << 8) & 0xff00) ^ crc16Tables[0][before >>> 8];
  }
}

/** Of a frame's header, polynomial 0x07. */
export function flacCrc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = crc8Table[crc ^ bytes[i]];
  return crc;
}

/** Of a whole frame, polynomial 0x8005. Four bytes at a time: each has a table of what it does behind three, two or one more. */
export function flacCrc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    crc =
      crc16Tables[3][(crc >>> 8) ^ bytes[i]] ^
      crc16Tables[2][(crc & 0xff) ^ bytes[i + 1]] ^
      crc16Tables[1][bytes[i + 2]] ^
      crc16Tables[0][bytes[i + 3]];
  }
  for (; i < to; i++) crc = ((crc << 8) & 0xff00) ^ crc16Tables[0][(crc >>> 8) ^ bytes[i]];
  return crc;
}
