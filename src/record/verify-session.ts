import { isDeepStrictEqual } from 'node:util';
import { ModelError } from '../errors.js';
import type { Screener } from '../screen/screener.js';
import { checkIntegrity, type Integrity } from './check-integrity.js';
import { storedContact } from './stored-contact.js';
import { openSession, type StoredSession } from './stored-session.js';

type Event = Record<string, unknown>;

/** A figure that came out differently. */
export interface Difference {
  /** `window 12 (12 s)` or `final`. */
  readonly where: string;
  readonly field: string;
  /** `undefined` where there is none, and so for `recomputed`. */
  readonly stored: unknown;
  readonly recomputed: unknown;
}

export interface Verification {
  /**
   * `damaged`: bytes are not those that were written. `different`: something came out differently. `same`: all windows
   * and the final verdict are the same. `incomplete`: what could be compared is the same, and `notes` say what could not.
   */
  readonly outcome: 'same' | 'incomplete' | 'different' | 'damaged';
  readonly session: StoredSession;
  readonly integrity: Integrity;
  /** The first hundred. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  readonly comparedWindows: number;
  /** Indices of windows that the live run had to leave out under load; they are not compared. */
  readonly droppedWindows: readonly number[];
  readonly comparedFinal: boolean;
  /** The `final` event of the recomputation, `null` where it gave none. */
  readonly recomputedFinal: Event | null;
  /** What could not be compared and why, a sentence each. */
  readonly notes: readonly string[];
}

/** Probabilities and everything else that is computed in floating point must agree to this. */
export const TOLERANCE = 1e-6;

const MAX_LISTED = 100;

/**
 * Screens a session's stored samples again and says whether the same comes out, and whether its files are those that
 * were written.
 *
 * Windows that the live run dropped are not compared, nor, where a slow disk left a hole, those that came behind it.
 * The final verdict is compared where none of this was the case and the session was finished.
 *
 * @throws SessionError where the folder is no session or cannot be read, ModelError where another model screened it than this one
 */
export async function verifySession(
  directory: string,
  screener: Pick<Screener, 'model' | 'screenStored'>,
): Promise<Verification> {
  const session = await openSession(directory);
  refuseOtherModel(session, screener);
  const integrity = await checkIntegrity(session);
  const stored: Event[] = [];
  for await (const event of session.events()) if (event.kind === 'window') stored.push(event);
  const windows: Event[] = [];
  let recomputedFinal: Event | null = null;
  // The live run called the recording so; the name is not what is verified.
  const file = session.result?.final?.file;
  const name = typeof file === 'string' ? file : directory;
  const { stethoscope } = session;
  const take = (event: object) => {
    // In the form in which it is stored: what is no number there is null.
    const plain = JSON.parse(JSON.stringify(event)) as Event;
    if (plain.kind === 'window') windows.push(plain);
    if (plain.kind === 'final') recomputedFinal = plain;
  };
  await screener.screenStored(name, session.format, session.sampled(), take, {
    stethoscope,
    contact: await storedContact(session),
  });

  const comparison = new Comparison();
  const notes: string[] = [];
  compareWindows(session, stored, windows, comparison, notes);
  const comparedFinal = compareFinal(session, recomputedFinal, comparison, notes);
  const outcome =
    integrity.damage.length > 0
      ? 'damaged'
      : comparison.count > 0
        ? 'different'
        : notes.length > 0
          ? 'incomplete'
          : 'same';
  return {
    outcome,
    session,
    integrity,
    differences: comparison.differences,
    differenceCount: comparison.count,
    comparedWindows: comparison.windows,
    droppedWindows: comparison.dropped,
    comparedFinal,
    recomputedFinal,
    notes,
  };
}

class Comparison {
  readonly differences: Difference[] = [];
  readonly dropped: number[] = [];
  windows = 0;
  count = 0;

  add(difference: Difference): void {
    this.count++;
    if (this.differences.length < MAX_LISTED) this.differences.push(difference);
  }

  compare(where: string, stored: Event, recomputed: Event, leaveOut: readonly string[]): void {
    for (const field of new Set([...Object.keys(stored), ...Object.keys(recomputed)])) {
      if (leaveOut.includes(field) || isSame(stored[field], recomputed[field])) continue;
      this.add({ where, field, stored: stored[field], recomputed: recomputed[field] });
    }
  }
}

