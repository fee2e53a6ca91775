/**
 * Consistent Overhead Byte Stuffing: rewrites any bytes so that none is zero, which leaves zero free to end a
 * packet. Source: S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on
 * Networking 7 (2), 1999.
 *
 * Each block is a code byte and the data bytes that follow it:
 *
 *     code n = 01..FE   n - 1 data bytes, then a zero that is not sent
 *     code FF           254 data bytes and no zero after them
 *
 * The zero after the last block belongs to the encoding, not to the data.
 */

/** Most bytes that `length` bytes of data can become, without the delimiter. */
export function cobsMaxEncodedLength(length: number): number {
  return length + Math.floor(length / 254) + 1;
}

/**
 * @param data any bytes, read only.
 * @param output receives the encoded bytes without a delimiter; at least `cobsMaxEncodedLength(data.length)` long,
 * and must not overlap `data`.
 * @returns how many bytes were written.
 */
export function cobsEncode(data: Uint8Array, output: Uint8Array): number {
  let codeAt = 0;
  let write = 1;
  for (let read = 0; read < data.length; read += 1) {
    const byte = data[read];
    if (byte !== 0) {
      output[write] = byte;
      write += 1;
    }
    const full = write - codeAt === 255;
    if (byte === 0 || full) {
      output[codeAt] = write - codeAt;
      // Data that ends with a full block needs no further one: the decoder adds nothing after FF.
      if (full && byte !== 0 && read === data.length - 1) return write;
      codeAt = write;
      write += 1;
    }
  }
  output[codeAt] = write - codeAt;
  return write;
}

/**
 * @param encoded one frame without its delimiter, read only.
 * @param output receives the data, at least as long as `encoded`; may be the same array (decoding never writes
 * ahead of what it has read).
 * @returns how many bytes were written, or -1 where `encoded` is no COBS frame: it is empty, holds a zero, or a
 * code points beyond its end.
 */
export function cobsDecode(encoded: Uint8Array, output: Uint8Array): number {
  const length = encoded.length;
  if (length === 0) return -1;
  let read = 0;
  let write = 0;
  while (read < length) {
    const code = encoded[read];
    const end = read + code;
    if (code === 0 || end > length) return -1;
    for (read += 1; read < end; read += 1) {
      const byte = encoded[read];
      if (byte === 0) return -1;
      output[write] = byte;
      write += 1;
    }
    if (code !== 0xff && read < length) {
      output[write] = 0;
      write += 1;
    }
  }
  return write;
}
