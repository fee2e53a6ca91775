/** What signal quality looks back on, kept in one call: each from JavaScript would cost as much as what it does. */
import {
  BINS_AT,
  BINS_KEPT,
  BIN_COUNT,
  BIN_SAMPLES,
  BLOCKS_KEPT,
  BLOCK_BEGUN,
  BLOCK_COUNT,
  BLOCK_SAMPLES,
  COLUMNS_AT,
  FRAME,
  FRAMES_AT,
  FRAMES_END,
  FRAMES_KEPT,
  FRAME_COUNT,
  MAINS,
  MAINS_BYTES,
  MAINS_COUNT,
  SAMPLES_AT,
  SAMPLES_END,
  SAMPLES_KEPT,
  WORK_AT,
  number,
  place,
  setNumber,
} from './kept-stretch';
import { exactLogarithm10 } from './logarithms64';
import { envelopeBins } from './loud-sounds';
import { mainsBlocks } from './mains';

/** Keeps logarithms of digital silence finite. */
const LEAST_ENERGY: f64 = 1e-20;

// Numbers of a frame, as envelopeFrames writes them.
const LOW = 0;
const MID = 8;
const HIGH = 16;
const SQUARE = 24;
const FOURTH = 32;
/** Columns, each a history: see {@link column}. */
const COLUMNS = 5;

/**
 * @param samples conditioned, contiguous with those before
 * @param frames that {@link envelopeFrames} made of them
 */
export function keepStretch(samples: usize, count: i32, frames: usize, frameCount: i32, kept: usize): void {
  keepBlocks(samples, count, kept);
  const bins = envelopeBins(
    samples,
    count,
    number(kept, BIN_SAMPLES),
    number(kept, BINS_KEPT),
    place(kept, BINS_AT),
  );
  setNumber(kept, BIN_COUNT, number(kept, BIN_COUNT) + bins);
  keepSamples(samples, count, kept);
  keepFrames(frames, frameCount, kept);
}

function keepSamples(samples: usize, count: i32, kept: usize): void {
  const most = number(kept, SAMPLES_KEPT);
  const history = place(kept, SAMPLES_AT);
  let end = number(kept, SAMPLES_END);
  if (count > most) {
    samples += 8 * (count - most);
    count = most;
  }
  if (end + count > 2 * most) {
    memory.copy(history, history + 8 * (end - most), 8 * most);
    end = most;
  }
  memory.copy(history + 8 * end, samples, 8 * count);
  setNumber(kept, SAMPLES_END, end + count);
}

function keepBlocks(samples: usize, count: i32, kept: usize): void {
  const blockSamples = number(kept, BLOCK_SAMPLES);
  const keep = number(kept, BLOCKS_KEPT);
  const begun = number(kept, BLOCK_BEGUN);
  const blocks = number(kept, BLOCK_COUNT);
  for (let i = 0; i < MAINS_COUNT; i++) {
    const mains = kept + MAINS + MAINS_BYTES * i;
    mainsBlocks(
      samples,
      count,
      begun,
      blockSamples,
      blocks,
      keep,
      number(mains, 0),
      number(mains, 8),
      kept + <usize>number(mains, 16),
      place(kept, WORK_AT),
    );
  }
  setNumber(kept, BLOCK_COUNT, blocks + (begun + count) / blockSamples);
  setNumber(kept, BLOCK_BEGUN, (begun + count) % blockSamples);
}

function keepFrames(frames: usize, count: i32, kept: usize): void {
  const keep = number(kept, FRAMES_KEPT);
  const rows = place(kept, FRAMES_AT);
  const columns = place(kept, COLUMNS_AT);
  const history = 16 * keep;
  let end = number(kept, FRAMES_END);
  for (const stop = frames + FRAME * count; frames < stop; frames += FRAME) {
    if (end === 2 * keep) {
      memory.copy(rows, rows + FRAME * keep, FRAME * keep);
      for (let from = columns; from < columns + COLUMNS * history; from += history) {
        memory.copy(from, from + 8 * keep, 8 * keep);
      }
      end = keep;
    }
    memory.copy(rows + FRAME * end, frames, FRAME);
    const to = columns + 8 * end++;
    const lower = load<f64>(frames, LOW) + load<f64>(frames, MID);
    store<f64>(to, lower);
    store<f64>(to + history, load<f64>(frames, HIGH));
    store<f64>(to + 2 * history, load<f64>(frames, SQUARE));
    store<f64>(to + 3 * history, load<f64>(frames, FOURTH));
    store<f64>(to + 4 * history, exactLogarithm10(lower + LEAST_ENERGY));
  }
  setNumber(kept, FRAMES_END, end);
  setNumber(kept, FRAME_COUNT, number(kept, FRAME_COUNT) + count);
}
