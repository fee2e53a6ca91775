const table = new Uint8Array(256);
for (let byte = 0; byte < table.length; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x80 ? 0x107 : 0);
  table[byte] = crc;
}

/** The checksum of a FLAC frame's header: polynomial 0x07, not reflected, begun at 0. See RFC 9639, section 9.1.8. */
export function flacCrc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = table[crc ^ bytes[i]];
  return crc;
}
