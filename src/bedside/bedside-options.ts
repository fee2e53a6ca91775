import type { Observable } from 'rxjs';
import type { RunProfiles } from '../calibrate/run-profiles.js';
import type { SourceStreamEvent } from '../device/stream-samples.js';
import type { SessionRecorderOptions } from '../record/session-recorder.js';
import type { FinalEvent } from '../screen/result-events.js';
import type { DeviceCredit, ScreenDeviceOptions } from '../screen/screen-device.js';
import type { Screener } from '../screen/screener.js';
import type { Naming } from './bedside-status.js';

export interface BedsideOptions extends Pick<
  ScreenDeviceOptions,
  'open' | 'name' | 'seconds' | 'capacity' | 'stethoscopeFor'
> {
  readonly screener: Screener;
  /** Where sessions are stored, checked; `undefined` for none. */
  readonly outDirectory?: string;
  /** Another disk, or another limit to what may wait for it; default the recorder's. */
  readonly storage?: Pick<SessionRecorderOptions, 'fileSystem' | 'maxQueuedBytes'>;
  /** Describe the samples for WFDB programs too. */
  readonly wfdb?: boolean;
  /** All that the result depends on beside model and device, for the session. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly naming: Naming;
  /** Where the stethoscope can be listened to before a recording begins; see `Bedside.listenIn`. */
  readonly preview?: PreviewOptions;
  /** Where a profile of the stethoscope can be fitted from the page; only where it is previewed. */
  readonly profiles?: RunProfiles;
  /** What a person should know where a simulator answers and nobody asked for it. */
  readonly simulatedNotice?: string;
}

export interface PreviewOptions {
  /** Opens the device at the pace of its clock. It need not come back by itself: it is opened again. */
  readonly open: (stop$: Observable<unknown>, credit?: DeviceCredit) => Observable<SourceStreamEvent>;
  /** Something was plugged in: a simulator that is listened to may give way to it. */
  readonly portsChanged$?: Observable<unknown>;
  /** Wait before it is opened again; default 1000. */
  readonly retryMs?: number;
}

/** How one recording came out. */
export interface RecordingEnd {
  /** `null` where no device was found, or the model failed. */
  readonly final: FinalEvent | null;
  /** What ended it, where it did not end by itself; it has gone out as an event. */
  readonly error: unknown;
  /** What the recording is called, `null` where no device was found. */
  readonly file: string | null;
  /** Whether all that was to be stored was; `true` where nothing was to be. */
  readonly isKept: boolean;
}
