import type { StoredSession } from '../../record/stored-session.js';
import { Spectrogram } from '../../report/spectrogram.js';
import { heardSamples } from './heard-samples.js';
import type { TraceColumnsOptions } from './session-trace.js';

export const SPECTROGRAM_ROWS = 96;
/** What lies so far below the loudest is the lowest level, as on the live page. */
const RANGE_DB = 50;

/**
 * Levels by time and frequency, in the band that the model heard.
 *
 * @returns `[columns][SPECTROGRAM_ROWS]`, the lowest frequency first: 0 where nothing was heard, else 1 (quiet) to 255,
 * the loudest of what is shown. A column narrower than a frame's hop repeats the one before it
 * @throws SessionError where the files cannot be read
 */
export async function spectrogramColumns(
  session: StoredSession,
  { fromSeconds, toSeconds, columns }: TraceColumnsOptions,
): Promise<Uint8Array> {
  const { sampleRateHz } = session.description.storage;
  const { lowHz, highHz: modelHighHz } = session.hearing.band;
  const highHz = Math.min(modelHighHz, 0.45 * sampleRateHz);
  const from = Math.round(fromSeconds * sampleRateHz);
  const to = Math.round(toSeconds * sampleRateHz);
  const durationSeconds = Math.max(1, to - from) / sampleRateHz;
  const spectrogram = new Spectrogram({ sampleRateHz, durationSeconds, columns, lowHz, highHz });
  /** Columns that hold a sample: what is missing in them is only that no frame's middle fell there. */
  const isHeard = new Uint8Array(columns);
  for await (const { first, samples, follows } of heardSamples(session, from, to)) {
    if (!follows) spectrogram.endStretch();
    spectrogram.push((first - from) / sampleRateHz, samples);
    const column = (index: number) =>
      Math.max(0, Math.min(columns - 1, Math.floor(((index - from) / Math.max(1, to - from)) * columns)));
    isHeard.fill(1, column(first), column(first + samples.length - 1) + 1);
  }
  const { bands } = spectrogram;
  const decibels = spectrogram.decibels();
  const levels = new Uint8Array(columns * SPECTROGRAM_ROWS);
  for (let column = 0; column < columns; column++) {
    if (isHeard[column] === 0) continue;
    const at = column * SPECTROGRAM_ROWS;
    if (Number.isNaN(decibels[column])) {
      if (column > 0) levels.copyWithin(at, at - SPECTROGRAM_ROWS, at);
      continue;
    }
    for (let row = 0; row < SPECTROGRAM_ROWS; row++) {
      const band = Math.min(bands - 1, Math.floor(((row + 0.5) / SPECTROGRAM_ROWS) * bands));
      const share = 1 + decibels[band * columns + column] / RANGE_DB;
      levels[at + row] = 1 + Math.round(254 * Math.max(0, Math.min(1, share)));
    }
  }
  return levels;
}
