/** The other end of a plain wire: writes the samples of a home-made board. */
export interface PlainWireWriter {
  readonly bitsPerSample: 16 | 24;
  /**
   * @param integers samples of {@link bitsPerSample}
   * @returns their bytes; the receiver owns the array
   */
  write(integers: Int32Array): Uint8Array;
  /** The port was opened once more. */
  reset(): void;
}
