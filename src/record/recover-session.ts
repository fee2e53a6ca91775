import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { WAV_HEADER_BYTES } from '../decode/file/wav-writer.js';
import { SessionError } from '../errors.js';
import { checkIntegrity, type Damage } from './check-integrity.js';
import { describeDiskFault } from './disk-fault.js';
import { PlainFile } from './plain-file.js';
import { hashFile, hashSamples } from './session-hashes.js';
import { checksumText, sampleFileFrame, toFileText, type SampleStorage } from './session-layout.js';
import { CUT_NAME, EVENTS_FILE, RESULT_CHECKSUM_FILE, RESULT_FILE, SESSION_FILE } from './session-names.js';
import { diskFileSystem, writeAtomically } from './session-file-system.js';
import type { StoredPart } from './stored-samples.js';
import { openSession, readSmall, type StoredSession } from './stored-session.js';
import { INTENDED_USE } from '../verdict/disclaimer.js';

export interface RecoveryOptions {
  readonly lubdubVersion: string;
  /** Mends also what a living process seems to write to. Default false. */
  readonly force?: boolean;
}

export interface Recovery {
  /** As it is now. */
  readonly session: StoredSession;
  /** What was done, a sentence each; empty where there was nothing to mend. */
  readonly done: readonly string[];
  /** Bytes that differ from what the checkpoints vouch for. They are left as they are. */
  readonly damage: readonly Damage[];
}

/** A recorder writes at least every half second while samples come; what was quiet for so long is not recorded. */
const QUIET_MS = 10_000;

/**
 * Mends what a crash or a power cut left: cuts torn samples and lines off (and keeps them beside the file), writes the
 * sizes into the headers, and adds a result that is marked as recovered and has no final verdict.
 *
 * Samples and whole lines are never touched. A session that is whole is left alone; a recovery that was interrupted
 * is gone on with by the next.
 *
 * @throws SessionError where the folder is no session, is still being recorded, or cannot be written
 */
export async function recoverSession(directory: string, options: RecoveryOptions): Promise<Recovery> {
  const session = await openSession(directory);
  if (session.result !== null) return { session, done: [], damage: [] };
  if (options.force !== true) await refuseIfAlive(session);
  const done: string[] = [];
  try {
    const { damage } = await checkIntegrity(session);
    if (session.resultFault?.kind === 'no-checksum') await addChecksum(session, done);
    else {
      await setAside(session, done);
      await mendEvents(session, done);
      for (const part of session.files.parts) {
        await mendSampleFile(session.directory, part, session.description.storage, done);
      }
      await addResult(session, damage, options.lubdubVersion, done);
    }
    return { session: await openSession(session.directory), done, damage };
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    throw new SessionError(`${session.directory} cannot be mended: ${describeDiskFault(cause)}`, { cause });
  }
}