function compareWindows(
  session: StoredSession,
  stored: readonly Event[],
  recomputed: readonly Event[],
  comparison: Comparison,
  notes: string[],
): void {
  const byStart = new Map(recomputed.map((window) => [startOf(window), window]));
  const unclear = unclearSpans(session);
  const isUnclear = (window: Event) => {
    const [start, end] = [Number(window.startSeconds), Number(window.endSeconds)];
    return unclear.some((span) => start < span.untilSeconds && end > span.fromSeconds);
  };
  // What a hole swallows shifts the numbers of the windows behind it.
  const leaveOut = session.notStored.length > 0 ? ['kind', 'index'] : ['kind'];
  let beyond = 0;
  let notComparable = 0;
  for (const window of stored) {
    const start = startOf(window);
    const again = byStart.get(start);
    byStart.delete(start);
    const where = `window ${String(window.index)} (${start} s)`;
    if (isUnclear(window)) notComparable++;
    else if (typeof window.dropped === 'string') comparison.dropped.push(Number(window.index));
    else if (again !== undefined) {
      comparison.windows++;
      comparison.compare(where, window, again, leaveOut);
    } else if (session.state !== 'finished' && Number(window.endSeconds) > session.durationSeconds) beyond++;
    else comparison.add({ where, field: 'kind', stored: 'window', recomputed: undefined });
  }
  const further = [...byStart.values()].filter((window) => !isUnclear(window));
  if (session.state === 'finished') {
    for (const window of further) {
      const where = `window ${String(window.index)} (${startOf(window)} s)`;
      comparison.add({ where, field: 'kind', stored: undefined, recomputed: 'window' });
    }
  } else if (further.length > 0) {
    notes.push(`${further.length} windows come out that were not recorded any more`);
  }
  if (comparison.dropped.length > 0) {
    notes.push(
      `${comparison.dropped.length} windows were not scored when recorded: ${comparison.dropped.join(', ')}`,
    );
  }
  if (beyond > 0) notes.push(`${beyond} windows were recorded of samples that are missing`);
  if (notComparable > 0) {
    notes.push(
      `${notComparable} windows lie where a slow disk left a hole in the stored samples, or behind it`,
    );
  }
}

/** From every hole of the disk's making up to the next gap of the source: there the filters begin anew again. */
function unclearSpans(session: StoredSession): { fromSeconds: number; untilSeconds: number }[] {
  const { sampleRateHz } = session.description.storage;
  return session.notStored
    .filter(({ arrivedSamples, lostSamples }) => arrivedSamples + lostSamples > 0)
    .map((hole) => {
      const next = session.gaps.find(
        (gap) =>
          gap.atSample >= hole.atSample + hole.lostSamples &&
          !session.notStored.some(({ atSample }) => atSample === gap.atSample),
      );
      const until = next === undefined ? Infinity : next.atSample;
      return { fromSeconds: hole.atSample / sampleRateHz, untilSeconds: until / sampleRateHz };
    });
}

/** @returns whether the final verdict could be compared */
function compareFinal(
  session: StoredSession,
  recomputed: Event | null,
  comparison: Comparison,
  notes: string[],
): boolean {
  const stored = session.result?.final ?? null;
  if (session.state !== 'finished') {
    notes.push(`the session is ${session.state}, so that it has no final verdict on just the stored samples`);
  } else if (stored === null) notes.push('the recording ended without a final verdict');
  else if (comparison.dropped.length > 0 || session.notStored.length > 0) {
    notes.push('the final verdict was given on other windows than those that can be recomputed');
  } else {
    // The same samples have another path now; sessions from before profiles do not say that there was none.
    const [before, now] = [stored, recomputed ?? {}].map((final) => ({ stethoscope: null, ...final }));
    // Older versions did not look for the rhythm.
    const unknown = stored.rhythm === undefined ? ['rhythm'] : [];
    comparison.compare('final', before, now, ['kind', 'file', ...unknown]);
    return true;
  }
  return false;
}

function startOf(window: Event): number {
  return Math.round(Number(window.startSeconds) * 1e6) / 1e6;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= TOLERANCE;
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(a[key], b[key]));
  }
  return isDeepStrictEqual(a, b);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Another model gives other probabilities, which would say nothing of the session. */
function refuseOtherModel({ description }: StoredSession, { model }: Pick<Screener, 'model'>): void {
  const { contract, contractPath } = model;
  if (description.model.sha256 === contract.sha256) return;
  throw new ModelError(
    `the session was screened with the model ${description.model.sha256}, but ${contractPath} is ` +
      `${contract.sha256}; name the contract of that model with --model`,
  );
}
