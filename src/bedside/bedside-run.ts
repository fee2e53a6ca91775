import { basename } from 'node:path';
import { Subject, type Subscription } from 'rxjs';
import { conditioningDelaySeconds } from '../classify/conditioning.js';
import { falseAlarmsElsewhere, hearingIn, limitsIn } from '../classify/model-contract.js';
import type { ConditionedChunk } from '../condition/conditioned.js';
import type { DeviceEvent } from '../device/stethoscope-event.js';
import type { SoundPiece } from '../listen/sound-piece.js';
import { packageVersion } from '../package-info.js';
import { SessionRecorder } from '../record/session-recorder.js';
import { openSession } from '../record/stored-session.js';
import { writeWfdbHeaders } from '../record/wfdb-header.js';
import type { FinalEvent } from '../screen/result-events.js';
import { screenDevice } from '../screen/screen-device.js';
import type { ScreeningEvent } from '../screen/screening-events.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { BedsideOptions, RecordingEnd } from './bedside-options.js';
import type { HeartSoundMark, Naming } from './bedside-status.js';
import { LiveHeartSounds } from './live-heart-sounds.js';
import { traceChunk, type TraceChunk } from './screening-controller.js';

/** Who hears of a run. */
export interface RunListener {
  event(event: ScreeningEvent): void;
  trace(chunk: TraceChunk): void;
  /** What the trace is made of. */
  readonly conditioned?: (chunk: ConditionedChunk) => void;
  sound(piece: SoundPiece): void;
  readonly marks: ((marks: readonly HeartSoundMark[]) => void) | undefined;
  recording(): void;
  stored(directory: string): void;
  ended(end: RecordingEnd): void;
}

/** One recording of a {@link Bedside}. */
export class BedsideRun {
  private readonly stop$ = new Subject<void>();
  private readonly modelRateHz: number;
  private readonly subscription: Subscription;
  private recorder: SessionRecorder | undefined;
  private heartSounds: LiveHeartSounds | undefined;
  private device: DeviceEvent | undefined;
  private delaySeconds = 0;
  private final: FinalEvent | null = null;
  private isOver = false;
  private isAbandoned = false;

  constructor(
    private readonly options: BedsideOptions,
    private naming: Naming,
    private readonly listener: RunListener,
  ) {
    const { screener } = options;
    this.modelRateHz = screener.model.contract.input.sampleRateHz;
    const run$ = screenDevice(
      {
        ...options,
        stop$: this.stop$,
        watcher: {
          device: (device, stethoscope) => this.meet(device, stethoscope),
          samples: (value) => {
            this.recorder?.push(value);
            listener.sound({ sampleRateHz: this.device!.sampleRateHz, value });
          },
          conditioned: (chunk) => {
            const { delaySeconds } = this;
            listener.conditioned?.(chunk);
            listener.trace(traceChunk(chunk, this.device!.sampleRateHz, this.modelRateHz, delaySeconds));
            const marks = this.heartSounds?.push(chunk) ?? [];
            if (marks.length === 0) return;
            // Where they stand in the trace, as in a stored session.
            const shown = marks.map((mark) => ({ ...mark, timeSeconds: mark.timeSeconds - delaySeconds }));
            listener.marks?.(shown);
          },
        },
      },
      screener,
    );
    this.subscription = run$.subscribe({
      next: (event) => this.tell(event),
      error: (error: unknown) => void this.end(error),
      complete: () => void this.end(undefined),
    });
  }

  stop(): void {
    this.stop$.next();
  }

  rename(naming: Naming): void {
    this.naming = naming;
  }

  /** Nothing more is heard of it. @returns where it is stored, if anywhere */
  async abandon(): Promise<string | null> {
    this.isAbandoned = true;
    this.isOver = true;
    this.subscription.unsubscribe();
    const kept = await this.recorder?.finish(null);
    return kept?.directory ?? null;
  }

  private meet(device: DeviceEvent, stethoscope: StethoscopeProfile | null): void {
    const isFirst = this.device === undefined;
    this.device ??= device;
    if (!isFirst) return;
    this.delaySeconds = conditioningDelaySeconds(this.options.screener.model.contract, device.sampleRateHz);
    this.listener.recording();
    const { outDirectory, screener, configuration } = this.options;
    if (this.listener.marks !== undefined) {
      const { modelRateHz } = this;
      const { heartRate, heartSounds: network } = screener.signalQuality;
      this.heartSounds = new LiveHeartSounds({ modelRateHz, network, heartRate }, device.sampleRateHz);
    }
    if (outDirectory === undefined) return;
    const { subject, site } = this.naming;
    const { name, version, sha256, input, verdict } = screener.model.contract;
    const falseAlarms = falseAlarmsElsewhere(screener.model.contract);
    const { sampleRateHz, bitsPerSample, fullScale, serialNumber, firmware, path, protocolVersion } = device;
    this.recorder = new SessionRecorder({
      ...this.options.storage,
      outDirectory,
      ...(subject === null ? {} : { subject }),
      format: { sampleRateHz, bitsPerSample, fullScale },
      device: { serialNumber, firmware, path, protocolVersion },
      simulated: device.simulated === true,
      model: {
        name,
        version,
        sha256,
        input: hearingIn(input),
        verdict: limitsIn(verdict),
        falseAlarms,
      },
      // Whole, so that the session can be screened again when the profile is long gone.
      configuration: { ...configuration, site, stethoscope },
      lubdubVersion: packageVersion,
      onTrouble: ({ state, message }) =>
        this.listener.event({ kind: 'recording', state, directory: null, message }),
    });
    void this.recorder.opened.then((directory) => {
      if (directory === null || this.isAbandoned) return;
      this.listener.stored(directory);
      this.listener.event({
        kind: 'recording',
        state: 'begun',
        directory,
        message: `stored in ${directory}`,
      });
    });
  }

  private tell(event: ScreeningEvent): void {
    this.recorder?.event(withoutFolder(event));
    // The result goes out once it is on disk, so that whoever sees it may open the session.
    if (event.kind === 'final') this.final = event;
    else this.listener.event(event);
  }

  /** What the recording is called. */
  private get file(): string | null {
    return this.options.name ?? this.device?.path ?? null;
  }

  private async end(error: unknown): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    const kept = await this.recorder?.finish(this.final === null ? null : withoutFolder(this.final));
    if (this.isAbandoned) return;
    if (kept !== undefined && kept.state !== 'finished') {
      const { directory, message } = kept;
      this.listener.event({ kind: 'recording', state: kept.state, directory, message: message ?? '' });
    }
    if (this.options.wfdb === true && kept?.directory !== undefined) await this.describe(kept.directory);
    if (this.final !== null) this.listener.event(this.final);
    const isKept =
      kept === undefined ||
      (kept.state === 'finished' && kept.notStored.samples === 0 && kept.notStored.events === 0);
    this.listener.ended({ final: this.final, error, file: this.file, isKept });
  }

  private async describe(directory: string | null): Promise<void> {
    if (directory === null) return;
    try {
      await writeWfdbHeaders(await openSession(directory));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.listener.event({ kind: 'notice', file: directory, message });
    }
  }
}

/** Folders are named after people; a session must not carry where its recording was found. */
function withoutFolder<Event extends ScreeningEvent>(event: Event): Event {
  return 'file' in event && event.file !== null ? { ...event, file: basename(event.file) } : event;
}
