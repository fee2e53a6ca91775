import type { LubdubErrorCode } from '../errors.js';
import type { Level } from '../device/level-meter.js';
import type * as device from '../device/stethoscope-event.js';
import type { UsedStethoscope } from '../verdict/verdict-words.js';
import type { FinalEvent, GapEvent, RhythmEvent, VerdictEvent, WindowEvent } from './result-events.js';

/**
 * What goes out while a recording is screened: one JSON object a line with `--json`. Names and meanings are a public
 * interface; a figure that is not known is `null`, never 0.
 */
export type ScreeningEvent =
  | DeviceEvent
  | WindowEvent
  | GapEvent
  | VerdictEvent
  | FinalEvent
  | RhythmEvent
  | ErrorEvent
  | NoticeEvent
  | ConnectionEvent
  | StatusEvent
  | SearchEvent
  | LineEvent
  | LevelEvent
  | RecordingEvent;

export interface DeviceEvent {
  readonly kind: 'device';
  readonly path: string;
  readonly firmware: string | null;
  readonly serialNumber: string | null;
  readonly sampleRateHz: number;
  /** First time, after it was lost, or after it started anew with the port open; a simulator does not tell. */
  readonly occasion?: device.DeviceEvent['occasion'];
  /** The profile that its recordings are judged with, `null` for an unknown stethoscope; a simulator does not tell. */
  readonly stethoscope?: UsedStethoscope | null;
  /** Nobody is listened to: a simulator plays a recording. */
  readonly simulated?: boolean;
}

export interface ErrorEvent {
  readonly kind: 'error';
  /** The file or device that failed, `null` where it is neither. */
  readonly file: string | null;
  readonly code: LubdubErrorCode;
  readonly message: string;
}

/** Something a person should know and that is no failure: a file cut short, further channels. */
export interface NoticeEvent {
  readonly kind: 'notice';
  readonly file: string;
  readonly message: string;
}

/** A change of the connection to a device. */
export interface ConnectionEvent {
  readonly kind: 'connection';
  /** `waiting`: no stethoscope was found yet, and the search goes on; only where it goes on for ever. */
  readonly state: 'lost' | 'retrying' | 'waiting';
  readonly path: string | null;
  /** Why it was lost, in a word that is stable. Of `lost` only. */
  readonly reason?: device.LossReason;
  /** Of `retrying`: which attempt this will be since the loss. */
  readonly attempt?: number;
  readonly message: string;
}

/** What the device says of itself, about once a second. */
export interface StatusEvent {
  readonly kind: 'status';
  readonly batteryPercent: number | null;
  readonly contact: boolean | null;
  /** Where the recording stood when it said so, on the source's time axis. */
  readonly atSample?: number;
  readonly overrunSamples: number;
  readonly clippedSamples: number;
  /** Statuses before it that came too fast and were only counted; absent from sessions that are older. */
  readonly leftOut?: number;
}

/** How loud the last second was, of a source that has a gain to set; see `Level`. */
export type LevelEvent = Level;

/** The ports were asked; why each was or was not chosen. */
export interface SearchEvent {
  readonly kind: 'search';
  readonly chosen: string | null;
  readonly ports: readonly device.TriedPort[];
}

/** What the wire cost, once a recording. */
export interface LineEvent {
  readonly kind: 'line';
  readonly packets: number;
  readonly missingPackets: number;
  readonly corruptPackets: number;
  readonly corruptBytes: number;
  readonly duplicatePackets: number;
  readonly latePackets: number;
  readonly restarts: number;
  readonly overrunSamples: number;
  readonly clippedSamples: number;
  /** How much faster the device's clock runs than the host's; `null` before half a minute or at no fixed pace. */
  readonly clockDriftPpm: number | null;
  /** Statuses that came too fast and were only counted. */
  readonly leftOutStatuses: number;
  /** Gaps that came too fast and are part of another one. */
  readonly joinedGaps: number;
  /** Samples that arrived between joined gaps; they count as lost. */
  readonly setAsideSamples: number;
}

/** What becomes of the recording on disk. */
export interface RecordingEvent {
  readonly kind: 'recording';
  /** `begun` where its folder stands; else what is wrong, see `RecordingTrouble` and `RecordedSession`. */
  readonly state: 'begun' | 'low-space' | 'behind' | 'stopped' | 'unfinished';
  readonly directory: string | null;
  readonly message: string;
}
