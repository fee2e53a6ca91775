/** Bits of a FLAC frame in the order in which they stand: the highest bit of a byte first. */
export class FlacBits {
  private position = 0;
  private end = 0;
  private bytes: Uint8Array = new Uint8Array(0);

  /** Begins at byte `offset`; nothing from byte `endOffset` on is read. The array is borrowed until the next call. */
  reset(bytes: Uint8Array, offset: number, endOffset: number): void {
    this.bytes = bytes;
    this.position = offset * 8;
    this.end = endOffset * 8;
  }

  /** The byte that the next bit stands in. */
  get byteOffset(): number {
    return this.position >>> 3;
  }

  /** Where the next bit stands, counted from the array's beginning. */
  get bitOffset(): number {
    return this.position;
  }

  set bitOffset(position: number) {
    this.position = position;
  }

  /** @param count 0..32 */
  unsigned(count: number): number {
    if (count === 0) return 0;
    const value = this.word() >>> (32 - count);
    this.skip(count);
    return value;
  }

  /** Two's complement. @param count 0..33; 33 is the difference of two 32-bit channels */
  signed(count: number): number {
    if (count === 0) return 0;
    if (count > 32) return -this.unsigned(1) * 2 ** 32 + this.unsigned(32);
    const value = this.word() >> (32 - count);
    this.skip(count);
    return value;
  }

  /** Goes on to the next byte. @returns whether the bits skipped were zero, as they must be */
  align(): boolean {
    const padding = -this.position & 7;
    return this.unsigned(padding) === 0;
  }

  /** The next 32 bits, zeros past the array's end. */
  private word(): number {
    const at = this.position >>> 3;
    const shift = this.position & 7;
    const { bytes } = this;
    const four = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    return shift === 0 ? four : (four << shift) | (bytes[at + 4] >>> (8 - shift));
  }

  private skip(count: number): void {
    this.position += count;
    if (this.position > this.end) throw new FlacDamage('it ends in the middle of a frame');
  }
}

/** What is wrong with a FLAC frame; whoever knows the file's name makes a `RecordingError` of it. */
export class FlacDamage extends Error {}
