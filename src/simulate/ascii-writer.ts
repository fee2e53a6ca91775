import type { PlainWireWriter } from './plain-wire-writer.js';

/** One decimal number a line, as `Serial.println` sends it. See `AsciiWire`, which reads it. */
export class AsciiWriter implements PlainWireWriter {
  readonly bitsPerSample = 16;
  private isFirst = true;

  write(integers: Int32Array): Uint8Array {
    // The first line after an opening may be cut and is thrown away by readers: it has no sample in it.
    let text = this.isFirst ? '\r\n' : '';
    this.isFirst = false;
    for (const integer of integers) text += `${integer}\r\n`;
    return Buffer.from(text, 'latin1');
  }

  reset(): void {
    this.isFirst = true;
  }
}
