import { conditioningDelaySeconds, conditioningFor } from '../../../classify/conditioning.js';
import { Conditioner, ConditioningTables } from '../../../condition/conditioner.js';
import type { StoredSession } from '../../../record/stored-session.js';

/** Filter and resampler settle in a fraction of this. */
const RUN_IN_SECONDS = 1;
/** Little enough to be conditioned between two reads of a stethoscope's line. */
const PIECE_SAMPLES = 8192;

export interface ConditionedPiece {
  readonly startSeconds: number;
  readonly samples: Float64Array;
}

/**
 * A session's samples from `fromSeconds` to `toSeconds` as the live page draws them: through the band and at the rate
 * that its model heard, the decimation's delay taken out. Other work goes on between two pieces.
 *
 * @returns pieces in order; `samples` are only good until the next one
 * @throws SessionError where the files cannot be read. ConfigurationError for a rate that cannot be conditioned
 */
export async function* conditionedBetween(
  session: StoredSession,
  fromSeconds: number,
  toSeconds: number,
): AsyncGenerator<ConditionedPiece, void, undefined> {
  const { sampleRateHz } = session.description.storage;
  const { sampleRateHz: modelRateHz } = session.hearing;
  const design = conditioningFor({ input: session.hearing }, sampleRateHz);
  const tables = new ConditioningTables(design);
  const delaySeconds = conditioningDelaySeconds({ input: session.hearing }, sampleRateHz);
  // From a multiple of this on the resampler's outputs stand where they stand for the whole stretch.
  const step = sampleRateHz / greatestCommonDivisor(sampleRateHz, modelRateHz);
  const to = Math.ceil((toSeconds + delaySeconds) * sampleRateHz) + 1;
  for (const piece of session.pieces) {
    if (piece.kind === 'gap') continue;
    const wanted = Math.floor((fromSeconds - RUN_IN_SECONDS) * sampleRateHz) - piece.firstSample;
    const begin = Math.max(0, step * Math.floor(wanted / step));
    const end = Math.min(piece.samples, to - piece.firstSample);
    if (begin >= end) continue;
    const conditioner = new Conditioner(tables);
    const origin = (piece.firstSample + begin) / sampleRateHz - delaySeconds;
    // Before the stretch began there was nothing; what the filter remembers of it is no sound.
    const audibleFrom = Math.max(piece.firstSample / sampleRateHz, fromSeconds);
    let made = 0;
    for await (const block of session.files.amplitudes(piece.storedFrom + begin, piece.storedFrom + end)) {
      for (let at = 0; at < block.length; at += PIECE_SAMPLES) {
        const samples = conditioner.execute(block.subarray(at, at + PIECE_SAMPLES));
        const startSeconds = origin + made / modelRateHz;
        made += samples.length;
        const early = Math.max(0, Math.ceil((audibleFrom - startSeconds) * modelRateHz - 0.5));
        if (early < samples.length) {
          yield { startSeconds: startSeconds + early / modelRateHz, samples: samples.subarray(early) };
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
