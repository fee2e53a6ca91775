import { BeatEvents, isTold, type BeatEvent } from './beat-events.js';
import { BeatIntervals, type BeatInterval } from './beat-intervals.js';
import type { HeardSound } from './heard-sounds.js';
import { Rhythm, type RhythmEstimate } from './rhythm.js';

/** What a person should know of the rhythm: a notice to listen again, never a diagnosis, and no part of a verdict. */
export interface RhythmNotice {
  readonly notice: 'irregular' | BeatEvent['kind'];
  /** On the source's time axis. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Probability, were half of those like it real; see {@link Rhythm} and {@link BeatEvents}. */
  readonly confidence: number;
  /** How many of this kind there are, this one counted; `irregular` is told once. */
  readonly count: number;
}

/** What was noticed in a whole recording; `null` where too little was heard to tell. */
export interface RhythmSummary {
  /** Intervals from beat to beat that could be measured. */
  readonly intervals: number;
  readonly irregular: { readonly noticed: boolean; readonly confidence: number } | null;
  readonly extraBeats: { readonly count: number; readonly confidence: number | null } | null;
  readonly pauses: {
    readonly count: number;
    readonly confidence: number | null;
    readonly longestSeconds: number | null;
  } | null;
}

/** A window as far as the rhythm is concerned. */
export interface RhythmWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Signal quality index in [0, 1]. */
  readonly quality: number;
  /** False where the stethoscope touches no skin; default true. */
  readonly isContact?: boolean;
  /** Settled since the window before, in order of time. */
  readonly sounds: readonly HeardSound[];
}

/**
 * Sounds count in windows of at least this signal quality. It is lower than what a verdict asks for, since the index falls
 * when beats come without order: at 0.5 half of the fibrillating rhythms are never heard for 20 beats, at 0.2 one in
 * fifteen. Silence, flat lines and clipping have 0.
 */
export const LEAST_QUALITY = 0.2;
/** Windows that a sound may still be waited for in. */
const WINDOWS_KEPT = 10;
const SOUNDS_KEPT = 200;
const NOTHING: readonly RhythmNotice[] = [];
/** With fewer intervals in a row no event can be told. */
const LEAST_IN_A_ROW = 6;

/**
 * Watches the rhythm of one recording, window by window. Heart sounds are found in anything, so that only those in windows
 * that are good enough count, every window that holds them; no interval spans what is not, nor a gap.
 */
export class RhythmWatch {
  private readonly intervals = new BeatIntervals();
  private readonly rhythm = new Rhythm();
  private readonly events = new BeatEvents();
  /** The last, as a ring. */
  private readonly windows: RhythmWindow[] = [];
  private windowCount = 0;
  private waiting: HeardSound[] = [];
  private measured = 0;
  private inARow = 0;
  private mostInARow = 0;
  private most: RhythmEstimate | null = null;
  private told: RhythmNotice[] = [];
  private readonly counts = { irregular: 0, 'extra-beat': 0, pause: 0 };
  private readonly confidences = { 'extra-beat': 0, pause: 0 };
  private longestPause = 0;

  /** @returns what these sounds and this window settle, in order of time */
  pushWindow(window: RhythmWindow): readonly RhythmNotice[] {
    this.windows[this.windowCount++ % WINDOWS_KEPT] = window;
    for (const sound of window.sounds) this.waiting.push(sound);
    const { waiting } = this;
    let settled = Math.max(0, waiting.length - SOUNDS_KEPT);
    const from = settled;
    // No later window holds a sound that lies before this one.
    while (settled < waiting.length && waiting[settled].startSeconds < window.startSeconds) settled++;
    for (let i = from; i < settled; i++) this.take(waiting[i]);
    if (settled > 0) this.waiting = waiting.slice(settled);
    return this.takeTold();
  }

  /** Ends the stretch at a gap: what was heard before it is settled. */
  endStretch(): readonly RhythmNotice[] {
    for (const sound of this.waiting) this.take(sound);
    this.waiting = [];
    this.breakOff();
    this.windows.length = this.windowCount = 0;
    return this.takeTold();
  }

  summary(): RhythmSummary {
    const { most, counts, confidences, longestPause } = this;
    const canTell = this.mostInARow >= LEAST_IN_A_ROW;
    const of = (kind: BeatEvent['kind']) => ({
      count: counts[kind],
      confidence: counts[kind] === 0 ? null : confidences[kind],
    });
    return {
      intervals: this.measured,
      irregular: most === null ? null : { noticed: most.isIrregular, confidence: most.confidence },
      extraBeats: canTell ? of('extra-beat') : null,
      pauses: canTell ? { ...of('pause'), longestSeconds: counts.pause === 0 ? null : longestPause } : null,
    };
  }

  private take(sound: HeardSound): void {
    if (!this.isGoodAt(sound.startSeconds)) return this.breakOff();
    const interval = this.intervals.push(sound);
    if (interval === undefined) return;
    this.measured++;
    this.mostInARow = Math.max(this.mostInARow, ++this.inARow);
    this.rhythm.push(interval);
    this.followRhythm(interval);
    for (const event of this.events.push(interval)) this.tell(event);
  }

  private followRhythm({ fromSeconds, toSeconds }: BeatInterval): void {
    const now = this.rhythm.estimate();
    if (now === null) return;
    if (this.most === null || now.irregularity > this.most.irregularity) this.most = now;
    if (!now.isIrregular || this.counts.irregular > 0) return;
    this.counts.irregular = 1;
    const { confidence } = now;
    const notice = { notice: 'irregular', startSeconds: fromSeconds, endSeconds: toSeconds } as const;
    this.told.push({ ...notice, confidence, count: 1 });
  }

  /** Where nothing has a pattern nothing falls out of it. */
  private tell(event: BeatEvent): void {
    if (!isTold(event) || this.rhythm.estimate()?.isIrregular === true) return;
    const { kind, startSeconds, endSeconds, confidence } = event;
    const count = ++this.counts[kind];
    this.confidences[kind] = Math.max(this.confidences[kind], confidence);
    if (kind === 'pause') this.longestPause = Math.max(this.longestPause, endSeconds - startSeconds);
    this.told.push({ notice: kind, startSeconds, endSeconds, confidence, count });
  }

  private breakOff(): void {
    for (const event of this.events.endStretch()) this.tell(event);
    this.intervals.endStretch();
    this.rhythm.endStretch();
    this.inARow = 0;
  }

  private takeTold(): readonly RhythmNotice[] {
    const { told } = this;
    if (told.length === 0) return NOTHING;
    this.told = [];
    return told;
  }

  private isGoodAt(seconds: number): boolean {
    let isHeld = false;
    for (const window of this.windows) {
      if (seconds < window.startSeconds || seconds >= window.endSeconds) continue;
      if (window.isContact === false || window.quality < LEAST_QUALITY) return false;
      isHeld = true;
    }
    return isHeld;
  }
}
