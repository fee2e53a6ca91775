export interface TileAnswer<Data> {
  /** One behind the other. */
  readonly tiles: Data;
  /** So far the recording had come when they were made. */
  readonly untilSeconds: number;
}

/** @returns tiles of a level from number `first` on */
export type AskForTiles<Data> = (
  level: number,
  first: number,
  count: number,
  signal: AbortSignal,
) => Promise<TileAnswer<Data>>;

export interface TileStoreOptions<Data> {
  readonly ask: AskForTiles<Data>;
  readonly tileSeconds: (level: number) => number;
  /** Values in a tile. */
  readonly length: number;
  readonly mostAtOnce: number;
  /** Something has come, or failed. */
  readonly onNews: () => void;
}

/** More than is shown at once, at two levels, and what was shown before; the rest can be asked for again. */
const MOST_TILES = 64;
/** After a failure nothing is asked for so long. */
const PAUSE_MS = 1000;

/**
 * Tiles that the server was asked for. One request is on its way at a time, for what is shown now; its memory is
 * bounded. A tile that was not full when it came is asked for again when it is looked at later.
 */
export class TileStore<Data extends Float32Array | Uint8Array> {
  private readonly tiles = new Map<string, { readonly data: Data; readonly untilSeconds: number }>();
  private readonly ended = new AbortController();
  private isAsking = false;
  private pausedUntilMs = 0;
  private problem: Error | null = null;

  constructor(private readonly options: TileStoreOptions<Data>) {}

  /** Why the last request failed, `null` where it did not. */
  get error(): Error | null {
    return this.problem;
  }

  get(level: number, number: number): Data | undefined {
    return this.tiles.get(`${level}/${number}`)?.data;
  }

  /**
   * Asks for what is missing of a span, if anything is and no request is on its way.
   *
   * @param endSeconds so far the recording has come
   * @returns whether all of it is there
   */
  want(level: number, fromSeconds: number, toSeconds: number, endSeconds: number): boolean {
    const seconds = this.options.tileSeconds(level);
    const first = Math.max(0, Math.floor(fromSeconds / seconds));
    const last = Math.floor(Math.min(toSeconds, endSeconds) / seconds);
    const missing: number[] = [];
    for (let number = first; number <= last; number++) {
      const key = `${level}/${number}`;
      const known = this.tiles.get(key);
      const shownUntil = Math.min(toSeconds, endSeconds, (number + 1) * seconds);
      if (known === undefined || known.untilSeconds < shownUntil - 1e-6) missing.push(number);
      else {
        // What is shown is the last to be forgotten.
        this.tiles.delete(key);
        this.tiles.set(key, known);
      }
    }
    if (missing.length === 0) return true;
    if (!this.isAsking && performance.now() >= this.pausedUntilMs) {
      const count = Math.min(this.options.mostAtOnce, missing[missing.length - 1] - missing[0] + 1);
      void this.ask(level, missing[0], count);
    }
    return false;
  }

  destroy(): void {
    this.ended.abort();
    this.tiles.clear();
  }

  private async ask(level: number, first: number, count: number): Promise<void> {
    const { ask, length, onNews } = this.options;
    this.isAsking = true;
    try {
      const { tiles, untilSeconds } = await ask(level, first, count, this.ended.signal);
      if (this.ended.signal.aborted) return;
      this.problem = null;
      for (let i = 0; i < count; i++) {
        const key = `${level}/${first + i}`;
        this.tiles.delete(key);
        this.tiles.set(key, {
          data: tiles.slice(i * length, (i + 1) * length) as Data,
          untilSeconds,
        });
      }
      for (const key of this.tiles.keys()) {
        if (this.tiles.size <= MOST_TILES) break;
        this.tiles.delete(key);
      }
    } catch (error) {
      if (this.ended.signal.aborted) return;
      this.problem = error as Error;
      this.pausedUntilMs = performance.now() + PAUSE_MS;
      setTimeout(onNews, PAUSE_MS + 10);
    } finally {
      this.isAsking = false;
    }
    onNews();
  }
}
