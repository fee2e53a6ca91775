import { join } from 'node:path';
import { ConfigurationError, SessionError } from '../errors.js';
import { printable } from '../printable.js';
import { lazySchemas } from '../schemas.js';
import { SITES, type Site } from '../verdict/site.js';
import { SUBJECT } from '../verdict/subject.js';
import { describeDiskFault, errorCode } from './disk-fault.js';
import { readPlainFile } from './plain-file.js';
import { checkSubject, sha256 } from './session-layout.js';
import { CORRECTIONS_FILE, SESSION_FILE } from './session-names.js';
import { diskFileSystem, writeAtomically } from './session-file-system.js';

/** A note is a sentence or two, not a letter. */
export const MOST_NOTE_CHARACTERS = 300;
/** Far more than anybody corrects; a file that is larger is none. */
const MOST_BYTES = 1024 * 1024;

const correctionSchema = lazySchemas((z) => {
  const hash = z.string().regex(/^[0-9a-f]{64}$/);
  return z.object({
    at: z.iso.datetime(),
    /** Of the description that it corrects. */
    sessionSha256: hash,
    /** Of all that stands before this line, so that a changed or missing line shows. */
    previousSha256: hash,
    site: z.enum(SITES).nullable().optional(),
    subject: z.string().regex(SUBJECT).nullable().optional(),
    note: z.string().max(MOST_NOTE_CHARACTERS).nullable().optional(),
  });
});

/** What a person said of a recording afterwards. What is absent was not touched, `null` takes it away. */
export interface Correction {
  readonly site?: Site | null | undefined;
  /** A pseudonymous code. */
  readonly subject?: string | null | undefined;
  readonly note?: string | null | undefined;
}

export interface StoredCorrection extends Correction {
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface StoredCorrections {
  /** The oldest first, up to the first line that is not as it was written. */
  readonly corrections: readonly StoredCorrection[];
  /** What is wrong with the file, `null` where nothing is. */
  readonly damage: string | null;
}

/**
 * The corrections that stand beside a session. They are lines of a file of their own: what was recorded stays as it is,
 * byte for byte, and every correction stays too.
 *
 * @throws SessionError where the disk fails
 */
export async function readCorrections(directory: string): Promise<StoredCorrections> {
  const [text, session] = await Promise.all([
    readText(directory, CORRECTIONS_FILE),
    readText(directory, SESSION_FILE),
  ]);
  return parseCorrections(text, sha256(session));
}

function parseCorrections(text: string, sessionSha256: string): StoredCorrections {
  const corrections: StoredCorrection[] = [];
  for (let at = 0, line = 1; at < text.length; line++) {
    const end = text.indexOf('\n', at);
    const parsed = correctionSchema().safeParse(parseJson(text.slice(at, end < 0 ? text.length : end)));
    if (end < 0 || !parsed.success) return { corrections, damage: `has no correction in line ${line}` };
    const { previousSha256, sessionSha256: corrected, ...correction } = parsed.data;
    if (previousSha256 !== sha256(text.slice(0, at))) {
      return { corrections, damage: `was changed before line ${line}` };
    }
    if (corrected !== sessionSha256) {
      return { corrections, damage: `corrects another session, or another state of it, in line ${line}` };
    }
    corrections.push(correction);
    at = end + 1;
  }
  return { corrections, damage: null };
}

/** One after the other for each session: two pages may correct at once. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Adds a correction to a session that is not recorded any more. What was recorded is not touched.
 *
 * @param directory a session's folder, with no link in its path
 * @throws ConfigurationError for a correction that says nothing or what cannot be. SessionError where the file cannot be
 * written, or is no longer what was written
 */
export async function correctSession(
  directory: string,
  correction: Correction,
  at = new Date(),
): Promise<StoredCorrection> {
  const { site, subject, note } = correction;
  if (site === undefined && subject === undefined && note === undefined) {
    throw new ConfigurationError('a correction must name a site, a subject code or a note, got none of them');
  }
  if (site !== undefined && site !== null && !SITES.includes(site)) {
    throw new ConfigurationError(`the site must be one of ${SITES.join(', ')}, got something else`);
  }
  if (typeof subject === 'string') checkSubject(subject);
  const plain = note === undefined || note === null ? note : printable(note.replace(/\s+/g, ' ')).trim();
  if (typeof plain === 'string' && plain.length > MOST_NOTE_CHARACTERS) {
    throw new ConfigurationError(
      `a note must have at most ${MOST_NOTE_CHARACTERS} characters, got ${plain.length}; shorten it`,
    );
  }
  const said = { at: at.toISOString(), site, subject, note: plain === '' ? null : plain };
  const before = underWay.get(directory) ?? Promise.resolve();
  const added = before.then(() => add(directory, said));
  const settled = added.catch(() => {});
  underWay.set(directory, settled);
  try {
    return await added;
  } finally {
    if (underWay.get(directory) === settled) underWay.delete(directory);
  }
}

async function add(directory: string, correction: StoredCorrection): Promise<StoredCorrection> {
  const path = join(directory, CORRECTIONS_FILE);
  const sessionSha256 = sha256(await readText(directory, SESSION_FILE));
  const before = await readText(directory, CORRECTIONS_FILE);
  const { damage } = parseCorrections(before, sessionSha256);
  if (damage !== null) {
    throw new SessionError(`${path} ${damage}; put it aside before the session is corrected again`);
  }
  const line = JSON.stringify({ ...correction, sessionSha256, previousSha256: sha256(before) });
  const bytes = Buffer.from(`${before}${line}\n`);
  if (bytes.length > MOST_BYTES) {
    throw new SessionError(`${path} must have at most ${MOST_BYTES} bytes; no more corrections fit into it`);
  }
  try {
    await writeAtomically(diskFileSystem, path, bytes);
  } catch (cause) {
    throw new SessionError(`the correction cannot be stored in ${path}: ${describeDiskFault(cause)}`, {
      cause,
    });
  }
  return correction;
}

/** What holds after all corrections. */
export function corrected(
  recorded: { readonly site: string | null; readonly subject: string | null },
  corrections: readonly Correction[],
): { site: string | null; subject: string | null; note: string | null } {
  const named = { ...recorded, note: null as string | null };
  for (const { site, subject, note } of corrections) {
    if (site !== undefined) named.site = site;
    if (subject !== undefined) named.subject = subject;
    if (note !== undefined) named.note = note;
  }
  return named;
}

async function readText(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  try {
    return (await readPlainFile(path, MOST_BYTES)).toString('utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return '';
    throw new SessionError(`${path} cannot be read: ${describeDiskFault(cause)}`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
