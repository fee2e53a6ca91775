/** What is kept of a stretch while heart sounds are looked for in it, and the durations that they are judged by. */
import { durationTable } from './heart-cycle';

export const STATES = 4;
/** Frames whose mean and deviation envelopes are measured against. */
export const REFERENCE = 400;

/** Frames that can be traced back. */
export const HISTORY = 512;
/** Longest duration of the states in frames: diastole of a heart at 30 a minute takes 1.6 s. */
export const LONGEST = memory.data<i32>([10, 24, 9, 84]);
const SHORTEST = memory.data<i32>([3, 2, 2, 4]);
export const LONGEST_OF_ALL = 84;
/** Room for the longest and for the newest frame's end beside it; even, as durations are taken by twos. */
export const ROOM = LONGEST_OF_ALL + 2;
/** Ends of frames that are written before the last ones are moved to the front. */
export const RUN = 256;
/** Share of intervals that follow no rule: ectopic beats, a wrong rate. */
const UNRULY: f64 = 0.05;
const FRAME_RATE: f64 = 50;
/** Without a heart rate: a resting heart's, loosely. */
const UNKNOWN_BEAT: f64 = 0.8;
const UNKNOWN_DOUBT: f64 = 0.25;

// The state, in bytes: int32 `isBegun`, `frames` decoded, `at`, where the entries of the frames before the next begin in their
// rows, and `handedOut`, the end of the segment handed out last; the beat and its confidence; then what the names below say.
export const FRAMES: usize = 4;
export const AT: usize = 8;
export const HANDED_OUT: usize = 12;
const BEAT: usize = 16;
const CONFIDENCE: usize = 24;
/** `[4][2][ROOM]`, log-probabilities of durations, see durationTable. */
export const TABLES: usize = 32;
export const TABLES_BYTES: usize = 16 * ROOM;
/** `[4]`, sums of log-likelihoods so far. */
export const SUMS: usize = TABLES + TABLES_BYTES * STATES;
/** `[4][ROOM + RUN]`, see likeliestPaths. */
export const ENTRIES: usize = SUMS + 8 * STATES;
export const ENTRIES_ROW: usize = 8 * (ROOM + RUN);
/** `[HISTORY][2]`, a ring: the posteriors of the first and of the second sound. */
export const POSTERIORS: usize = ENTRIES + ENTRIES_ROW * STATES;
/** `[HISTORY][4]` of uint8, a ring: see likeliestPaths. */
export const LENGTHS: usize = POSTERIORS + 16 * HISTORY;
/** See judgeFrames. */
export const ENVELOPES: usize = LENGTHS + STATES * HISTORY;
const ENVELOPES_HEADER: usize = 64;
const STATE_BYTES: usize = ENVELOPES + ENVELOPES_HEADER + 2 * REFERENCE * 24;

/** Float64 of the state of `heartSounds`, all 0 where a stretch begins; of it the first only need be. */
export function heartSoundsLength(): i32 {
  return <i32>(STATE_BYTES / 8);
}

export function begin(state: usize): void {
  memory.fill(state, 0, TABLES);
  store<i32>(state, 1);
  memory.fill(state + SUMS, 0, 8 * STATES);
  memory.fill(state + ENVELOPES, 0, ENVELOPES_HEADER);
  for (let at = state + ENTRIES; at < state + POSTERIORS; at += 8) store<f64>(at, -Infinity);
  // Means and deviations of the hand-corrected beats; see tools/quality/README.md.
  setDuration(state, 0, 0.124, 0.02);
  setDuration(state, 2, 0.1, 0.018);
  setDurations(state, UNKNOWN_BEAT, UNKNOWN_DOUBT);
}

export function setBeat(state: usize, beat: f64, confidence: f64): void {
  if (beat === load<f64>(state + BEAT) && confidence === load<f64>(state + CONFIDENCE)) return;
  store<f64>(state + BEAT, beat);
  store<f64>(state + CONFIDENCE, confidence);
  if (beat === 0) setDurations(state, UNKNOWN_BEAT, UNKNOWN_DOUBT);
  else setDurations(state, beat, 0.02 + 0.15 * (1 - confidence));
}

/** Of systole and diastole; those of the sounds do not depend on the beat. */
function setDurations(state: usize, beat: f64, doubt: f64): void {
  const interval = 0.131 + 0.2165 * beat;
  setDuration(state, 1, interval - 0.124, 0.03 + doubt * 0.2);
  setDuration(state, 3, beat - interval - 0.1, 0.04 * beat + doubt * beat);
}

function setDuration(state: usize, which: i32, mean: f64, deviation: f64): void {
  const table = state + TABLES + TABLES_BYTES * which;
  const shortest = load<i32>(SHORTEST + 4 * which);
  const longest = load<i32>(LONGEST + 4 * which);
  durationTable(
    mean * FRAME_RATE,
    deviation * FRAME_RATE,
    shortest,
    longest,
    ROOM,
    UNRULY,
    table,
    table + 8 * ROOM,
  );
}
