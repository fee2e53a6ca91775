import type { WardResult } from './ward-message.js';

/** A result as it is kept. */
export interface StoredResult extends WardResult {
  /** When it arrived here. */
  readonly receivedAt: Date;
}

/** Where the results of many bedsides are kept; several wards may share one. */
export interface WardStore {
  /** @returns whether it is new; the same result a second time changes nothing */
  put(result: WardResult, receivedAt: Date): Promise<boolean>;
  /** Those that came out in `[from, to)` by the bedside's clock, the oldest first; of more than {@link MAX_LISTED} the newest. */
  list(from: Date, to: Date): Promise<StoredResult[]>;
  close(): Promise<void>;
}

/** No page shows more, and no export needs more at once. */
export const MAX_LISTED = 20_000;
