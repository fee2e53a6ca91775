import { butterworthBandPass } from '../../condition/butterworth.js';
import { SosFilter } from '../../condition/second-order-sections.js';
import type { StoredSession } from '../../record/stored-session.js';

/** The filter settles in a fraction of this. */
const RUN_IN_SECONDS = 1;

export interface HeardPiece {
  /** Of the first sample on the time axis, which counts lost samples. */
  readonly first: number;
  /** Only until the next piece. */
  readonly samples: Float64Array;
  /** Nothing is missing between this piece and the one before it. */
  readonly follows: boolean;
}

/**
 * A session's samples from `from` to `to` on its time axis, at their own rate, in the band that the model heard.
 *
 * @throws SessionError where the files cannot be read
 */
export async function* heardSamples(
  session: StoredSession,
  from: number,
  to: number,
): AsyncGenerator<HeardPiece, void, undefined> {
  const { sampleRateHz } = session.description.storage;
  const { order, lowHz, highHz: modelHighHz } = session.hearing.band;
  const highHz = Math.min(modelHighHz, 0.45 * sampleRateHz);
  const filter = new SosFilter(butterworthBandPass({ order, lowHz, highHz, sampleRateHz }));
  for (const piece of session.pieces) {
    if (piece.kind === 'gap') continue;
    const end = Math.min(piece.firstSample + piece.samples, to);
    const begin = Math.max(piece.firstSample, from - RUN_IN_SECONDS * sampleRateHz);
    if (begin >= end) continue;
    let isFirst = true;
    let follows = false;
    let index = begin;
    const stored = piece.storedFrom - piece.firstSample;
    for await (const samples of session.files.amplitudes(begin + stored, end + stored)) {
      if (isFirst) filter.prime(samples[0]);
      isFirst = false;
      filter.execute(samples, samples);
      const skipped = Math.max(0, from - index);
      if (skipped < samples.length) {
        yield { first: index + skipped, samples: samples.subarray(skipped), follows };
        follows = true;
      }
      index += samples.length;
    }
  }
}
