/** Bytes of the file that the scan wants to see. What lies past the file's end is left out of the answer. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * A reading of the file that does not do the reading: it yields a range, is resumed with its bytes, and returns what
 * they mean. The same scan so serves a file (asynchronous) and bytes in memory (synchronous).
 */
export type Scan<T> = Generator<ByteRange, T, Uint8Array>;

/** Runs a scan over bytes in memory. */
export function scanBytes<T>(scan: Scan<T>, bytes: Uint8Array): T {
  let step = scan.next();
  while (!step.done) {
    const { offset, length } = step.value;
    step = scan.next(bytes.subarray(offset, offset + length));
  }
  return step.value;
}
