import { join, resolve } from 'node:path';
import type { Hearing } from '../classify/model-contract.js';
import type { Gap, Sampled, SourceFormat } from '../decode/samples.js';
import { SessionError } from '../errors.js';
import { stethoscopeProfileSchema, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { describeDiskFault, errorCode } from './disk-fault.js';
import { readPlainFile } from './plain-file.js';
import {
  hearingOf,
  sessionDescriptionSchema,
  sessionResultSchema,
  type SessionDescription,
  type SessionResult,
} from './session-layout.js';
import { EVENTS_FILE, RESULT_CHECKSUM_FILE, RESULT_FILE, SESSION_FILE } from './session-names.js';
import {
  corrected,
  readCorrections,
  type StoredCorrection,
  type StoredCorrections,
} from './session-corrections.js';
import { parseLine, readLines } from './stored-lines.js';
import { surveyEvents, type EventSurvey } from './event-survey.js';
import { StoredSamples } from './stored-samples.js';
import { StoredTimeline, type NotStored } from './stored-timeline.js';

/** `torn`: it was never finished, or its result cannot be read. */
export type SessionState = SessionResult['state'] | 'torn';

/** Descriptions and results are a page; what is larger is none. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;
const DEFAULT_CHUNK_SAMPLES = 4096;

/** Why there is no result, though something of it is there. */
interface ResultFault {
  /** A `result` without a checksum: all but the very end of the session was written. */
  readonly kind: 'unreadable' | 'no-checksum';
  readonly message: string;
}

/** A session as it lies on disk, finished or torn. It holds no open file; {@link openSession} makes it. */
export class StoredSession {
  readonly format: SourceFormat;
  private readonly timeline: StoredTimeline;

  constructor(
    readonly directory: string,
    readonly description: SessionDescription,
    /** `null` where it is torn. */
    readonly result: SessionResult | null,
    readonly files: StoredSamples,
    readonly survey: EventSurvey,
    readonly resultFault: ResultFault | null,
    private readonly stored: StoredCorrections = { corrections: [], damage: null },
  ) {
    this.timeline = new StoredTimeline(survey.placings, files.total);
    const { sampleRateHz, bitsPerSample } = description.source;
    this.format = { sampleRateHz, bitsPerSample };
  }

  get state(): SessionState {
    return this.result?.state ?? 'torn';
  }

  /** The band and the rate that the model heard. */
  get hearing(): Hearing {
    return hearingOf(this.description);
  }

  /**
   * The profile that it was judged by, `null` for an unknown stethoscope.
   *
   * @throws SessionError where what is stored is no profile
   */
  get stethoscope(): StethoscopeProfile | null {
    const stored = this.description.configuration.stethoscope ?? null;
    if (stored === null) return null;
    const parsed = stethoscopeProfileSchema().safeParse(stored);
    if (parsed.success) return parsed.data;
    throw new SessionError(
      `${join(this.directory, SESSION_FILE)} must hold a whole stethoscope profile or none; restore it from a copy`,
    );
  }

  /** Where the stethoscope stood, and whose heart it was, as it was named when the recording began. */
  get recorded(): { readonly site: string | null; readonly subject: string | null } {
    const { configuration, subject } = this.description;
    return { site: typeof configuration.site === 'string' ? configuration.site : null, subject };
  }

  /** The same after all corrections, with what a person noted. */
  get named(): {
    readonly site: string | null;
    readonly subject: string | null;
    readonly note: string | null;
  } {
    return corrected(this.recorded, this.stored.corrections);
  }

  /** The oldest first. */
  get corrections(): readonly StoredCorrection[] {
    return this.stored.corrections;
  }

  /** What is wrong with the file of corrections, `null` where nothing is. */
  get correctionsDamage(): string | null {
    return this.stored.damage;
  }

  get storedSamples(): number {
    return this.files.total;
  }

  get gaps(): readonly Gap[] {
    return this.timeline.gaps;
  }

  /** Holes that a slow disk made. They are gaps too; a recomputation cannot be exact behind them. */
  get notStored(): readonly NotStored[] {
    return this.timeline.notStored;
  }

  get pieces(): StoredTimeline['pieces'] {
    return this.timeline.pieces;
  }

  /** Seconds on the time axis, which counts lost samples. */
  get durationSeconds(): number {
    return this.timeline.endSample / this.description.storage.sampleRateHz;
  }

  /** What this session lacks, a sentence each; empty for one that is whole. */
  get missing(): readonly string[] {
    const { survey, files, result } = this;
    const seconds = (samples: number) => (samples / this.description.storage.sampleRateHz).toFixed(3);
    const missing = [...files.faults];
    if (this.resultFault !== null) missing.push(this.resultFault.message);
    else if (result === null) missing.push('the session was never finished: it has no result');
    if (files.tornBytes > 0) missing.push(`${files.tornBytes} bytes behind the last whole sample`);
    if (survey.tornBytes > 0)
      missing.push(`the last event is torn: ${survey.tornBytes} bytes of it are there`);
    if (survey.unreadableLines > 0) {
      missing.push(`${survey.unreadableLines} lines of ${EVENTS_FILE} cannot be read`);
    }
    const claimed = Math.max(survey.claimedSamples, result?.storedSamples ?? 0);
    if (claimed > this.storedSamples) {
      const lost = claimed - this.storedSamples;
      missing.push(`${lost} samples (${seconds(lost)} s) at the end, of which the events tell`);
    }
    for (const { atSample, arrivedSamples, events } of this.notStored) {
      missing.push(
        `${arrivedSamples} samples and ${events} events from ${seconds(atSample)} s on, for which the disk was too slow`,
      );
    }
    if (result?.state === 'stopped') {
      const { samples, events } = result.notStored ?? { samples: 0, events: 0 };
      missing.push(
        `what came after storing stopped: ${samples} samples and ${events} events in all were not stored`,
      );
    }
    if (result?.state === 'recovered') missing.push(...(result.recovery?.missing ?? []));
    return missing;
  }

  /**
   * The stream that was recorded: the same samples, the same gaps, in the same order. Only the chunking is another.
   * A hole that the disk made comes as a gap with the cause `lost`.
   */
  async *sampled(chunkSamples = DEFAULT_CHUNK_SAMPLES): AsyncGenerator<Sampled, void, undefined> {
    for (const piece of this.pieces) {
      if (piece.kind === 'gap') {
        yield piece;
        continue;
      }
      let { firstSample } = piece;
      for (let at = piece.storedFrom; at < piece.storedFrom + piece.samples;) {
        const end = Math.min(at + chunkSamples, piece.storedFrom + piece.samples);
        for await (const samples of this.files.amplitudes(at, end)) {
          yield { kind: 'samples', firstSample, samples };
          firstSample += samples.length;
        }
        at = end;
      }
    }
  }

  /** The events as they went out, in order; the recorder's own lines and what cannot be read are left out. */
  async *events(): AsyncGenerator<Record<string, unknown>, void, undefined> {
    for await (const line of readLines(join(this.directory, EVENTS_FILE))) {
      const event = parseLine(line);
      if (event !== null && event.kind !== 'recorder') yield event;
    }
  }
}

/**
 * Opens a session, whole or torn; changes nothing. Whether its bytes are those that were written is another question:
 * see `checkIntegrity`.
 *
 * @throws SessionError where the folder is no session, or cannot be read
 */
export async function openSession(directory: string): Promise<StoredSession> {
  if (directory === '') throw new SessionError('a session must be named by its folder, got nothing');
  const path = resolve(directory);
  const text = await readSmall(join(path, SESSION_FILE));
  if (text === null) {
    throw new SessionError(
      `${path} is no session: it has no ${SESSION_FILE}; name a folder that \`--out\` made. ` +
        'A WAV file in it can still be screened with `lubdub classify`',
    );
  }
  const description = parse(text, (json) => sessionDescriptionSchema().safeParse(json));
  if (typeof description === 'string') {
    throw new SessionError(
      `${join(path, SESSION_FILE)} must describe a session, got ${description}; restore it from a copy`,
    );
  }
  const files = await StoredSamples.find(path, description.storage);
  const survey = await surveyEvents(join(path, EVENTS_FILE));
  const corrections = await readCorrections(path);
  const resultText = await readSmall(join(path, RESULT_FILE));
  if (resultText === null)
    return new StoredSession(path, description, null, files, survey, null, corrections);
  const result = parse(resultText, (json) => sessionResultSchema().safeParse(json));
  if (typeof result === 'string') {
    const message = `${RESULT_FILE} must be a result, got ${result}`;
    return new StoredSession(
      path,
      description,
      null,
      files,
      survey,
      { kind: 'unreadable', message },
      corrections,
    );
  }
  if ((await readSmall(join(path, RESULT_CHECKSUM_FILE))) === null) {
    const message = `${RESULT_CHECKSUM_FILE} is missing, as when the session's end was interrupted`;
    return new StoredSession(
      path,
      description,
      null,
      files,
      survey,
      { kind: 'no-checksum', message },
      corrections,
    );
  }
  return new StoredSession(path, description, result, files, survey, null, corrections);
}

/** @returns `null` where there is no such file */
export async function readSmall(path: string): Promise<string | null> {
  try {
    return (await readPlainFile(path, MAX_JSON_BYTES)).toString('utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return null;
    throw new SessionError(`${path} cannot be read: ${describeDiskFault(cause)}`, { cause });
  }
}

type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** @returns the value, or what is wrong */
function parse<T>(text: string, check: (json: unknown) => Parsed<T>): T | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'what is no JSON';
  }
  const parsed = check(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  return `${path.join('.') || 'the whole'}: ${message}`;
}
