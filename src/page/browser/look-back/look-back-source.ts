import type { LookBackNews, LookBackReach } from '../../look-back-messages.js';
import type { AskForTiles } from './tile-store.js';

export type Told = Pick<LookBackNews, 'marks' | 'windows' | 'windowStep' | 'gaps' | 'noContact'>;

/** A recording that can be looked back at: the one under way, or a stored one. */
export interface LookBackSource {
  readonly reach: LookBackReach;
  readonly told: Told;
  readonly trace: AskForTiles<Float32Array>;
  readonly bands: AskForTiles<Uint8Array>;
  /** This part is looked at now. */
  look(fromSeconds: number, toSeconds: number): void;
  destroy(): void;
}

export const NOTHING_TOLD: Told = { marks: [], windows: [], windowStep: 1, gaps: [], noContact: [] };

/** The server does not know that recording (any more). */
export class RecordingGone extends Error {}

/** @throws RecordingGone. Error with the server's own words for all else that it refuses */
export async function askFor(path: string, query: object, signal: AbortSignal): Promise<Response> {
  const words = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const response = await fetch(`${path}?${words.toString()}`, { signal });
  if (response.status === 404) throw new RecordingGone('this recording is not kept any more');
  if (!response.ok) throw new Error((await response.text()).trim());
  return response;
}

/** @param path of what is looked at; `trace` and `bands` stand below it */
export function tilesBelow(path: string): Pick<LookBackSource, 'trace' | 'bands'> {
  const ask = async (what: string, level: number, first: number, count: number, signal: AbortSignal) => {
    const response = await askFor(`${path}/${what}`, { level, first, count }, signal);
    const untilSeconds = Number(response.headers.get('X-Until') ?? 0);
    return { buffer: await response.arrayBuffer(), untilSeconds };
  };
  return {
    trace: async (...wanted) => {
      const { buffer, untilSeconds } = await ask('trace', ...wanted);
      return { tiles: new Float32Array(buffer), untilSeconds };
    },
    bands: async (...wanted) => {
      const { buffer, untilSeconds } = await ask('bands', ...wanted);
      return { tiles: new Uint8Array(buffer), untilSeconds };
    },
  };
}

/** The news come so often while somebody looks back, and so soon after the part that is shown has changed. */
const NEWS_MS = 1000;
const CHANGE_MS = 150;

export interface LiveSourceOptions {
  readonly recording: number;
  /** What the page knows already. */
  readonly reach: LookBackReach;
  readonly onNews: () => void;
  readonly onGone: () => void;
  /** Nobody looks: nothing is asked for. */
  readonly isHidden: () => boolean;
}

/** The recording under way, as the server remembers it and as far as it is stored. */
export class LiveSource implements LookBackSource {
  reach: LookBackReach;
  told: Told = NOTHING_TOLD;
  readonly trace: AskForTiles<Float32Array>;
  readonly bands: AskForTiles<Uint8Array>;
  private readonly ended = new AbortController();
  private readonly path: string;
  private span = { from: 0, to: 0 };
  private timer: number | undefined;
  private isAsking = false;

  constructor(private readonly options: LiveSourceOptions) {
    this.reach = options.reach;
    this.path = `/api/live/${options.recording}`;
    const tiles = tilesBelow(this.path);
    const watched =
      <Answer>(ask: (...wanted: Parameters<AskForTiles<never>>) => Promise<Answer>) =>
      async (...wanted: Parameters<AskForTiles<never>>): Promise<Answer> => {
        try {
          return await ask(...wanted);
        } catch (error) {
          this.complain(error);
          throw error;
        }
      };
    this.trace = watched(tiles.trace);
    this.bands = watched(tiles.bands);
    this.ask(0);
  }

  look(from: number, to: number): void {
    if (from === this.span.from && to === this.span.to) return;
    this.span = { from, to };
    if (!this.isAsking) this.ask(CHANGE_MS);
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.ended.abort();
  }

  private ask(inMs: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.askNow(), inMs);
  }

  private async askNow(): Promise<void> {
    const asked = this.span;
    if (!this.options.isHidden()) {
      this.isAsking = true;
      try {
        const response = await askFor(this.path, asked, this.ended.signal);
        const news = (await response.json()) as LookBackNews;
        if (this.ended.signal.aborted) return;
        this.reach = news;
        this.told = news;
        this.options.onNews();
      } catch (error) {
        this.complain(error);
      } finally {
        this.isAsking = false;
      }
    }
    if (!this.ended.signal.aborted) this.ask(asked === this.span ? NEWS_MS : CHANGE_MS);
  }

  /** What else fails is tried again; the page says by itself when it has lost its server. */
  private complain(error: unknown): void {
    if (error instanceof RecordingGone && !this.ended.signal.aborted) this.options.onGone();
  }
}
