import type { BedsideState } from '../publish/bedside-state.js';
import type { WindowEvent } from '../screen/result-events.js';
import type { WardMessage } from './ward-message.js';

/** Why somebody should look after a bedside. */
export type Alarm =
  /** Its connection to the broker broke, and it did not come back. */
  | 'vanished'
  /** It records, and nothing comes. */
  | 'silent'
  /** It records, and its stethoscope is gone. */
  | 'stethoscope-lost';

export interface WardRow extends BedsideState {
  readonly alarm: Alarm | null;
  /** Since when, by this ward's clock, milliseconds since 1970. */
  readonly alarmSinceMs: number | null;
  /** When something was last heard of it. */
  readonly heardAtMs: number;
  /** From when the last window was said at the bedside to its arrival here, by two clocks. */
  readonly windowDelayMs: number | null;
}

export interface WardBoardOptions {
  /** While it records, so long without a word is too long. Default 15 s. */
  readonly silentAfterMs?: number;
  /** One that ended in good order is shown for so long. Default 12 h. */
  readonly forgottenAfterMs?: number;
  /** More bedsides are not taken. Default 5000. */
  readonly maxBedsides?: number;
}

interface Entry {
  state: BedsideState;
  heardAtMs: number;
  windowDelayMs: number | null;
  alarm: Alarm | null;
  alarmSinceMs: number | null;
  /** A person has seen that it vanished. */
  isDismissed: boolean;
}

/** What is known of all bedsides, from their messages alone: a ward that begins anew gets their states from the broker. */
export class WardBoard {
  /** Messages that were not taken since there are too many bedsides. */
  refused = 0;
  private readonly entries = new Map<string, Entry>();
  private readonly changed = new Set<string>();
  private readonly silentAfterMs: number;
  private readonly forgottenAfterMs: number;
  private readonly maxBedsides: number;

  constructor({ silentAfterMs, forgottenAfterMs, maxBedsides }: WardBoardOptions = {}) {
    this.silentAfterMs = silentAfterMs ?? 15_000;
    this.forgottenAfterMs = forgottenAfterMs ?? 12 * 3600_000;
    this.maxBedsides = maxBedsides ?? 5000;
  }

  /**
   * @param nowMs milliseconds since 1970
   * @returns whether it was taken; not of one more bedside than there may be
   */
  push(message: Exclude<WardMessage, { kind: 'result' }>, nowMs: number): boolean {
    const known = this.entries.get(message.bedside);
    if (message.kind === 'window') {
      // Without a state nobody knows whose it is; the state is on its way.
      if (known !== undefined) this.takeWindow(message.bedside, known, message.window, message.at, nowMs);
      return true;
    }
    if (known === undefined && this.entries.size >= this.maxBedsides && !this.makeRoom()) {
      this.refused += 1;
      return false;
    }
    const { state } = message;
    const isSameRecording = known?.state.recording === state.recording;
    this.entries.set(message.bedside, {
      state,
      heardAtMs: nowMs,
      windowDelayMs: isSameRecording ? (known?.windowDelayMs ?? null) : null,
      alarm: known?.alarm ?? null,
      alarmSinceMs: known?.alarmSinceMs ?? null,
      isDismissed: state.online ? false : (known?.isDismissed ?? false),
    });
    this.changed.add(message.bedside);
    this.judge(message.bedside, nowMs);
    return true;
  }

  /** How many it takes. */
  get capacity(): number {
    return this.maxBedsides;
  }

  /** Once a second: finds who fell silent, and forgets who ended long ago. */
  tend(nowMs: number): void {
    for (const [bedside, { state, heardAtMs }] of this.entries) {
      this.judge(bedside, nowMs);
      if (state.online || state.absence !== 'ended' || nowMs - heardAtMs < this.forgottenAfterMs) continue;
      this.entries.delete(bedside);
      this.changed.add(bedside);
    }
  }

  /** A person has seen that a bedside vanished: its row goes until it is heard of again. */
  dismiss(bedside: string): void {
    const entry = this.entries.get(bedside);
    if (entry === undefined || entry.state.online) return;
    entry.isDismissed = true;
    this.changed.add(bedside);
  }

  /** All that is shown, by name. */
  get rows(): WardRow[] {
    return [...this.entries.keys()]
      .sort((a, b) => a.localeCompare(b))
      .flatMap((name) => this.row(name) ?? []);
  }

  /** What changed since this was last asked: rows, and the names of those that are gone. */
  takeChanges(): { readonly rows: WardRow[]; readonly gone: string[] } {
    const rows: WardRow[] = [];
    const gone: string[] = [];
    for (const bedside of this.changed) {
      const row = this.row(bedside);
      if (row === undefined) gone.push(bedside);
      else rows.push(row);
    }
    this.changed.clear();
    return { rows, gone };
  }

  /** Forgets the one of those nobody has to look after that was heard of longest ago. */
  private makeRoom(): boolean {
    let oldest: [string, Entry] | undefined;
    for (const entry of this.entries) {
      const [, { state, isDismissed, heardAtMs }] = entry;
      const isOver = isDismissed || (!state.online && state.absence === 'ended');
      if (isOver && heardAtMs < (oldest?.[1].heardAtMs ?? Infinity)) oldest = entry;
    }
    if (oldest === undefined) return false;
    this.entries.delete(oldest[0]);
    this.changed.add(oldest[0]);
    return true;
  }

  private row(bedside: string): WardRow | undefined {
    const entry = this.entries.get(bedside);
    if (entry === undefined || entry.isDismissed) return undefined;
    const { state, heardAtMs, windowDelayMs, alarm, alarmSinceMs } = entry;
    return { ...state, heardAtMs, windowDelayMs, alarm, alarmSinceMs };
  }

  private takeWindow(bedside: string, entry: Entry, window: WindowEvent, at: Date, nowMs: number): void {
    const { quality, usable, heartRateBpm } = window;
    entry.state = { ...entry.state, quality, usable, heartRateBpm };
    entry.heardAtMs = nowMs;
    entry.windowDelayMs = nowMs - at.getTime();
    this.changed.add(bedside);
    this.judge(bedside, nowMs);
  }

  private judge(bedside: string, nowMs: number): void {
    const entry = this.entries.get(bedside)!;
    const alarm = this.alarmOf(entry, nowMs);
    if (alarm === entry.alarm) return;
    entry.alarm = alarm;
    entry.alarmSinceMs = alarm === null ? null : nowMs;
    this.changed.add(bedside);
  }

  private alarmOf({ state, heardAtMs }: Entry, nowMs: number): Alarm | null {
    if (!state.online) return state.absence === 'vanished' ? 'vanished' : null;
    if (state.state !== 'recording') return null;
    if (nowMs - heardAtMs > this.silentAfterMs) return 'silent';
    return state.connection === 'lost' ? 'stethoscope-lost' : null;
  }
}
