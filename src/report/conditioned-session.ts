import { from, type Observable } from 'rxjs';
import { bandPass } from '../condition/band-pass.js';
import type { Conditioned } from '../condition/conditioned.js';
import { decimate } from '../condition/decimate.js';
import { RationalResampler } from '../condition/rational-resampler.js';
import type { StoredSession } from '../record/stored-session.js';

/** The chain that a model of 1,000 Hz hears through, so that what is shown is what was judged. */
export const CONDITIONED_RATE_HZ = 1000;
export const BAND = { order: 4, lowHz: 25, highHz: 400 };
const ANTI_ALIAS = { passHz: 400, stopHz: 600, stopbandDb: 80 };

/**
 * A session's samples, band-passed and at 1,000 Hz.
 *
 * @returns them, and when on the recording's time axis a sample of a stretch was heard: the decimation's delay is
 * taken out, the band-pass filter's own few milliseconds are not
 * @throws ConfigurationError for a rate that cannot be conditioned
 */
export function conditionSession(session: StoredSession): {
  readonly conditioned$: Observable<Conditioned>;
  readonly secondsOf: (stretchStart: number, conditionedSeconds: number) => number;
} {
  const { sampleRateHz } = session.description.storage;
  const conversion = { inputRateHz: sampleRateHz, outputRateHz: CONDITIONED_RATE_HZ, antiAlias: ANTI_ALIAS };
  const { delaySeconds } = new RationalResampler(conversion);
  return {
    conditioned$: from(session.sampled()).pipe(bandPass({ ...BAND, sampleRateHz }), decimate(conversion)),
    secondsOf: (stretchStart, conditionedSeconds) =>
      stretchStart / sampleRateHz + conditionedSeconds - delaySeconds,
  };
}
