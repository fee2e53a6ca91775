import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ConfigurationError } from '../errors.js';
import { Worth, type PublishedMessage } from './published-message.js';

/** What is handed to an outbox: a message and what tells it from every other, should it be handed over or sent twice. */
export interface PostedMessage extends PublishedMessage {
  readonly id: string;
}

export interface WaitingMessage extends Pick<PublishedMessage, 'kind' | 'payload' | 'properties'> {
  /** Ascending in the order of {@link Outbox.append}; never used twice. */
  readonly sequence: number;
  /** The same however often it is sent. */
  readonly id: string;
}

export interface OutboxState {
  /** Messages that wait. */
  readonly waiting: number;
  readonly bytes: number;
  /** Messages that had to go unsent since the outbox was made. */
  readonly evicted: number;
}

/** For whom messages wait, as its errors call it. */
export interface OutboxReceiver {
  readonly name: string;
  /** What to do where another process has the outbox open. */
  readonly busy: string;
}

const BROKER: OutboxReceiver = {
  name: 'the broker',
  busy: 'another lubdub publishes from it; end that one, or give this bedside another name with --bedside',
};

/** Beside its text, what a message costs on disk. */
const MESSAGE_OVERHEAD_BYTES = 128;

const EVICTED_AT_ONCE = 64;

/**
 * Messages on disk, in order, until a broker has taken them. What was appended survives a power cut once
 * {@link append} has returned. Has a bound: the oldest windows go first, then what else is no result; results never go.
 *
 * SQLite, synchronous: meant for a thread of its own.
 */
export class Outbox {
  private readonly database: DatabaseSync;
  private readonly insert: StatementSync;
  private readonly select: StatementSync;
  private readonly remove: StatementSync;
  private bytes = 0;
  private waiting = 0;
  private evicted = 0;
  private newest = 0;
  /** Sequences that were settled and are still on disk. */
  private readonly settled = new Set<number>();

  private constructor(
    file: string,
    private readonly maxBytes: number,
  ) {
    const database = new DatabaseSync(file);
    this.database = database;
    try {
      // One process at a time, or two bedsides would send each other's messages twice.
      database.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ' +
          'PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576; PRAGMA auto_vacuum = INCREMENTAL',
      );
      database.exec(
        'CREATE TABLE IF NOT EXISTS outbox (evicted INTEGER NOT NULL);' +
          'CREATE TABLE IF NOT EXISTS messages (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, ' +
          'worth INTEGER NOT NULL, kind TEXT NOT NULL, properties TEXT NOT NULL, payload TEXT NOT NULL);' +
          'CREATE INDEX IF NOT EXISTS by_worth ON messages (worth, sequence)',
      );
      database.exec('INSERT INTO outbox SELECT 0 WHERE NOT EXISTS (SELECT * FROM outbox)');
      // Writing takes the lock, reading would not.
      database.exec('UPDATE outbox SET evicted = evicted');
      this.count();
      this.insert = database.prepare(
        'INSERT OR IGNORE INTO messages (id, worth, kind, properties, payload) VALUES (?, ?, ?, ?, ?)',
      );
      this.select = database.prepare(
        'SELECT sequence, id, kind, properties, payload FROM messages WHERE sequence > ? ORDER BY sequence LIMIT ?',
      );
      this.remove = database.prepare('DELETE FROM messages WHERE sequence = ? RETURNING payload, properties');
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Opens the outbox in a file, or makes it. One that is damaged is put aside under another name, not deleted.
   *
   * @param maxBytes what may wait, about
   * @param receiver default an MQTT broker
   * @returns with `asideAs` where a damaged one was put aside
   * @throws ConfigurationError where the file is another process's or cannot be written
   */
  static open(
    file: string,
    maxBytes: number,
    receiver: OutboxReceiver = BROKER,
  ): { readonly outbox: Outbox; readonly asideAs: string | null } {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      return { outbox: new Outbox(file, maxBytes), asideAs: null };
    } catch (error) {
      if (!isDamaged(error)) throw cannotOpen(file, error, receiver);
    }
    try {
      const asideAs = `${file}.damaged-${Date.now()}`;
      renameSync(file, asideAs);
      // What belonged to the damaged one would spoil the new one.
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
      return { outbox: new Outbox(file, maxBytes), asideAs };
    } catch (error) {
      throw cannotOpen(file, error, receiver);
    }
  }

  get state(): OutboxState {
    const waiting = Math.max(0, this.waiting - this.settled.size);
    return { waiting, bytes: this.bytes, evicted: this.evicted };
  }

