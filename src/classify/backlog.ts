/**
 * Counts the windows that wait for the model or are being scored, so that a source which can wait (a file, a
 * simulated device) waits, and nothing need be dropped. A real device cannot, and does not ask.
 */
export class Backlog {
  private count = 0;
  private waiting: (() => void)[] = [];

  /** @param comfortable so many windows may be under way before a source that can wait should do so */
  constructor(readonly comfortable: number) {}

  get size(): number {
    return this.count;
  }

  set size(size: number) {
    this.count = size;
    if (size >= this.comfortable || this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resume of waiting) resume();
  }

  /** Resolves at once while there is room, else as soon as there is. */
  async room(): Promise<void> {
    while (this.count >= this.comfortable) await new Promise<void>((resume) => this.waiting.push(resume));
  }
}
