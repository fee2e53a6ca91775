import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionError } from '../../errors.js';
import { deleteSession } from '../../record/delete-session.js';
import { inTurn, PlainFile, plainFileSize, readPlainFile } from '../../record/plain-file.js';
import { refuseIfAlive } from '../../record/recover-session.js';
import {
  corrected,
  correctSession,
  readCorrections,
  type Correction,
} from '../../record/session-corrections.js';
import { limitsOf, sessionDescriptionSchema, sessionResultSchema } from '../../record/session-layout.js';
import { isSessionFolderName, RESULT_FILE, SESSION_FILE } from '../../record/session-names.js';
import { openSession, type StoredSession } from '../../record/stored-session.js';
import { REPORT_FORMATS } from '../../report/report-formats.js';
import type { SiteRecording } from '../../verdict/examination.js';
import { NoContactTimes } from '../no-contact-times.js';
import type { SessionPage, SessionRow } from '../session-pages.js';
import { SITES, type Site } from '../../verdict/site.js';
import { finalEventSchema, windowEventSchema, type WindowEvent } from '../../screen/result-events.js';

/** What a session's folder may hold for export: files, no hidden ones, nothing with a path in it. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** A page with more rows helps nobody at the bedside; the command line lists all. */
const ROWS = 200;
const WINDOWS = 20_000;
const GAPS = 20_000;
/** No session has so many; a folder that has is no reason to look at each. */
const FILES = 1000;
const MOST_JSON_BYTES = 16 * 1024 * 1024;

/**
 * The stored sessions as the page sees them. Only folders that have a session's name, directly below the session
 * folder and no links, can be named; only plain files in them can be read.
 */
export class StoredSessions {
  private readonly finished = new Map<string, SessionRow>();
  private listing: Promise<SessionRow[]> | undefined;

  /** Counts corrections and deletions: what was read before one is old. */
  private changes = 0;

  /** Folder name of the session that is being written now. */
  current: string | null = null;

  constructor(private readonly root: string) {}

  /**
   * @returns the newest sessions, the newest first
   * @throws SessionError where the session folder cannot be read
   */
  list(): Promise<SessionRow[]> {
    // However many pages ask at once, the disk is looked at once.
    if (this.listing !== undefined) return this.listing;
    const listing = this.look().finally(() => {
      if (this.listing === listing) this.listing = undefined;
    });
    this.listing = listing;
    return listing;
  }

