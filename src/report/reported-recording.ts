import { basename, join } from 'node:path';
import type { Gap } from '../decode/samples.js';
import { checkIntegrity } from '../record/check-integrity.js';
import { hashFile } from '../record/session-hashes.js';
import type { StoredCorrection } from '../record/session-corrections.js';
import { SESSION_FILE } from '../record/session-names.js';
import {
  finalEventSchema,
  windowEventSchema,
  type FinalEvent,
  type WindowEvent,
} from '../screen/result-events.js';
import { lazySchemas } from '../schemas.js';
import { openSession, type SessionState, type StoredSession } from '../record/stored-session.js';
import {
  measureIntervals,
  type FindHeartSounds,
  type HeartSound,
  type SoundIntervals,
} from './heart-sound-intervals.js';
import { summaryOf, type ProfileSummary } from '../verdict/stethoscope-profile-words.js';
import { usedStethoscope, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { FalseAlarms } from '../verdict/verdict-words.js';
import { notHeardSpans } from './spans.js';

export interface ReportedDevice {
  readonly path: string | null;
  readonly firmware: string | null;
  readonly serialNumber: string | null;
}

/** Everything that a report says of one recording but its samples, which stay with `session`. */
export interface ReportedRecording {
  readonly session: StoredSession;
  /** The folder's name. */
  readonly name: string;
  /** SHA-256 of its description: it has the time to the millisecond, and stays when the folder is renamed or mended. */
  readonly identity: string;
  readonly state: SessionState;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** `null` where it was never finished. */
  readonly endedAt: string | null;
  /** After all corrections. */
  readonly subject: string | null;
  /** Where the stethoscope stood, as it was named, after all corrections. */
  readonly site: string | null;
  /** What a person said of it afterwards; the oldest first. */
  readonly corrections: readonly StoredCorrection[];
  /** Site and subject as they were named when the recording began. */
  readonly recorded: StoredSession['recorded'];
  readonly note: string | null;
  /** On the time axis, which counts lost samples. */
  readonly durationSeconds: number;
  readonly sampleRateHz: number;
  /** In the order of time. */
  readonly windows: readonly WindowEvent[];
  /** `null` where the recording has no final result: it was interrupted, or its result cannot be read. */
  readonly final: FinalEvent | null;
  readonly gaps: readonly Gap[];
  readonly lostSamples: number;
  readonly droppedWindows: number;
  /** `null` where nobody looked for them. */
  readonly sounds: readonly HeartSound[] | null;
  /** `null` where too few whole beats were heard, or nobody looked for them. */
  readonly intervals: SoundIntervals | null;
  /** `null` for a recording that came from no device. */
  readonly device: ReportedDevice | null;
  /**
   * The profile that the result rests on, whole; `null` for an unknown stethoscope, and where the session does not hold it
   * as the result names it.
   */
  readonly profile: ProfileSummary | null;
  /** Nobody was listened to: a simulator played a recording. */
  readonly simulated: boolean;
  readonly model: {
    readonly name: string;
    readonly version: string | null;
    readonly sha256: string;
    /** What an unknown stethoscope has to expect, `null` where the session does not tell. */
    readonly falseAlarms: FalseAlarms | null;
  };
  /** The version that recorded and screened. */
  readonly lubdubVersion: string;
  /** What should be there and is not, or is not what was written; a sentence each. */
  readonly missing: readonly string[];
}

/**
 * Reads what was stored of one recording and checks its files against the hashes that were written with them.
 *
 * @param directory a session's folder, finished or torn
 * @param findHeartSounds left out where heart sounds are not to be looked for
 * @throws SessionError where it is no session, or cannot be read
 */
export async function readReportedRecording(
  directory: string,
  findHeartSounds?: FindHeartSounds,
): Promise<ReportedRecording> {
  const session = await openSession(directory);
  const { description, result, survey } = session;
  const { sampleRateHz } = description.storage;
  const { damage } = await checkIntegrity(session);
  const missing = [...session.missing, ...damage.map(({ file, message }) => `${file} ${message}`)];

  const windows: WindowEvent[] = [];
  let unreadable = 0;
  for await (const event of session.events()) {
    if (event.kind !== 'window') continue;
    const parsed = windowEventSchema().safeParse(event);
    if (parsed.success) windows.push(parsed.data);
    else unreadable++;
  }
  if (unreadable > 0) missing.push(`${unreadable} stored windows cannot be read`);

  const stored = result?.final ?? null;
  const parsed = finalEventSchema().safeParse(stored);
  if (stored !== null && !parsed.success) missing.push('the stored final result cannot be read');
  else if (stored === null && session.state === 'finished')
    missing.push('the recording ended without a final result');
  const final = parsed.success ? parsed.data : null;

  const { profile, complaint } = profileOf(session, final);
  if (complaint !== null) missing.push(complaint);

  const lost = session.gaps.reduce((sum, gap) => sum + gap.lostSamples, 0);
  const placed = { windows, gaps: session.gaps, durationSeconds: session.durationSeconds, sampleRateHz };
  const sounds = findHeartSounds === undefined ? null : await findHeartSounds(session);
  return {
    session,
    name: basename(session.directory),
    identity: await hashFile(join(session.directory, SESSION_FILE)),
    state: session.state,
    startedAt: description.startedAt,
    endedAt: result?.endedAt ?? survey.lastAt,
    subject: session.named.subject,
    site: text(session.named.site),
    corrections: session.corrections,
    recorded: { ...session.recorded, site: text(session.recorded.site) },
    note: text(session.named.note),
    durationSeconds: session.durationSeconds,
    sampleRateHz,
    windows,
    final,
    gaps: session.gaps,
    // What a slow disk did not keep was still heard: the gaps may tell of more than the screening lost.
    lostSamples: final?.lostSamples ?? lost,
    droppedWindows: final?.droppedWindows ?? windows.filter(({ dropped }) => dropped !== null).length,
    sounds,
    intervals: sounds === null ? null : measureIntervals(sounds, notHeardSpans(placed)),
    device: deviceOf(description.device),
    profile,
    simulated: description.simulated === true,
    model: {
      name: description.model.name,
      version: text(description.model.version) ?? text(modelOf(stored).version),
      sha256: description.model.sha256,
      falseAlarms: falseAlarmsSchema().safeParse(description.model.falseAlarms).data ?? null,
    },
    lubdubVersion: description.versions.lubdub,
    missing,
  };
}

function profileOf(
  session: StoredSession,
  final: FinalEvent | null,
): { readonly profile: ProfileSummary | null; readonly complaint: string | null } {
  let profile: StethoscopeProfile | null;
  try {
    profile = session.stethoscope;
  } catch {
    return { profile: null, complaint: 'the stored stethoscope profile cannot be read' };
  }
  const isOfResult = final === null || final.stethoscope?.sha256 === usedStethoscope(profile)?.sha256;
  if (!isOfResult)
    return {
      profile: null,
      complaint: 'the stored stethoscope profile is not the one that the result names',
    };
  return { profile: profile === null ? null : summaryOf(profile), complaint: null };
}

const falseAlarmsSchema = lazySchemas((z) => {
  const share = z.number().min(0).max(1);
  return z.object({ mean: share, least: share, most: share });
});

function deviceOf(device: Readonly<Record<string, unknown>> | null): ReportedDevice | null {
  if (device === null) return null;
  const { path, firmware, serialNumber } = device;
  return { path: text(path), firmware: text(firmware), serialNumber: text(serialNumber) };
}

function modelOf(final: Record<string, unknown> | null): Record<string, unknown> {
  const model = final?.model;
  return typeof model === 'object' && model !== null ? (model as Record<string, unknown>) : {};
}

/** Devices send what they like: control characters are left out, and what is empty then is not known. */
function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const plain = value.replace(/[\p{Cc}\p{Cs}]/gu, '').trim();
  return plain === '' ? null : plain;
}
