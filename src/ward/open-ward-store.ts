import { ConfigurationError } from '../errors.js';
import type { WardStore } from './ward-store.js';

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
