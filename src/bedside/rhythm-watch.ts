import { Rhythm } from '../heart/rhythm.js';
import type { WindowEvent } from '../screen/result-events.js';
import { percent } from '../verdict/verdict-words.js';
import type { HeartSoundMark } from './bedside-status.js';

/** Windows that a sound may still be waited for in. */
const WINDOWS_KEPT = 10;
const MARKS_KEPT = 200;

/**
 * Listens for an irregular rhythm while a recording runs. Heart sounds are found in anything, so that only those in
 * usable windows count, and no beat spans what is not usable.
 */
export class RhythmWatch {
  private readonly rhythm = new Rhythm();
  private readonly windows: Pick<WindowEvent, 'startSeconds' | 'endSeconds' | 'usable'>[] = [];
  private waiting: HeartSoundMark[] = [];
  private hasTold = false;

  /** @param marks in order of time */
  pushMarks(marks: readonly HeartSoundMark[]): void {
    this.waiting = [...this.waiting, ...marks].slice(-MARKS_KEPT);
  }

  /** @returns what a person should know, once a recording */
  pushWindow(window: Pick<WindowEvent, 'startSeconds' | 'endSeconds' | 'usable'>): string | null {
    this.windows.push(window);
    if (this.windows.length > WINDOWS_KEPT) this.windows.shift();
    // No later window holds a sound that lies before this one.
    while (this.waiting.length > 0 && this.waiting[0].timeSeconds < window.startSeconds) {
      const { sound, timeSeconds } = this.waiting.shift()!;
      if (this.isUsable(timeSeconds)) this.rhythm.push({ sound, startSeconds: timeSeconds });
      else this.rhythm.endStretch();
    }
    const estimate = this.rhythm.estimate();
    if (this.hasTold || estimate === null || !estimate.isIrregular) return null;
    this.hasTold = true;
    return (
      `the rhythm seems irregular, without a pattern (confidence ${percent(estimate.confidence)}); ` +
      'listen again and feel the pulse: a notice, not a diagnosis, and no part of the verdict'
    );
  }

  /** Every window that holds it must be: with any one of them there are three times as many false notices. */
  private isUsable(seconds: number): boolean {
    const holding = this.windows.filter(
      ({ startSeconds, endSeconds }) => seconds >= startSeconds && seconds < endSeconds,
    );
    return holding.length > 0 && holding.every(({ usable }) => usable);
  }
}
