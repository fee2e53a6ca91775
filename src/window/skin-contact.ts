import type { HeartSoundWindow } from './window.js';

/** A device says about once a second whether it touches skin; of one that falls silent its last word holds so long. */
export const HELD_SECONDS = 5;

interface Span {
  readonly from: number;
  /** When it last said so. */
  last: number;
  /** When it said otherwise; undefined where it has not. */
  end: number | undefined;
}

/**
 * When a stethoscope had no skin contact, by its own word. What it hears then is the room: windows that reach into such a
 * time do not count, however good they sound.
 *
 * Times are seconds of the recording's time axis. Windows come in order, and what lies before the last one is forgotten.
 */
export class SkinContact {
  private spans: Span[] = [];

  /** @param contact `null` where the device cannot tell */
  push(atSeconds: number, contact: boolean | null): void {
    const open = this.spans.at(-1);
    const isOpen = open !== undefined && open.end === undefined && atSeconds <= open.last + HELD_SECONDS;
    if (contact === false) {
      if (isOpen) open.last = atSeconds;
      else this.spans.push({ from: atSeconds, last: atSeconds, end: undefined });
    } else if (isOpen) open.end = atSeconds;
  }

  /** @returns the window, as not usable where it was heard without contact */
  judge(window: HeartSoundWindow): HeartSoundWindow {
    const { startSeconds, endSeconds, quality } = window;
    this.spans = this.spans.filter((span) => endOf(span) > startSeconds);
    if (!this.spans.some(({ from }) => from < endSeconds)) return window;
    const { sqi, reasons } = quality;
    return { ...window, quality: { sqi, usable: false, reasons: ['no-contact', ...reasons] } };
  }
}

const endOf = ({ last, end }: Span): number => end ?? last + HELD_SECONDS;
