import type { StoredSession } from '../../record/stored-session.js';
import { heardSamples } from './heard-samples.js';

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
  for await (const { first, samples } of heardSamples(session, from, to)) {
    for (let i = 0; i < samples.length; i++) {
      const column = 2 * Math.min(columns - 1, Math.floor((first + i - from) * columnsPerSample));
      // Comparisons with NaN are false: the first sample of a column always counts.
      if (!(extremes[column] <= samples[i])) extremes[column] = samples[i];
      if (!(extremes[column + 1] >= samples[i])) extremes[column + 1] = samples[i];
    }
  }
  return extremes;
}
