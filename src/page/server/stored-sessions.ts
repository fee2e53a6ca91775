import { constants } from 'node:fs';
import { open, readdir, readFile, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionError } from '../../errors.js';
import {
  isSessionFolderName,
  limitsOf,
  RESULT_FILE,
  SESSION_FILE,
  sessionDescriptionSchema,
  sessionResultSchema,
} from '../../record/session-layout.js';
import { openSession, type StoredSession } from '../../record/stored-session.js';
import { REPORT_FORMATS } from '../../report/report-formats.js';
import type { SiteRecording } from '../../verdict/examination.js';
import type { SessionPage, SessionRow } from '../session-pages.js';
import { SITES, type Site } from '../../verdict/site.js';
import { finalEventSchema, windowEventSchema, type WindowEvent } from '../../screen/result-events.js';

/** What a session's folder may hold for export: files, no hidden ones, nothing with a path in it. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** A page with more rows helps nobody at the bedside; the command line lists all. */
const ROWS = 200;
const WINDOWS = 20_000;

/**
 * The stored sessions as the page sees them. Only folders that have a session's name, directly below the session
 * folder and no links, can be named; only plain files in them can be read.
 */
export class StoredSessions {
  private readonly finished = new Map<string, SessionRow>();

  /** Folder name of the session that is being written now. */
  current: string | null = null;

  constructor(private readonly root: string) {}

  /**
   * @returns the newest sessions, the newest first
   * @throws SessionError where the session folder cannot be read
   */
  async list(): Promise<SessionRow[]> {
    let names: string[];
    try {
      const entries = await readdir(this.root, { withFileTypes: true });
      names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new SessionError('the session folder cannot be read', { cause });
    }
    const newest = names.filter(isSessionFolderName).sort().reverse().slice(0, ROWS);
    const rows: SessionRow[] = [];
    for (const name of newest) {
      const row = this.finished.get(name) ?? (await this.row(name));
      // What is finished does not change any more.
      if (row.state === 'finished') this.finished.set(name, row);
      rows.push(row);
    }
    for (const name of this.finished.keys()) if (!newest.includes(name)) this.finished.delete(name);
    return rows;
  }

  /** @returns `undefined` where there is no such session */
  async open(name: string): Promise<StoredSession | undefined> {
    const directory = await this.directoryOf(name);
    return directory === undefined ? undefined : openSession(directory);
  }

  /** Everything about one session but its samples. */
  async page(name: string): Promise<SessionPage | undefined> {
    const session = await this.open(name);
    if (session === undefined) return undefined;
    const windows: WindowEvent[] = [];
    for await (const event of session.events()) {
      const window = windowEventSchema.safeParse(event);
      if (window.success && windows.length < WINDOWS) windows.push(window.data);
    }
    const { sampleRateHz } = session.description.storage;
    return {
      ...(await this.row(name)),
      durationSeconds: session.durationSeconds,
      sampleRateHz,
      band: { lowHz: session.hearing.band.lowHz, highHz: session.hearing.band.highHz },
      device: session.description.device,
      model: session.description.model,
      windows,
      gaps: session.gaps.map(({ atSample, lostSamples, cause }) => ({
        fromSeconds: atSample / sampleRateHz,
        toSeconds: (atSample + lostSamples) / sampleRateHz,
        lostSamples,
        cause,
      })),
      missing: session.missing,
      files: await this.files(name),
      reports: Object.values(REPORT_FORMATS).map(({ file, note }) => ({ name: file, note })),
    };
  }

  /**
   * Opens one file of a session for export. Whoever has it closes it.
   *
   * @returns `undefined` where there is no such plain file
   */
  async openFile(name: string, file: string): Promise<{ handle: FileHandle; bytes: number } | undefined> {
    const directory = await this.directoryOf(name);
    if (directory === undefined || !FILE_NAME.test(file)) return undefined;
    let handle: FileHandle | undefined;
    try {
      handle = await open(
        join(directory, file),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      const status = await handle.stat();
      if (status.isFile()) return { handle, bytes: status.size };
    } catch {
      // Missing, a link, or not readable: for a page it is not there.
    }
    await handle?.close();
    return undefined;
  }

  private async files(name: string): Promise<{ name: string; bytes: number }[]> {
    const directory = await this.directoryOf(name);
    if (directory === undefined) return [];
    const files: { name: string; bytes: number }[] = [];
    for (const file of (await readdir(directory)).sort()) {
      const opened = await this.openFile(name, file);
      if (opened === undefined) continue;
      await opened.handle.close();
      files.push({ name: file, bytes: opened.bytes });
    }
    return files;
  }

  private async directoryOf(name: string): Promise<string | undefined> {
    if (!isSessionFolderName(name)) return undefined;
    try {
      const expected = join(await realpath(this.root), name);
      return (await realpath(expected)) === expected ? expected : undefined;
    } catch {
      return undefined;
    }
  }

  private async row(name: string): Promise<SessionRow> {
    const unreadable: SessionRow = {
      name,
      state: 'unreadable',
      startedAt: startOf(name),
      subject: null,
      site: null,
      final: null,
      limits: null,
    };
    const description = sessionDescriptionSchema.safeParse(await this.json(name, SESSION_FILE));
    if (!description.success) return unreadable;
    const { startedAt, subject, configuration } = description.data;
    const limits = limitsOf(description.data);
    const known = { ...unreadable, startedAt, subject, site: toSite(configuration.site), limits };
    const result = sessionResultSchema.safeParse(await this.json(name, RESULT_FILE));
    if (!result.success) return { ...known, state: name === this.current ? 'recording' : 'torn' };
    const { state } = result.data;
    const final = finalEventSchema.safeParse(result.data.final);
    return { ...known, state, final: final.success ? final.data : null };
  }

  private async json(name: string, file: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(join(this.root, name, file), 'utf8'));
    } catch {
      return undefined;
    }
  }
}

/** @param rows of {@link StoredSessions.list} */
export function recordingsOf(rows: readonly SessionRow[]): SiteRecording[] {
  return rows.flatMap(({ name, state, subject, site, final, limits, startedAt }) => {
    if (subject === null || startedAt === null || limits === null || state === 'recording') return [];
    return [
      { subject, site, result: final, rules: limits, startedAtMs: Date.parse(startedAt), session: name },
    ];
  });
}

function toSite(value: unknown): Site | null {
  return SITES.find((site) => site === value) ?? null;
}

/** From a folder's name, `20260131T101530Z…`. */
function startOf(name: string): string | null {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(name)!;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}
