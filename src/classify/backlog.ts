/**
 * Counts the windows that wait for the model or are being scored, so that a source which can wait (a file, a
 * simulated device) waits, and nothing need be dropped. A real device cannot, and does not ask.
 */
export class Backlog {
  private count = 0;
  private readonly listeners = new Set<() => void>();

  /** @param comfortable so many windows may be under way before a source that can wait should do so */
  constructor(readonly comfortable: number) {}

  get size(): number {
    return this.count;
  }

  set size(size: number) {
    const wasFull = this.room === 0;
    this.count = size;
    if (wasFull && this.room > 0) for (const listener of [...this.listeners]) listener();
  }

  /** How many windows more may come before a source that can wait should wait. */
  get room(): number {
    return Math.max(0, this.comfortable - this.count);
  }

  /**
   * @param listener told whenever there is room after there was none
   * @returns how to stop listening
   */
  onRoomAgain(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves at once while there is room, else as soon as there is. */
  async untilRoom(): Promise<void> {
    while (this.room === 0) {
      await new Promise<void>((resume) => {
        const stop = this.onRoomAgain(() => {
          stop();
          resume();
        });
      });
    }
  }
}
