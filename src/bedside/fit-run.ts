import { NoiseFloor } from '../calibrate/noise-floor.js';
import { RecentHeartRate } from '../heart/recent-heart-rate.js';
import type { DeviceEvent, ScreeningEvent } from '../screen/screening-events.js';
import type { BedsideOptions, PreviewOptions, RecordingEnd } from './bedside-options.js';
import { BedsideRun, type RunListener } from './bedside-run.js';
import { isOfTheDevice, windowOfSignal, type PreviewListener } from './preview.js';

/** As `calibrate` asks for. */
export const FIT_SECONDS = 20;

export interface FitRunListener
  extends Omit<PreviewListener, 'state'>, Pick<RunListener, 'marks' | 'recording'> {
  /** Has answered. */
  device(device: DeviceEvent): void;
  ended(end: FitRunEnd): void;
}

export interface FitRunEnd extends Pick<RecordingEnd, 'final' | 'error'> {
  readonly noiseFloorDb: number | null;
  /** Where it is stored, if anywhere. */
  readonly directory: string | null;
}

export interface FitRunNaming {
  /** Of the profile. */
  readonly profile: string;
  readonly subject: string;
  readonly isKept: boolean;
}

/**
 * One recording for the fit of a profile: of the device and its signal all goes out, of what is found in a person's heart
 * nothing. Where the device is lost it ends.
 */
export class FitRun {
  private readonly run: BedsideRun;
  private readonly heartRate = new RecentHeartRate();
  private directory: string | null = null;

  constructor(
    options: BedsideOptions & { readonly preview: PreviewOptions },
    { profile, subject, isKept }: FitRunNaming,
    private readonly listener: FitRunListener,
  ) {
    const { screener, configuration, preview, storage, wfdb, outDirectory, capacity } = options;
    const floor = new NoiseFloor(screener.model.contract.input.sampleRateHz);
    this.run = new BedsideRun(
      {
        screener,
        configuration: { ...configuration, fit: profile },
        naming: { site: null, subject: null },
        open: preview.open,
        seconds: FIT_SECONDS,
        ...(storage === undefined ? {} : { storage }),
        ...(wfdb === undefined ? {} : { wfdb }),
        ...(capacity === undefined ? {} : { capacity }),
        ...(isKept && outDirectory !== undefined ? { outDirectory } : {}),
      },
      { site: null, subject },
      {
        event: (event) => this.hear(event),
        trace: (chunk) => listener.trace(chunk),
        conditioned: (chunk) => floor.push(chunk),
        sound: (piece) => listener.sound(piece),
        marks: listener.marks,
        recording: () => listener.recording(),
        stored: (directory) => (this.directory = directory),
        ended: ({ final, error }) =>
          listener.ended({ final, error, noiseFloorDb: floor.db, directory: this.directory }),
      },
    );
  }

  /** Nothing more is heard of it. @returns where it is stored, if anywhere */
  abandon(): Promise<string | null> {
    return this.run.abandon();
  }

  private hear(event: ScreeningEvent): void {
    if (event.kind === 'device') this.listener.device(event);
    if (isOfTheDevice(event)) return this.listener.event(event);
    if (event.kind === 'window') this.listener.window(windowOfSignal(event, this.heartRate));
    // That it was begun is no news; that the disk does not take it is.
    if (event.kind === 'recording' && event.state !== 'begun')
      this.listener.event({ kind: 'notice', file: event.directory ?? '', message: event.message });
  }
}