/** The process may be another one by now, or on another machine: then its files are quiet. */
export async function refuseIfAlive(
  { directory, description, files }: StoredSession,
  { orSelf = false }: { /** This process counts, too. */ readonly orSelf?: boolean } = {},
): Promise<void> {
  const { processId } = description;
  if ((processId === process.pid && !orSelf) || !isAlive(processId)) return;
  let newest = 0;
  for (const name of [EVENTS_FILE, ...files.parts.map((part) => part.name)]) {
    const { mtimeMs } = await lstat(join(directory, name)).catch(() => ({ mtimeMs: 0 }));
    newest = Math.max(newest, mtimeMs);
  }
  if (Date.now() - newest > QUIET_MS) return;
  throw new SessionError(
    `${directory} must not be recorded any more, but process ${processId} wrote to it less than ${QUIET_MS / 1000} s ago; ` +
      'end the recording first',
  );
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function addChecksum({ directory }: StoredSession, done: string[]): Promise<void> {
  const text = (await readSmall(join(directory, RESULT_FILE)))!;
  const path = join(directory, RESULT_CHECKSUM_FILE);
  await writeAtomically(diskFileSystem, path, Buffer.from(checksumText(text)));
  done.push(`${RESULT_CHECKSUM_FILE} was written; the session had been finished but for it`);
}

/** A result that cannot be read makes room for the recovered one, and stays beside it. */
async function setAside({ directory, resultFault }: StoredSession, done: string[]): Promise<void> {
  if (resultFault === null) return;
  for (const name of [RESULT_CHECKSUM_FILE, RESULT_FILE]) {
    if ((await readSmall(join(directory, name))) === null) continue;
    const aside = await freeCutName(directory, name);
    await rename(join(directory, name), join(directory, aside));
    done.push(`${name}, which cannot be read, is now ${aside}`);
  }
}

async function mendEvents({ directory, survey }: StoredSession, done: string[]): Promise<void> {
  if (survey.tornBytes > 0) await cut(directory, EVENTS_FILE, survey.wholeBytes, done);
}

async function mendSampleFile(
  directory: string,
  { name, samples }: StoredPart,
  storage: SampleStorage,
  done: string[],
): Promise<void> {
  const frame = sampleFileFrame(storage, samples);
  const dataEnd = frame.fileBytes - frame.padBytes;
  const file = await PlainFile.open(join(directory, name), { writable: true });
  try {
    const { size } = file;
    const head = Buffer.alloc(Math.min(WAV_HEADER_BYTES, size));
    await file.read(head, 0);
    const tail = Buffer.alloc(Math.max(0, size - dataEnd));
    await file.read(tail, dataEnd);
    const isPad = tail.length === frame.padBytes && tail.every((byte) => byte === 0);
    if (size < WAV_HEADER_BYTES) await cut(directory, name, 0, done);
    else if (!isPad) await cut(directory, name, dataEnd, done);
    if (head.equals(frame.header) && size === frame.fileBytes) return;
    await file.truncate(frame.fileBytes);
    await file.sync();
    await file.write(frame.header, 0);
    await file.sync();
    done.push(`the header of ${name} now says that it holds ${samples} samples`);
  } finally {
    await file.close();
  }
}

/** Takes the bytes from `offset` on away from a file, once they are safe in another one beside it. */
async function cut(directory: string, name: string, offset: number, done: string[]): Promise<void> {
  const file = await PlainFile.open(join(directory, name), { writable: true });
  try {
    const { size } = file;
    const bytes = Buffer.alloc(size - offset);
    await file.read(bytes, offset);
    if (bytes.length === 0) return;
    const aside = await freeCutName(directory, name);
    await writeAtomically(diskFileSystem, join(directory, aside), bytes);
    await file.truncate(offset);
    await file.sync();
    done.push(`${bytes.length} torn bytes at the end of ${name} are now in ${aside}`);
  } finally {
    await file.close();
  }
}

async function freeCutName(directory: string, name: string): Promise<string> {
  const taken = await readdir(directory);
  for (let count = 1; ; count++) {
    const aside = `${name}.cut-${count}`;
    if (!taken.includes(aside)) return aside;
  }
}

async function addResult(
  before: StoredSession,
  damage: readonly Damage[],
  lubdubVersion: string,
  done: string[],
): Promise<void> {
  const { directory, description, survey, files } = before;
  const asides = (await readdir(directory)).filter((name) => CUT_NAME.test(name)).sort();
  const text = toFileText({
    formatVersion: 1,
    intendedUse: INTENDED_USE,
    state: 'recovered',
    endedAt: survey.lastAt ?? description.startedAt,
    final: null,
    storedSamples: files.total,
    notStored: null,
    inexactSamples: null,
    stoppedBecause: null,
    integrity: {
      sessionSha256: await hashFile(join(directory, SESSION_FILE)),
      eventsSha256: await hashFile(join(directory, EVENTS_FILE)),
      samplesSha256: await hashSamples(files),
    },
    recovery: {
      lubdub: lubdubVersion,
      missing: [...before.missing, ...damage.map(({ file, message }) => `${file}: ${message}`)],
      lastVerdict: survey.lastVerdict,
      cut: await Promise.all(
        asides.map(async (file) => ({ file, sha256: await hashFile(join(directory, file)) })),
      ),
    },
  });
  await writeAtomically(diskFileSystem, join(directory, RESULT_FILE), Buffer.from(text));
  const checksum = Buffer.from(checksumText(text));
  await writeAtomically(diskFileSystem, join(directory, RESULT_CHECKSUM_FILE), checksum);
  done.push(`${RESULT_FILE} was written and says that the session was recovered`);
}
