/** The way back along the likeliest path, and the heart sounds on it. */
import {
  AT,
  ENTRIES,
  ENTRIES_ROW,
  FRAMES,
  HANDED_OUT,
  HISTORY,
  LENGTHS,
  LONGEST,
  LONGEST_OF_ALL,
  POSTERIORS,
  ROOM,
  STATES,
  SUMS,
  TABLES,
  TABLES_BYTES,
} from './heart-sounds-state';

/** Bytes of the segments that are traced back at most. */
export const SEGMENTS_BYTES: usize = 8 * HISTORY;

/**
 * Hands out sounds that begin after the last one handed out and end by `settled`, of the likeliest segments up to the newest
 * frame, as far back as the history reaches.
 *
 * @param segments room to trace back
 * @returns where the output ends
 */
export function handOut(state: usize, settled: i32, segments: usize, output: usize): usize {
  const frames = load<i32>(state + FRAMES);
  let handedOut = load<i32>(state + HANDED_OUT);
  const oldest = max(handedOut, max(0, frames - HISTORY + 1 + LONGEST_OF_ALL));
  let segment = unfinished(state, segments);
  let which = load<i32>(segment);
  let end = frames;
  // From the newest to the oldest: state and length.
  while (end > oldest) {
    end -= load<i32>(segment, 4);
    segment += 8;
    which = (which + STATES - 1) & (STATES - 1);
    store<i32>(segment, which);
    store<i32>(segment, <i32>load<u8>(state + LENGTHS + STATES * (end % HISTORY) + which), 4);
  }
  for (let start = end; segment > segments; start = end) {
    segment -= 8;
    which = load<i32>(segment);
    end = start + load<i32>(segment, 4);
    if (end > settled) break;
    if (start < handedOut) continue;
    handedOut = end;
    // Where the stretch begins, half a sound may be missing.
    if (start === 0 || (which & 1) !== 0) continue;
    let sum: f64 = 0;
    for (let frame = start; frame < end; frame++) {
      sum += load<f64>(state + POSTERIORS + 16 * (frame % HISTORY) + 4 * which);
    }
    store<f64>(output, <f64>(which >> 1));
    store<f64>(output, <f64>start, 8);
    store<f64>(output, <f64>end, 16);
    store<f64>(output, sum / <f64>(end - start), 24);
    output += 32;
  }
  store<i32>(state + HANDED_OUT, handedOut);
  return output;
}

/** Writes the state that the likeliest path is in at the newest frame, and for how many frames it has been so: two int32. */
function unfinished(state: usize, to: usize): usize {
  const frames = load<i32>(state + FRAMES);
  let highest: f64 = -Infinity;
  let likeliest = 0;
  let length = 0;
  for (let which = 0; which < STATES; which++) {
    const entry = state + ENTRIES + ENTRIES_ROW * which + 8 * (load<i32>(state + AT) + ROOM - 1);
    const survival = state + TABLES + TABLES_BYTES * (which + 1);
    const sum = load<f64>(state + SUMS + 8 * which);
    const most = min(load<i32>(LONGEST + 4 * which), frames);
    for (let d = 1; d <= most; d++) {
      const entered = d === frames ? 0 : load<f64>(entry - 8 * d);
      const score = entered + load<f64>(survival - 8 * d) + sum;
      if (score > highest) {
        highest = score;
        likeliest = which;
        length = d;
      }
    }
  }
  store<i32>(to, likeliest);
  store<i32>(to, length, 4);
  return to;
}
