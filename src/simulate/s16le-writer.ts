import type { PlainWireWriter } from './plain-wire-writer.js';

/** Raw little-endian 16-bit samples and nothing else. See `S16leWire`, which reads them. */
export class S16leWriter implements PlainWireWriter {
  readonly bitsPerSample = 16;

  write(integers: Int32Array): Uint8Array {
    const bytes = new Uint8Array(2 * integers.length);
    const view = new DataView(bytes.buffer);
    integers.forEach((integer, index) => view.setInt16(2 * index, integer, true));
    return bytes;
  }

  reset(): void {}
}
