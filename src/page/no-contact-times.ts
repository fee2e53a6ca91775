import { HELD_SECONDS } from '../window/skin-contact.js';

/** A part of the recording in which the stethoscope said that it touched no skin. */
export interface NoContactView {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** A recording with more of them has a loose plug: the oldest are forgotten. */
const MOST_TIMES = 2000;

/** Gathers them as windows are judged by: a device that falls silent is believed for a few seconds more. */
export class NoContactTimes {
  private times: { readonly from: number; last: number; end: number | null }[] = [];

  /** @param contact `null` where the device cannot tell */
  push(atSeconds: number, contact: boolean | null): void {
    const open = this.times.at(-1);
    const isOpen = open !== undefined && open.end === null && atSeconds <= open.last + HELD_SECONDS;
    if (contact === false) {
      if (isOpen) open.last = atSeconds;
      else this.times.push({ from: atSeconds, last: atSeconds, end: null });
      if (this.times.length > MOST_TIMES) this.times.shift();
    } else if (isOpen) open.end = atSeconds;
  }

  /** @param endSeconds of the recording; nothing is said of what comes after it */
  view(endSeconds: number): NoContactView[] {
    return this.times
      .map(({ from, last, end }) => ({
        fromSeconds: from,
        toSeconds: Math.min(end ?? last + HELD_SECONDS, Math.max(endSeconds, last)),
      }))
      .filter(({ fromSeconds, toSeconds }) => toSeconds > fromSeconds);
  }
}
