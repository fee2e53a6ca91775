import { ConfigurationError } from '../errors.js';
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
  /** Those that came out in `[from, to)` by the bedside's clock, the oldest first. */
  list(from: Date, to: Date): Promise<StoredResult[]>;
  close(): Promise<void>;
}

/** No page shows more, and no export needs more at once. */
export const MAX_LISTED = 20_000;

/**
 * Opens, and where it is new makes, what `--store` names: `postgres://...` for a PostgreSQL server, else the file of an
 * SQLite database.
 *
 * @throws ConfigurationError where it cannot be had
 */
export async function openWardStore(place: string): Promise<WardStore> {
  if (/^postgres(ql)?:\/\//.test(place)) {
    const { PostgresStore } = await import('./postgres-store.js');
    return PostgresStore.open(place);
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(place)) {
    throw new ConfigurationError(`--store must be a file or postgres://..., got ${JSON.stringify(place)}`);
  }
  const { SqliteStore } = await import('./sqlite-store.js');
  return SqliteStore.open(place);
}
