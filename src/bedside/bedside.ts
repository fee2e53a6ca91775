import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { BehaviorSubject, Subject, type Observable, type Subscription } from 'rxjs';
import { ConfigurationError } from '../errors.js';
import type { DeviceEvent } from '../device/stethoscope-event.js';
import { checkSubject } from '../record/session-layout.js';
import { openSession } from '../record/stored-session.js';
import { writeWfdbHeaders } from '../record/wfdb-header.js';
import { SessionRecorder, type SessionRecorderOptions } from '../record/session-recorder.js';
import { readHeartSoundNetwork } from '../heart/heart-sounds-model.js';
import { packageVersion } from '../package-info.js';
import { LiveHeartSounds } from './live-heart-sounds.js';
import { traceChunk, type ScreeningController, type TraceChunk } from './screening-controller.js';
import { screenDevice, type ScreenDeviceOptions } from '../screen/screen-device.js';
import type { Screener } from '../screen/screener.js';
import type { ScreeningEvent } from '../screen/screening-events.js';
import { errorEvent } from '../screen/event-of.js';
import type { ControllerStatus, HeartSoundMark, Naming } from './bedside-status.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { FinalEvent } from '../screen/result-events.js';
import { falseAlarmsElsewhere, hearingSchema, limitsSchema } from '../classify/model-contract.js';

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

/**
 * One stethoscope at one bedside: recordings one after the other, each screened and, where there is a folder for it,
 * stored. Terminal, JSON lines and page all look at this and steer it; none of them can hold it up.
 */
export class Bedside implements ScreeningController {
  readonly events$ = new Subject<ScreeningEvent>();
  readonly trace$ = new Subject<TraceChunk>();
  readonly marks$ = new Subject<readonly HeartSoundMark[]>();
  /** A recording is over and stored. */
  readonly ended$ = new Subject<RecordingEnd>();
  private readonly status: BehaviorSubject<ControllerStatus>;
  private run: BedsideRun | undefined;
  private lastDirectory: string | null = null;

  constructor(private readonly options: BedsideOptions) {
    this.status = new BehaviorSubject<ControllerStatus>({ ...options.naming, state: 'idle', session: null });
  }

  get status$(): Observable<ControllerStatus> {
    return this.status;
  }

  /** @throws ConfigurationError (rejection) while a recording is under way, or for a subject that is no code */
  start(naming: Naming): Promise<void> {
    if (this.run !== undefined) return refuse('a recording is under way; stop it first');
    if (naming.subject !== null) checkSubject(naming.subject);
    this.lastDirectory = null;
    this.change({ ...naming, state: 'connecting', session: null });
    this.run = new BedsideRun(this.options, naming, {
      event: (event) => this.events$.next(event),
      trace: (chunk) => this.trace$.next(chunk),
      // Finding heart sounds costs something; without a page nobody looks at them.
      marks: this.marks$.observed ? (marks) => this.marks$.next(marks) : undefined,
      recording: () => this.change({ state: 'recording' }),
      stored: (directory) => {
        this.lastDirectory = directory;
        this.change({ session: basename(directory) });
      },
      ended: (end) => {
        this.run = undefined;
        if (end.error !== undefined) this.events$.next(errorEvent(end.error, end.file));
        this.change({ state: 'stopped' });
        this.ended$.next(end);
      },
    });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    if (this.run === undefined) return refuse('no recording is under way');
    this.change({ state: 'stopping' });
    this.run.stop();
    return Promise.resolve();
  }

  async discard(): Promise<void> {
    const { run } = this;
    this.run = undefined;
    const directory = (await run?.abandon()) ?? this.lastDirectory;
    this.lastDirectory = null;
    if (directory !== null) await rm(directory, { recursive: true, force: true });
    this.change({ state: 'idle', session: null });
  }

  name(naming: Naming): Promise<void> {
    if (naming.subject !== null) checkSubject(naming.subject);
    const { state } = this.status.value;
    if (state === 'recording' || state === 'stopping') {
      return refuse(
        'spot and subject of a recording are fixed once it has begun; name the next one, or discard this',
      );
    }
    this.run?.rename(naming);
    this.change(naming);
    return Promise.resolve();
  }

  /** Lets go of device and disk. */
  async close(): Promise<void> {
    await this.run?.abandon();
    this.run = undefined;
  }

  private change(change: Partial<ControllerStatus>): void {
    this.status.next({ ...this.status.value, ...change });
  }
}

const refuse = (message: string): Promise<never> => Promise.reject(new ConfigurationError(message));

interface RunListener {
  event(event: ScreeningEvent): void;
  trace(chunk: TraceChunk): void;
  readonly marks: ((marks: readonly HeartSoundMark[]) => void) | undefined;
  recording(): void;
  stored(directory: string): void;
  ended(end: RecordingEnd): void;
}

/** One recording of a {@link Bedside}. */
class BedsideRun {
  private readonly stop$ = new Subject<void>();
  private readonly modelRateHz: number;
  private readonly subscription: Subscription;
  private recorder: SessionRecorder | undefined;
  private heartSounds: LiveHeartSounds | undefined;
  private device: DeviceEvent | undefined;
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
          samples: (value) => this.recorder?.push(value),
          conditioned: (chunk) => {
            listener.trace(traceChunk(chunk, this.device!.sampleRateHz, this.modelRateHz));
            const marks = this.heartSounds?.push(chunk) ?? [];
            if (marks.length > 0) listener.marks?.(marks);
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
    this.listener.recording();
    const { outDirectory, screener, configuration } = this.options;
    if (this.listener.marks !== undefined) {
      const { modelRateHz } = this;
      const { heartRate } = screener.signalQuality;
      this.heartSounds = new LiveHeartSounds(
        { modelRateHz, network: readHeartSoundNetwork(), heartRate },
        device.sampleRateHz,
      );
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
      model: {
        name,
        version,
        sha256,
        input: hearingSchema.parse(input),
        verdict: limitsSchema.parse(verdict),
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
    const file = this.options.name ?? this.device?.path ?? null;
    this.listener.ended({ final: this.final, error, file, isKept });
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
