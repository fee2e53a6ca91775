import { clockAt, xOf, type TimeAxis } from './time-axis.js';

/** Two moments that a person tapped, in the order of the taps; the second is still to come after the first. */
export interface Measurement {
  readonly firstSeconds: number;
  readonly secondSeconds: number | null;
}

/** A heart beats 25 to 250 times a minute; what is shorter or longer is no cycle. */
const SHORTEST_CYCLE_SECONDS = 0.24;
const LONGEST_CYCLE_SECONDS = 2.4;
/** A mark is taken hold of this near. */
const GRAB_PIXELS = 14;

/** A third tap begins anew. */
export function tapped(measurement: Measurement | null, seconds: number): Measurement {
  if (measurement === null || measurement.secondSeconds !== null) {
    return { firstSeconds: seconds, secondSeconds: null };
  }
  return { ...measurement, secondSeconds: seconds };
}

/** @returns which of its ends stands where a hand takes hold */
export function endNear(
  measurement: Measurement | null,
  axis: TimeAxis,
  x: number,
): keyof Measurement | null {
  const isNear = (seconds: number | null) =>
    seconds !== null && Math.abs(xOf(axis, seconds) - x) <= GRAB_PIXELS;
  if (measurement === null) return null;
  if (isNear(measurement.secondSeconds)) return 'secondSeconds';
  return isNear(measurement.firstSeconds) ? 'firstSeconds' : null;
}

/**
 * What was measured, in words.
 *
 * @param pixelSeconds to which a tap is exact
 * @param swing from the least to the greatest amplitude in between, 1 is full scale; `null` where nothing was heard
 */
export function measuredWords(
  { firstSeconds, secondSeconds }: Measurement,
  pixelSeconds: number,
  swing: number | null,
): string {
  if (secondSeconds === null) return `From ${clockAt(firstSeconds, pixelSeconds)}: tap where it ends.`;
  const seconds = Math.abs(secondSeconds - firstSeconds);
  const parts = [`${inMilliseconds(seconds)} (± ${inMilliseconds(pixelSeconds)})`];
  if (seconds >= SHORTEST_CYCLE_SECONDS && seconds <= LONGEST_CYCLE_SECONDS) {
    parts.push(`${Math.round(60 / seconds)}/min as a beat`);
  }
  if (swing !== null) {
    parts.push(`swing ${swing.toPrecision(3)}`);
  }
  return parts.join(' · ');
}

function inMilliseconds(seconds: number): string {
  const ms = 1000 * seconds;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')} ms`;
}