  private async look(): Promise<SessionRow[]> {
    let names: string[];
    try {
      const entries = await inTurn(() => readdir(this.root, { withFileTypes: true }));
      names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new SessionError('the session folder cannot be read', { cause });
    }
    const newest = names.filter(isSessionFolderName).sort().reverse().slice(0, ROWS);
    const rows: SessionRow[] = [];
    for (const name of newest) {
      const { changes } = this;
      const row = this.finished.get(name) ?? (await this.row(name));
      // What is finished changes only by a correction.
      if (row.state === 'finished' && changes === this.changes) this.finished.set(name, row);
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

  /**
   * @returns what it is after the correction
   * @throws SessionError where there is no such session, it is being recorded, or the disk fails. ConfigurationError for
   * what is no correction
   */
  async correct(name: string, correction: Correction): Promise<SessionRow> {
    const session = await this.open(name);
    if (session === undefined) throw noSession();
    if (name === this.current) throw new SessionError('this session is being recorded; stop it first');
    if (session.result === null) await refuseIfAlive(session, { orSelf: true });
    await correctSession(session.directory, correction);
    this.forget(name);
    return this.row(name);
  }

  /** @throws SessionError where there is no such session, it is being recorded, or the disk fails */
  async delete(name: string): Promise<void> {
    if ((await this.directoryOf(name)) === undefined) throw noSession();
    if (name === this.current) throw new SessionError('this session is being recorded; stop it first');
    await deleteSession(this.root, name);
    this.forget(name);
  }

  private forget(name: string): void {
    this.changes++;
    this.finished.delete(name);
    // A listing that began before does not know of it.
    this.listing = undefined;
  }

  /** Everything about one session but its samples. */
  async page(name: string): Promise<SessionPage | undefined> {
    const session = await this.open(name);
    if (session === undefined) return undefined;
    const windows: WindowEvent[] = [];
    const contact = new NoContactTimes();
    for await (const event of session.events()) {
      takeContact(contact, event, session.format.sampleRateHz);
      const window = windowEventSchema().safeParse(event);
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
      corrections: session.corrections,
      windows,
      gaps: session.gaps.slice(0, GAPS).map(({ atSample, lostSamples, cause }) => ({
        fromSeconds: atSample / sampleRateHz,
        toSeconds: (atSample + lostSamples) / sampleRateHz,
        lostSamples,
        cause,
      })),
      noContact: contact.view(session.durationSeconds),
      missing:
        session.gaps.length > GAPS
          ? [...session.missing, `only the first ${GAPS} of ${session.gaps.length} gaps are shown here`]
          : session.missing,
      files: await this.files(name),
      reports: Object.values(REPORT_FORMATS).map(({ file, note }) => ({ name: file, note })),
    };
  }

  /**
   * Opens one file of a session for export. Whoever has it closes it.
   *
   * @returns `undefined` where there is no such plain file
   */
  async openFile(name: string, file: string): Promise<PlainFile | undefined> {
    const directory = await this.directoryOf(name);
    if (directory === undefined || !FILE_NAME.test(file)) return undefined;
    // Missing, a link, or not readable: for a page it is not there.
    return PlainFile.open(join(directory, file)).catch(() => undefined);
  }

  private async files(name: string): Promise<{ name: string; bytes: number }[]> {
    const directory = await this.directoryOf(name);
    if (directory === undefined) return [];
    const files: { name: string; bytes: number }[] = [];
    for (const file of (await inTurn(() => readdir(directory))).sort().slice(0, FILES)) {
      if (!FILE_NAME.test(file)) continue;
      const bytes = await plainFileSize(join(directory, file)).catch(() => undefined);
      if (bytes !== undefined) files.push({ name: file, bytes });
    }
    return files;
  }

  private async directoryOf(name: string): Promise<string | undefined> {
    if (!isSessionFolderName(name)) return undefined;
    try {
      const expected = join(await inTurn(() => realpath(this.root)), name);
      return (await inTurn(() => realpath(expected))) === expected ? expected : undefined;
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
      note: null,
      recorded: { site: null, subject: null },
      simulated: false,
      final: null,
      limits: null,
    };
    const description = sessionDescriptionSchema().safeParse(await this.json(name, SESSION_FILE));
    if (!description.success) return unreadable;
    const { startedAt, subject, configuration } = description.data;
    const limits = limitsOf(description.data);
    const recorded = { site: toSite(configuration.site), subject };
    const { corrections } = await readCorrections(join(this.root, name)).catch(() => ({ corrections: [] }));
    const named = corrected(recorded, corrections);
    const known = {
      ...unreadable,
      startedAt,
      subject: named.subject,
      site: toSite(named.site),
      note: named.note,
      recorded,
      simulated: isSimulated(description.data),
      limits,
    };
    const result = sessionResultSchema().safeParse(await this.json(name, RESULT_FILE));
    if (!result.success) return { ...known, state: name === this.current ? 'recording' : 'torn' };
    const { state } = result.data;
    const final = finalEventSchema().safeParse(result.data.final);
    return { ...known, state, final: final.success ? final.data : null };
  }

  private async json(name: string, file: string): Promise<unknown> {
    try {
      return JSON.parse((await readPlainFile(join(this.root, name, file), MOST_JSON_BYTES)).toString('utf8'));
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

function takeContact(times: NoContactTimes, event: Record<string, unknown>, sampleRateHz: number): void {
  const { kind, atSample, contact } = event;
  if (kind !== 'status' || typeof atSample !== 'number') return;
  times.push(atSample / sampleRateHz, typeof contact === 'boolean' ? contact : null);
}

const noSession = () => new SessionError('there is no session of that name');

/** A session says it of its device, newer ones of themselves as well. */
function isSimulated(description: object): boolean {
  const { simulated, device } = description as {
    readonly simulated?: unknown;
    readonly device?: { readonly simulated?: unknown } | null;
  };
  return simulated === true || device?.simulated === true;
}

/** From a folder's name, `20260131T101530Z…`. */
function startOf(name: string): string | null {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(name)!;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}
