import type { ShownResult } from './ward-page-messages.js';
import { MAX_LISTED } from './ward-store.js';

/** The page of a ward shows what came out within so long; the export has the rest. */
export const SHOWN_MS = 24 * 3600_000;

/**
 * The results of the last day, each once, whatever was sent again. A page stays open for weeks: what is older is forgotten, and
 * of more than {@link MAX_LISTED} the oldest.
 */
export class RecentResults {
  private readonly byId = new Map<string, ShownResult>();

  /** @param now milliseconds since 1970, of the same clock as the results' */
  constructor(private readonly now: () => number = Date.now) {}

  add(...results: readonly ShownResult[]): void {
    for (const result of results) this.byId.set(result.id, result);
  }

  /** All that are kept, the newest first. */
  newest(): ShownResult[] {
    const since = new Date(this.now() - SHOWN_MS).toISOString();
    const sorted = [...this.byId.values()]
      .filter(({ at }) => at >= since)
      .sort((a, b) => b.at.localeCompare(a.at))
      .slice(0, MAX_LISTED);
    if (sorted.length < this.byId.size) {
      this.byId.clear();
      this.add(...sorted);
    }
    return sorted;
  }
}
