import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import { ConfigurationError } from '../errors.js';
import type { SoundPiece } from '../listen/sound-piece.js';
import { checkSubject } from '../record/session-layout.js';
import { errorEvent } from '../screen/event-of.js';
import type { ScreeningEvent } from '../screen/screening-events.js';
import type { BedsideOptions, RecordingEnd } from './bedside-options.js';
import { BedsideRun } from './bedside-run.js';
import type { ControllerStatus, HeartSoundMark, Naming, PreviewWindow } from './bedside-status.js';
import { Preview, type PreviewListener } from './preview.js';
import type { ScreeningController, TraceChunk } from './screening-controller.js';
import { StethoscopeFitting, type FittingHost } from './stethoscope-fitting.js';

export type { BedsideOptions, RecordingEnd } from './bedside-options.js';

/**
 * One stethoscope at one bedside: recordings one after the other, each screened and, where there is a folder for it,
 * stored. Terminal, JSON lines and page all look at this and steer it; none of them can hold it up.
 */
export class Bedside implements ScreeningController {
  readonly events$ = new Subject<ScreeningEvent>();
  readonly trace$ = new Subject<TraceChunk>();
  readonly sound$ = new Subject<SoundPiece>();
  readonly marks$ = new Subject<readonly HeartSoundMark[]>();
  readonly preview$ = new Subject<PreviewWindow>();
  /** A recording is over and stored. */
  readonly ended$ = new Subject<RecordingEnd>();
  /** Only where there is a preview, and profiles. */
  readonly fitting?: StethoscopeFitting;
  private readonly status: BehaviorSubject<ControllerStatus>;
  private run: BedsideRun | undefined;
  private lastDirectory: string | null = null;
  private preview: Preview | undefined;
  private listensIn = false;
  private saidSimulated = false;

  constructor(private readonly options: BedsideOptions) {
    this.status = new BehaviorSubject<ControllerStatus>({ ...options.naming, state: 'idle', session: null });
    const { preview, profiles } = options;
    if (preview === undefined || profiles === undefined) return;
    this.fitting = new StethoscopeFitting({ ...options, preview }, profiles, this.fittingHost());
  }

  get status$(): Observable<ControllerStatus> {
    return this.status;
  }

  /** @throws ConfigurationError (rejection) while a recording is under way, or for a subject that is no code */
  start(naming: Naming): Promise<void> {
    if (this.run !== undefined) return refuse('a recording is under way; stop it first');
    if (this.fitting?.isRecording === true)
      return refuse('a colleague is being recorded to fit the stethoscope; stop that first');
    if (naming.subject !== null) checkSubject(naming.subject);
    this.lastDirectory = null;
    this.endPreview();
    this.change({ ...naming, state: 'connecting', session: null, preview: null });
    this.run = new BedsideRun(this.options, naming, {
      event: (event) => this.tell(event),
      trace: (chunk) => this.trace$.next(chunk),
      sound: (piece) => this.sound$.next(piece),
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
        this.beginPreview();
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
    this.beginPreview();
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

  /**
   * From now on the stethoscope is listened to whenever nothing is recorded, so that a person sees that it is there and
   * hears well. Does nothing where no preview was asked for.
   */
  listenIn(): void {
    this.listensIn = true;
    this.beginPreview();
  }

  /** Lets go of device and disk. */
  async close(): Promise<void> {
    this.listensIn = false;
    this.endPreview();
    await this.fitting?.close();
    await this.run?.abandon();
    this.run = undefined;
  }

  private beginPreview(): void {
    const { preview, screener } = this.options;
    if (!this.listensIn || preview === undefined || this.run !== undefined) return;
    if (this.fitting?.isRecording === true) return;
    this.preview ??= new Preview(screener, preview, this.previewListener(), this.options.stethoscopeFor);
  }

  private previewListener(): PreviewListener {
    return {
      event: (event) => this.tell(event),
      trace: (chunk) => this.trace$.next(chunk),
      sound: (piece) => this.sound$.next(piece),
      window: (window) => this.preview$.next(window),
      state: (state) => {
        if (state === 'searching') this.fitting?.meet(null);
        this.change({ preview: state });
      },
    };
  }

  /** What is recorded for a fit is seen and heard as a preview is. */
  private fittingHost(): FittingHost {
    const isFree = () => this.run === undefined;
    return {
      ...this.previewListener(),
      marks: (marks) => this.marks$.next(marks),
      get isFree() {
        return isFree();
      },
      endPreview: () => this.endPreview(),
      beginPreview: () => {
        if (this.run === undefined) this.change({ preview: null });
        this.beginPreview();
      },
    };
  }

  private endPreview(): void {
    this.preview?.close();
    this.preview = undefined;
  }

  private tell(event: ScreeningEvent): void {
    this.events$.next(event);
    if (event.kind === 'device') this.fitting?.meet(event);
    if (event.kind === 'connection' && event.state !== 'retrying') this.fitting?.meet(null);
    const { simulatedNotice } = this.options;
    if (event.kind !== 'device' || simulatedNotice === undefined) return;
    if (event.simulated === true && !this.saidSimulated) {
      this.events$.next({ kind: 'notice', file: event.path, message: simulatedNotice });
    }
    this.saidSimulated = event.simulated === true;
  }

  private change(change: Partial<ControllerStatus>): void {
    this.status.next({ ...this.status.value, ...change });
  }
}

const refuse = (message: string): Promise<never> => Promise.reject(new ConfigurationError(message));
