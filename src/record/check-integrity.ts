import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { WAV_HEADER_BYTES, wavHeader } from '../decode/file/wav-writer.js';
import { SessionError } from '../errors.js';
import { describeDiskFault } from './disk-fault.js';
import { PlainFile } from './plain-file.js';
import { hashExistingFile } from './session-hashes.js';
import { checksumText, sampleFileFrame, sha256 } from './session-layout.js';
import {
  CORRECTIONS_FILE,
  EVENTS_FILE,
  RESULT_CHECKSUM_FILE,
  RESULT_FILE,
  sampleFileName,
  CUT_NAME,
  SESSION_FILE,
} from './session-names.js';
import { parseLine, readLines } from './stored-lines.js';
import { readSmall, type StoredSession } from './stored-session.js';
import { WFDB_RECORD, wfdbHeaders } from './wfdb-header.js';

/** A file that is not what was written. */
export interface Damage {
  readonly file: string;
  /** What differs, and where as far as it is known. */
  readonly message: string;
}

export interface Integrity {
  /** Empty where every byte that is vouched for is the one that was written. */
  readonly damage: readonly Damage[];
  /**
   * Samples that a hash vouches for: all of a finished or recovered session, those up to the last checkpoint of a torn
   * one.
   */
  readonly vouchedSamples: number;
}

interface Checkpoint {
  readonly storedSamples: number;
  readonly samplesSha256: string;
}

/**
 * Compares every file of a session with the hashes that were written with it, and says which differ and where. A hash
 * shows what a failing disk or a careless hand has changed; who changes the hashes as well is not found out.
 *
 * @throws SessionError where a file cannot be read
 */
export async function checkIntegrity(session: StoredSession): Promise<Integrity> {
  const damage: Damage[] = [];
  const events = await checkEvents(session);
  const samples = await checkSamples(session, events.checkpoints);
  damage.push(...(await checkResult(session)), ...(await checkDescription(session, events.sessionSha256)));
  damage.push(...events.damage, ...samples, ...(await checkFrames(session)), ...(await checkCuts(session)));
  const { correctionsDamage } = session;
  if (correctionsDamage !== null) damage.push({ file: CORRECTIONS_FILE, message: correctionsDamage });
  // Headers are made from samples and description; where these are not right, they cannot be checked.
  if (damage.length === 0) damage.push(...(await checkWfdbHeaders(session)));
  return {
    damage,
    vouchedSamples: session.result?.storedSamples ?? events.checkpoints.at(-1)?.storedSamples ?? 0,
  };
}

async function checkResult({ directory }: StoredSession): Promise<Damage[]> {
  const text = await readSmall(join(directory, RESULT_FILE));
  const checksum = await readSmall(join(directory, RESULT_CHECKSUM_FILE));
  if (text === null && checksum === null) return [];
  if (text === null) return [{ file: RESULT_FILE, message: 'is missing, though its checksum is there' }];
  // Without a checksum the end was interrupted, which the session's state says.
  if (checksum === null || checksum === checksumText(text)) return [];
  if (!/^[0-9a-f]{64} {2}result\.json\n$/.test(checksum)) {
    return [{ file: RESULT_CHECKSUM_FILE, message: 'is no checksum line any more' }];
  }
  return [
    { file: RESULT_FILE, message: `or ${RESULT_CHECKSUM_FILE} was changed: they no longer fit each other` },
  ];
}

async function checkDescription(session: StoredSession, atBegin: string | undefined): Promise<Damage[]> {
  const text = (await readSmall(join(session.directory, SESSION_FILE))) ?? '';
  const expected = session.result?.integrity.sessionSha256 ?? atBegin;
  if (expected === undefined || sha256(text) === expected) return [];
  return [{ file: SESSION_FILE, message: 'was changed since the session began' }];
}

async function checkEvents(session: StoredSession) {
  const hash = createHash('sha256');
  /** Those that a later hash vouches for, and the last one while no hash contradicts it. */
  const checkpoints: Checkpoint[] = [];
  let latest: Checkpoint | undefined;
  let sessionSha256: string | undefined;
  let message: string | undefined;
  let goodBytes = 0;
  for await (const line of readLines(join(session.directory, EVENTS_FILE))) {
    const event = parseLine(line);
    if (event?.kind === 'recorder' && event.what === 'begin') sessionSha256 = String(event.sessionSha256);
    if (event?.kind === 'recorder' && event.what === 'checkpoint' && message === undefined) {
      if (event.eventsSha256 === hash.copy().digest('hex')) {
        goodBytes = line.offset;
        if (latest !== undefined) checkpoints.push(latest);
        latest = {
          storedSamples: Number(event.storedSamples),
          samplesSha256: String(event.samplesSha256),
        };
      } else message = `was changed between the bytes ${goodBytes} and ${line.offset + line.bytes.length}`;
    }
    hash.update(line.bytes);
    if (line.isWhole) hash.update('\n');
  }
  const expected = session.result?.integrity.eventsSha256;
  if (expected !== undefined && hash.digest('hex') !== expected) {
    message ??= `was changed after byte ${goodBytes}`;
  }
  if (message === undefined && latest !== undefined) checkpoints.push(latest);
  return {
    checkpoints,
    sessionSha256,
    damage: message === undefined ? [] : [{ file: EVENTS_FILE, message }],
  };
}

