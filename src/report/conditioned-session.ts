import { from, type Observable } from 'rxjs';
import { conditioningDelaySeconds, conditioningFor } from '../classify/conditioning.js';
import { bandPass } from '../condition/band-pass.js';
import type { Conditioned } from '../condition/conditioned.js';
import { decimate } from '../condition/decimate.js';
import type { StoredSession } from '../record/stored-session.js';

/**
 * A session's samples through the band and at the rate that its model heard, so that what is shown is what was judged.
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
  const conditioning = conditioningFor({ input: session.hearing }, sampleRateHz);
  const delaySeconds = conditioningDelaySeconds({ input: session.hearing }, sampleRateHz);
  return {
    conditioned$: from(session.sampled()).pipe(
      bandPass(conditioning.bandPass),
      decimate(conditioning.decimate),
    ),
    secondsOf: (stretchStart, conditionedSeconds) =>
      stretchStart / sampleRateHz + conditionedSeconds - delaySeconds,
  };
}
