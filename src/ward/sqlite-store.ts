import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ConfigurationError } from '../errors.js';
import type { WardResult } from './ward-message.js';
import { MAX_LISTED, type StoredResult, type WardStore } from './ward-store.js';

/** Another ward on this machine may be writing. */
const BUSY_TIMEOUT_MS = 5000;

/** Results in a file of this machine. */
export class SqliteStore implements WardStore {
  private readonly insert: StatementSync;
  private readonly select: StatementSync;

  private constructor(private readonly database: DatabaseSync) {
    database.exec(
      `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;` +
        'CREATE TABLE IF NOT EXISTS results (id TEXT PRIMARY KEY, bedside TEXT NOT NULL, recording TEXT, subject TEXT, ' +
        'site TEXT, at INTEGER NOT NULL, received_at INTEGER NOT NULL, result TEXT NOT NULL);' +
        'CREATE INDEX IF NOT EXISTS results_by_time ON results (at)',
    );
    this.insert = database.prepare('INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.select = database.prepare(
      `SELECT * FROM (SELECT * FROM results WHERE at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ${MAX_LISTED}) ORDER BY at, id`,
    );
  }

  /** @throws ConfigurationError where the file is no database or cannot be written */
  static open(file: string): SqliteStore {
    const path = resolve(file);
    try {
      mkdirSync(dirname(path), { recursive: true });
      return new SqliteStore(new DatabaseSync(path));
    } catch (cause) {
      throw new ConfigurationError(
        `results cannot be kept in ${path}: ${(cause as Error).message}; name another file with --store`,
        { cause },
      );
    }
  }

  put({ id, bedside, recording, subject, site, at, result }: WardResult, receivedAt: Date): Promise<boolean> {
    const { changes } = this.insert.run(
      id,
      bedside,
      recording,
      subject,
      site,
      at.getTime(),
      receivedAt.getTime(),
      JSON.stringify(result),
    );
    return Promise.resolve(Number(changes) === 1);
  }

  list(from: Date, to: Date): Promise<StoredResult[]> {
    const rows = this.select.all(from.getTime(), to.getTime());
    return Promise.resolve(
      rows.map((row) => ({
        id: String(row.id),
        bedside: String(row.bedside),
        recording: row.recording as string | null,
        subject: row.subject as string | null,
        site: row.site as string | null,
        at: new Date(Number(row.at)),
        receivedAt: new Date(Number(row.received_at)),
        result: JSON.parse(String(row.result)) as StoredResult['result'],
      })),
    );
  }

  close(): Promise<void> {
    this.database.close();
    return Promise.resolve();
  }
}