/** Hashes the samples once, looking at the hash at every checkpoint, so that the place of a change is known. */
async function checkSamples(
  { files, result, description }: StoredSession,
  checkpoints: readonly Checkpoint[],
): Promise<Damage[]> {
  const { samplesPerFile, sampleRateHz, bitsPerSample } = description.storage;
  const marks = [...checkpoints];
  if (result !== null) {
    marks.push({ storedSamples: result.storedSamples, samplesSha256: result.integrity.samplesSha256 });
  }
  const hash = createHash('sha256');
  let hashed = 0;
  let good = 0;
  for (const { storedSamples, samplesSha256 } of marks) {
    const file = sampleFileName(Math.floor(good / samplesPerFile));
    if (storedSamples > files.total) {
      return [{ file, message: `${storedSamples} samples were stored, ${files.total} are there` }];
    }
    for await (const block of files.blocks(hashed, storedSamples)) {
      hash.update(block);
      hashed += block.length / (bitsPerSample / 8);
    }
    if (hash.copy().digest('hex') !== samplesSha256) {
      const seconds = (samples: number) => (samples / sampleRateHz).toFixed(3);
      const where = `samples ${good} to ${storedSamples} (${seconds(good)} s to ${seconds(storedSamples)} s of the stored ones)`;
      const last = sampleFileName(Math.floor((storedSamples - 1) / samplesPerFile));
      // No hash tells on which side of the files' border the change is.
      return [...new Set([file, last])].map((file) => ({
        file,
        message: `${where} are not those that were recorded`,
      }));
    }
    good = storedSamples;
  }
  if (result === null || files.total === result.storedSamples) return [];
  const file = sampleFileName(files.parts.length - 1);
  return [{ file, message: `${result.storedSamples} samples were stored, ${files.total} are there` }];
}

/** Headers and pad bytes are no samples: there is just one right form of them. */
async function checkFrames({
  directory,
  files,
  description,
  result,
  survey,
}: StoredSession): Promise<Damage[]> {
  const damage: Damage[] = [];
  const growing = wavHeader({ ...description.storage, dataBytes: null });
  for (const { name, samples, fileBytes } of files.parts) {
    const mayGrow = result === null && name === files.parts.at(-1)!.name;
    const frame = sampleFileFrame(description.storage, samples);
    if (fileBytes < WAV_HEADER_BYTES) {
      if (!mayGrow) damage.push({ file: name, message: 'its header is cut short' });
      continue;
    }
    const file = await openSampleFile(join(directory, name));
    try {
      const found = Buffer.alloc(WAV_HEADER_BYTES);
      await file.read(found, 0);
      const pad = Buffer.alloc(frame.padBytes);
      await file.read(pad, frame.fileBytes - frame.padBytes);
      const isRight = found.equals(frame.header) || (mayGrow && found.equals(growing));
      // Before the first checkpoint a power cut may take the header.
      if (!isRight && !(mayGrow && survey.checkedSamples === 0))
        damage.push({ file: name, message: 'its header was changed' });
      if (mayGrow) continue;
      if (fileBytes !== frame.fileBytes) {
        damage.push({ file: name, message: `must have ${frame.fileBytes} bytes, got ${fileBytes}` });
      } else if (pad.some((byte) => byte !== 0)) {
        damage.push({ file: name, message: 'the byte behind its last sample was changed' });
      }
    } finally {
      await file.close();
    }
  }
  return damage;
}

async function openSampleFile(path: string): Promise<PlainFile> {
  try {
    return await PlainFile.open(path);
  } catch (cause) {
    throw new SessionError(`${path} cannot be read: ${describeDiskFault(cause)}`, { cause });
  }
}

async function checkCuts({ directory, result }: StoredSession): Promise<Damage[]> {
  const damage: Damage[] = [];
  for (const cut of result?.recovery?.cut ?? []) {
    try {
      // The name was read from a file: it must not lead anywhere else.
      if (!CUT_NAME.test(cut.file)) throw new Error('no name of a cut');
      if ((await hashExistingFile(join(directory, cut.file))) === cut.sha256) continue;
      damage.push({ file: cut.file, message: 'was changed since the session was recovered' });
    } catch {
      damage.push({ file: cut.file, message: 'is missing or cannot be read' });
    }
  }
  return damage;
}

async function checkWfdbHeaders(session: StoredSession): Promise<Damage[]> {
  const main = await readSmall(join(session.directory, `${WFDB_RECORD}.hea`));
  if (main === null || session.result === null) return [];
  const damage: Damage[] = [];
  for (const [file, text] of await wfdbHeaders(session)) {
    if ((await readSmall(join(session.directory, file))) !== text) {
      damage.push({ file, message: 'is not the header that these samples have' });
    }
  }
  return damage;
}
