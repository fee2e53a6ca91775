import type { WindowView } from '../../look-back-messages.js';
import type { Told } from './look-back-source.js';

export interface Remarked {
  /** The amplitude at the trace's upper edge; full scale is 1. */
  readonly fullDeflection: number;
  /** Why the last request failed, `null` where it did not. */
  readonly failure: Error | null;
  /** Whether all that is shown has come. */
  readonly isThere: boolean;
  /** Whether it is coarser than a pixel, since nothing finer is kept. */
  readonly isOutline: boolean;
  readonly told: Pick<Told, 'marks' | 'windowStep'>;
}

/** What a person should know of what is shown, a few words each. */
export function remarksOn({ fullDeflection, failure, isThere, isOutline, told }: Remarked): string[] {
  const percent = 100 * fullDeflection;
  const remarks = [`height ±${percent.toFixed(percent < 1 ? 2 : percent < 10 ? 1 : 0)} %`];
  if (failure !== null) remarks.push(`not all could be had: ${failure.message}`);
  else if (!isThere) remarks.push('loading …');
  if (isOutline) remarks.push('so far back only an outline is kept');
  if (told.marks === null) remarks.push('S1 and S2 are shown closer');
  if (told.windowStep > 1) remarks.push(`one window in ${told.windowStep} is shown`);
  return remarks;
}

/** @param fromSeconds of what is shown */
export function windowsInWords(all: readonly WindowView[], fromSeconds: number, toSeconds: number): string {
  const windows = all.filter((window) => window.endSeconds > fromSeconds && window.startSeconds < toSeconds);
  const usable = windows.filter((window) => window.usable);
  const high = usable.filter(({ probability }) => probability !== null && probability >= 0.5);
  return (
    `Probability of abnormal for each of ${windows.length} windows; ${usable.length} are usable, ` +
    `${high.length} of these at 50 % or more`
  );
}
