import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** At the pace of a stethoscope a collection of the whole heap every two minutes, some 15 ms: a ten-thousandth of a core. */
const EVERY_SECONDS = 120;

/**
 * Clears the whole heap up again and again, for programs that run for days on a small machine. The engine would do it
 * only after eight megabytes of what has grown old, whatever `--heap-growing-percent` says, and the buffers beside them.
 */
export class ClearUp {
  private heardSeconds = 0;

  /** @param collect `null` where the engine lets nobody ask for it: nothing is cleared up then */
  constructor(private readonly collect: (() => void) | null = collector()) {}

  /** To be told of signal; clears up once all is done that it brings about. */
  hear(seconds: number): void {
    this.heardSeconds += seconds;
    if (this.collect === null || this.heardSeconds < EVERY_SECONDS) return;
    this.heardSeconds = 0;
    setImmediate(this.collect);
  }
}

/** @returns what collects all garbage, `null` where the engine lets nobody ask for it */
export function collector(): (() => void) | null {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('globalThis.gc') as (() => unknown) | undefined;
  setFlagsFromString('--no-expose-gc');
  return collect === undefined ? null : () => void collect();
}