  /**
   * Appends all or, where it throws, none. One whose id waits already is not appended again.
   *
   * @throws the database's error, where the disk is full or gone
   */
  append(messages: readonly PostedMessage[]): void {
    this.transact(() => {
      this.take(this.settled);
      for (const { id, worth, kind, properties, payload } of messages) {
        const stored = JSON.stringify(properties);
        const { changes, lastInsertRowid } = this.insert.run(id, worth, kind, stored, payload);
        if (Number(changes) === 0) continue;
        this.newest = Number(lastInsertRowid);
        this.waiting += 1;
        this.bytes += payload.length + stored.length + MESSAGE_OVERHEAD_BYTES;
      }
    });
    this.settled.clear();
    if (this.bytes > this.maxBytes) this.transact(() => this.evict());
  }

  /** No message has a greater one: behind it there is nothing to be asked for. */
  get newestSequence(): number {
    return this.newest;
  }

  /** Those that follow `after`, in order. */
  next(after: number, limit: number): WaitingMessage[] {
    return this.select
      .all(after, limit + this.settled.size)
      .filter(({ sequence }) => !this.settled.has(Number(sequence)))
      .slice(0, limit)
      .map(({ sequence, id, kind, properties, payload }) => ({
        sequence: Number(sequence),
        id: String(id),
        kind: String(kind),
        payload: String(payload),
        properties: JSON.parse(String(properties)) as Record<string, string>,
      }));
  }

  /**
   * The broker has taken it. It goes off the disk with what is appended or settled next, so that it costs no waiting for
   * the disk of its own; a power cut before that has it sent once more, under the same id.
   */
  settleWithNext(sequence: number): void {
    this.settled.add(sequence);
  }

  /** The broker has taken them; they and what {@link settleWithNext} was told are off the disk when this returns. */
  settle(sequences: readonly number[] = []): void {
    if (this.settled.size + sequences.length === 0) return;
    this.transact(() => this.take([...this.settled, ...sequences]));
    this.settled.clear();
    if (this.waiting === 0) this.database.exec('PRAGMA incremental_vacuum');
  }

  close(): void {
    this.database.close();
  }

  private evict(): void {
    const oldest = this.database.prepare(
      `SELECT sequence FROM messages WHERE worth = ? ORDER BY sequence LIMIT ${EVICTED_AT_ONCE}`,
    );
    const before = this.waiting;
    for (const worth of [Worth.frequent, Worth.seldom]) {
      while (this.bytes > this.maxBytes) {
        const sequences = oldest.all(worth).map(({ sequence }) => Number(sequence));
        if (sequences.length === 0) break;
        this.take(sequences);
      }
    }
    this.evicted += before - this.waiting;
    this.database.prepare('UPDATE outbox SET evicted = ?').run(this.evicted);
  }

  private take(sequences: Iterable<number>): void {
    for (const sequence of sequences) {
      const row = this.remove.get(sequence);
      // It went while the broker was taking it.
      if (row === undefined) continue;
      this.waiting -= 1;
      this.bytes -= String(row.payload).length + String(row.properties).length + MESSAGE_OVERHEAD_BYTES;
    }
  }

  private count(): void {
    const { waiting, bytes, evicted, newest } = this.database
      .prepare(
        `SELECT count(*) AS waiting, coalesce(sum(length(payload) + length(properties) + ${MESSAGE_OVERHEAD_BYTES}), 0) ` +
          'AS bytes, (SELECT evicted FROM outbox) AS evicted, coalesce(max(sequence), 0) AS newest FROM messages',
      )
      .get()!;
    this.waiting = Number(waiting);
    this.bytes = Number(bytes);
    this.evicted = Number(evicted);
    this.newest = Number(newest);
  }

  private transact(change: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      change();
      this.database.exec('COMMIT');
    } catch (error) {
      try {
        this.database.exec('ROLLBACK');
      } catch {
        // SQLite has rolled it back itself, as it does where the disk is full.
      }
      this.count();
      throw error;
    }
  }
}

/** SQLite's primary result code, see https://www.sqlite.org/rescode.html */
const resultCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const isDamaged = (error: unknown): boolean => [SQLITE_CORRUPT, SQLITE_NOTADB].includes(resultCode(error));

function cannotOpen(file: string, cause: unknown, receiver: OutboxReceiver): ConfigurationError {
  const what =
    resultCode(cause) === SQLITE_BUSY
      ? receiver.busy
      : `${(cause as Error).message}; check the folder and its disk, or name another with --outbox`;
  return new ConfigurationError(`messages for ${receiver.name} cannot wait in ${file}: ${what}`, { cause });
}
