import pg from 'pg';
import { ConfigurationError } from '../errors.js';
import type { WardResult } from './ward-message.js';
import { MAX_LISTED, type StoredResult, type WardStore } from './ward-store.js';

interface Row extends Omit<StoredResult, 'receivedAt'> {
  readonly received_at: Date;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Results on a PostgreSQL server, for several wards on several machines. */
export class PostgresStore implements WardStore {
  private constructor(private readonly pool: pg.Pool) {}

  /** @throws ConfigurationError where the server cannot be reached or the table cannot be made */
  static async open(url: string): Promise<PostgresStore> {
    const pool = new pg.Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: CONNECT_TIMEOUT_MS,
      application_name: 'lubdub ward',
    });
    // A connection that waits in the pool and breaks; the next query gets another.
    pool.on('error', () => undefined);
    try {
      await makeTable(pool);
    } catch (cause) {
      await pool.end();
      throw new ConfigurationError(
        `results cannot be kept on the PostgreSQL server of --store: ${(cause as Error).message}; check the address, ` +
          'the password (PGPASSWORD, or ~/.pgpass) and that this user may create a table',
        { cause },
      );
    }
    return new PostgresStore(pool);
  }

  async put(
    { id, bedside, recording, subject, site, at, result }: WardResult,
    receivedAt: Date,
  ): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      'INSERT INTO lubdub_results (id, bedside, recording, subject, site, at, received_at, result) ' +
        'VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING',
      [id, bedside, recording, subject, site, at, receivedAt, JSON.stringify(result)],
    );
    return rowCount === 1;
  }

  async list(from: Date, to: Date): Promise<StoredResult[]> {
    const { rows } = await this.pool.query<Row>(
      'SELECT * FROM (SELECT id, bedside, recording, subject, site, at, received_at, result FROM lubdub_results ' +
        `WHERE at >= $1 AND at < $2 ORDER BY at DESC, id DESC LIMIT ${MAX_LISTED}) AS newest ORDER BY at, id`,
      [from, to],
    );
    return rows.map(({ received_at: receivedAt, ...row }) => ({ ...row, receivedAt }));
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** Any number, the same for all wards: two that begin at once must not both make the table. */
const LOCK = 4912_2016;

async function makeTable(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS lubdub_results (id text PRIMARY KEY, bedside text NOT NULL, recording text, ' +
        'subject text, site text, at timestamptz NOT NULL, received_at timestamptz NOT NULL, result jsonb NOT NULL)',
    );
    await client.query('CREATE INDEX IF NOT EXISTS lubdub_results_by_time ON lubdub_results (at)');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
