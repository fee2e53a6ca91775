/** First and second heart sounds: the states of frames, the cycle that is likeliest to make them, and the sounds in it. */
import { likeliestPaths } from './heart-cycle';
import {
  AT,
  begin,
  ENTRIES,
  ENTRIES_ROW,
  ENVELOPES,
  FRAMES,
  HISTORY,
  LENGTHS,
  LONGEST,
  POSTERIORS,
  REFERENCE,
  ROOM,
  RUN,
  setBeat,
  SUMS,
  TABLES,
} from './heart-sounds-state';
import { judgeFrames } from './heart-states';
import { handOut, SEGMENTS_BYTES } from './heart-trace';

export { heartSoundsLength } from './heart-sounds-state';

const INPUTS = 45;
/** Bytes of a judged frame: four posteriors, four log-likelihoods. */
const JUDGED_BYTES: usize = 64;

/** A stretch's first frames are judged when so many are known, so that there is something to measure against. */
const FIRST_REFERENCE = 150;
/** Frames that must follow the one judged. */
const LOOK_AHEAD = 15;
/** Below any converter's last bit: keeps the logarithm of digital silence finite. */
const LEAST_ENERGY: f64 = 1e-14;

/** Frames between two looks back along the path. */
const STEP = 25;
/** A sound is handed out when so many frames after its end do not change it any more. */
const SETTLED = 25;

// What is worked with, in bytes: scalings and rows of frames that are judged at once, then segments, then what the network takes.
const MOST_JUDGED: usize = FIRST_REFERENCE + STEP;
const SCALING_BYTES: usize = 48 * MOST_JUDGED;
const SEGMENTS: usize = SCALING_BYTES + MOST_JUDGED * JUDGED_BYTES;
const NETWORK_WORK: usize = SEGMENTS + SEGMENTS_BYTES;

/** Bytes that `heartSounds` and `lastHeartSounds` work with, for a network of `hidden` units. */
export function heartSoundsWork(hidden: i32): i32 {
  return <i32>NETWORK_WORK + 16 * (INPUTS + hidden);
}

/**
 * Takes frames up to the end of a step, and finds the sounds that they settle. A hidden semi-Markov model after Springer,
 * Tarassenko & Clifford (IEEE Trans. Biomed. Eng. 63, 2016): durations are normal about means that follow from the heart
 * rate, with a share of unruly ones. Its forward pass is incremental.
 *
 * @param frames the energies first in rows of `rowBytes` bytes, at most a step's
 * @param beat seconds of one, 0 where unknown, and `confidence` that it is right: of the last frame on, where the step is complete
 * @param network, hidden, likelihoodScale see `heart-states.ts`
 * @param work room as `heartSoundsWork` says
 * @param output room for `[160][4]` float64: 0 for a first sound and 1 for a second, its first frame and the one after its last,
 *   the mean of its posteriors
 * @returns how many sounds
 */
export function heartSounds(
  frames: usize,
  count: i32,
  rowBytes: usize,
  state: usize,
  isComplete: bool,
  beat: f64,
  confidence: f64,
  network: usize,
  hidden: i32,
  likelihoodScale: f64,
  work: usize,
  output: usize,
): i32 {
  if (load<i32>(state) === 0) begin(state);
  const judged = work + SCALING_BYTES;
  // The frame that completes a step is judged with the durations that follow from it.
  const before = isComplete ? count - 1 : count;
  let to = output;
  for (let part = 0; part < 2; part++) {
    const some = part === 0 ? before : count - before;
    if (some === 0) continue;
    if (part === 1) setBeat(state, beat, confidence);
    const known = judge(
      frames,
      some,
      rowBytes,
      state,
      FIRST_REFERENCE,
      LOOK_AHEAD,
      network,
      hidden,
      likelihoodScale,
      work,
    );
    to = decode(judged, known, state, work, to);
    frames += rowBytes * some;
  }
  return <i32>((to - output) >> 5);
}

/** The sounds that the end of the stretch leaves open, as `heartSounds` finds them. The state must begin anew after it. */
export function lastHeartSounds(
  state: usize,
  network: usize,
  hidden: i32,
  likelihoodScale: f64,
  work: usize,
  output: usize,
): i32 {
  if (load<i32>(state) === 0) return 0;
  const known = judge(0, 0, 0, state, 0, 0, network, hidden, likelihoodScale, work);
  const to = decode(work + SCALING_BYTES, known, state, work, output);
  return <i32>((handOut(state, i32.MAX_VALUE, work + SEGMENTS, to) - output) >> 5);
}

function judge(
  frames: usize,
  count: i32,
  rowBytes: usize,
  state: usize,
  leastFrames: i32,
  lookAhead: i32,
  network: usize,
  hidden: i32,
  likelihoodScale: f64,
  work: usize,
): i32 {
  return judgeFrames(
    frames,
    count,
    rowBytes,
    state + ENVELOPES,
    REFERENCE,
    LEAST_ENERGY,
    leastFrames,
    lookAhead,
    work,
    network,
    INPUTS,
    hidden,
    likelihoodScale,
    work + NETWORK_WORK,
    work + SCALING_BYTES,
  );
}

/** Follows judged frames, and hands out what each step of them settles. @returns where the output ends */
function decode(judged: usize, count: i32, state: usize, work: usize, output: usize): usize {
  let frames = load<i32>(state + FRAMES);
  for (const end = judged + JUDGED_BYTES * count; judged < end;) {
    const some = min(<i32>((end - judged) / JUDGED_BYTES), STEP - (frames % STEP));
    let at = load<i32>(state + AT);
    const entries = state + ENTRIES;
    if (at + some > RUN) {
      for (let row = entries; row < state + POSTERIORS; row += ENTRIES_ROW) {
        memory.copy(row, row + 8 * at, 8 * ROOM);
      }
      at = 0;
    }
    likeliestPaths(
      judged,
      some,
      frames,
      state + TABLES,
      ROOM,
      LONGEST,
      state + SUMS,
      entries + 8 * at,
      ENTRIES_ROW,
      state + LENGTHS,
      HISTORY,
    );
    for (let i = 0; i < some; i++, frames++, judged += JUDGED_BYTES) {
      const to = state + POSTERIORS + 16 * (frames % HISTORY);
      store<f64>(to, load<f64>(judged));
      store<f64>(to, load<f64>(judged, 16), 8);
    }
    store<i32>(state + AT, at + some);
    store<i32>(state + FRAMES, frames);
    if (frames % STEP === 0) output = handOut(state, frames - SETTLED, work + SEGMENTS, output);
  }
  return output;
}
