import { RecordingHeartRate } from './heart-rate-of-recording.js';

/** Windows that a rate is joined over, one a second: long enough to outvote a few that count half of the beats. */
const WINDOWS_JOINED = 20;
/** With fewer answers nothing can be outvoted. */
const LEAST_ANSWERS = 3;

/**
 * The heart rate to show while a recording runs: joined over its last windows as {@link RecordingHeartRate} joins all of
 * them, so that one window that counts every second beat does not halve what a person reads. `reset()` forgets all.
 */
export class RecentHeartRate {
  private recent: (number | null)[] = [];
  private readonly joined = new RecordingHeartRate();

  /** @param bpm of the next window in 30..220, `null` where it was unsure */
  push(bpm: number | null): void {
    this.recent.push(bpm);
    if (this.recent.length > WINDOWS_JOINED) this.recent.shift();
  }

  /** @returns beats a minute, `null` where fewer than three of the windows answered, or most disagree */
  estimate(): number | null {
    const answers = this.recent.filter((bpm) => bpm !== null);
    if (answers.length < LEAST_ANSWERS) return null;
    this.joined.reset();
    for (const bpm of answers) this.joined.push({ bpm, confidence: 1 });
    return this.joined.estimate()?.bpm ?? null;
  }

  reset(): void {
    this.recent = [];
  }
}
