import type { GapCause } from '../../src/decode/samples.js';
import type { StoredSession } from '../../src/record/stored-session.js';

/** Where every sample of a stored session went, against what the device played. */
export interface Account {
  readonly storedSamples: number;
  readonly gaps: number;
  readonly lostSamples: Readonly<Record<GapCause, number>>;
  /** Samples of the device's time while it was away and numbered anew; its host cannot know how many. */
  readonly unknowableSamples: number;
  /** What does not add up, a sentence each. */
  readonly faults: readonly string[];
}

/**
 * Compares every stored sample with the one that the device had at that place.
 *
 * @param played the recording that the device plays again and again, amplitudes of whole 16-bit integers
 * @param startedAt where in the stream the device began with index 0, in order
 */
export async function accountFor(
  session: StoredSession,
  played: Float64Array,
  startedAt: readonly number[],
): Promise<Account> {
  const lostSamples = { lost: 0, overrun: 0, reconnect: 0, restart: 0 };
  const faults: string[] = [];
  let storedSamples = 0;
  let gaps = 0;
  let next = 0;
  /** Place in the stream less place on the time axis. */
  let offset = startedAt[0];
  let begun = 0;
  let unknowableSamples = 0;
  let newNumberingAt: number | undefined;

  for await (const value of session.sampled()) {
    const at = value.kind === 'gap' ? value.atSample : value.firstSample;
    if (at !== next) faults.push(`at sample ${next} comes what stands at ${at}`);
    if (value.kind === 'gap') {
      gaps++;
      lostSamples[value.cause] += value.lostSamples;
      next = at + value.lostSamples;
      if (value.cause === 'reconnect' || value.cause === 'restart') newNumberingAt ??= at;
      continue;
    }
    const { samples } = value;
    if (newNumberingAt !== undefined && !isAt(samples, at + offset, played)) {
      const origin = newNumberingAt;
      const found = startedAt.findIndex(
        (start, run) => run > begun && isAt(samples, at + start - origin, played),
      );
      if (found > 0) {
        begun = found;
        unknowableSamples += startedAt[found] - origin - offset;
        offset = startedAt[found] - origin;
      }
    }
    newNumberingAt = undefined;
    if (!isAt(samples, at + offset, played)) {
      faults.push(`the ${samples.length} samples from ${at} on are not those that the device had there`);
    }
    storedSamples += samples.length;
    next = at + samples.length;
  }
  return { storedSamples, gaps, lostSamples, unknowableSamples, faults };
}

function isAt(samples: Float64Array, position: number, played: Float64Array): boolean {
  for (let i = 0; i < samples.length; i++) {
    if (samples[i] !== played[(position + i) % played.length]) return false;
  }
  return true;
}
