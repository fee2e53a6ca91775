import { butterworthBandPass } from '../../condition/butterworth.js';
import { SosFilter } from '../../condition/second-order-sections.js';
import type { StoredSession } from '../../record/stored-session.js';

/** The filter settles in a fraction of this. */
const RUN_IN_SECONDS = 1;

export interface TraceColumnsOptions {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly columns: number;
}

/**
 * The least and the greatest amplitude in each of `columns` equal pieces of time, in the band that the model heard, so
 * that a stored trace looks as the live one did.
 *
 * @returns `[2 * columns]`, least and greatest in turns; NaN for a piece of time that holds no sample
 * @throws SessionError where the files cannot be read
 */
export async function traceColumns(
  session: StoredSession,
  { fromSeconds, toSeconds, columns }: TraceColumnsOptions,
): Promise<Float32Array> {
  const { sampleRateHz } = session.description.storage;
  const extremes = new Float32Array(2 * columns).fill(NaN);
  const from = Math.round(fromSeconds * sampleRateHz);
  const to = Math.round(toSeconds * sampleRateHz);
  const columnsPerSample = columns / Math.max(1, to - from);
  const { order, lowHz, highHz: modelHighHz } = session.hearing.band;
  const highHz = Math.min(modelHighHz, 0.45 * sampleRateHz);
  const filter = new SosFilter(butterworthBandPass({ order, lowHz, highHz, sampleRateHz }));
  for (const piece of session.pieces) {
    if (piece.kind === 'gap') continue;
    const end = Math.min(piece.firstSample + piece.samples, to);
    const begin = Math.max(piece.firstSample, from - RUN_IN_SECONDS * sampleRateHz);
    if (begin >= end) continue;
    let isPrimed = false;
    let index = begin;
    const stored = piece.storedFrom - piece.firstSample;
    for await (const samples of session.files.amplitudes(begin + stored, end + stored)) {
      if (!isPrimed) filter.prime(samples[0]);
      isPrimed = true;
      filter.execute(samples, samples);
      for (let i = 0; i < samples.length; i++, index++) {
        if (index < from) continue;
        const column = 2 * Math.min(columns - 1, Math.floor((index - from) * columnsPerSample));
        // Comparisons with NaN are false: the first sample of a column always counts.
        if (!(extremes[column] <= samples[i])) extremes[column] = samples[i];
        if (!(extremes[column + 1] >= samples[i])) extremes[column + 1] = samples[i];
      }
    }
  }
  return extremes;
}
