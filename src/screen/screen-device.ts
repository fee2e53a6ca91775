import { Observable, Subject, tap, type Subscriber } from 'rxjs';
import type { ConditionedChunk } from '../condition/conditioned.js';
import type { Sampled } from '../decode/samples.js';
import { ConfigurationError } from '../errors.js';
import {
  streamSamples,
  type DeviceComplaint,
  type DeviceStatus,
  type DeviceStreamEvent,
  type SourceStreamEvent,
} from '../device/stream-samples.js';
import type { DeviceEvent } from '../device/stethoscope-event.js';
import type { Backlog } from '../classify/backlog.js';
import { RecordingExtent } from './recording-setup.js';
import type { RecordingOutcome } from '../verdict/aggregate-verdict.js';
import { usedStethoscope, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { SkinContact } from '../window/skin-contact.js';
import type { Screener } from './screener.js';
import * as out from './event-of.js';
import { RhythmLog } from './rhythm-log.js';
import type { ScreeningEvent } from './screening-events.js';

/** What looks on while a device is screened. It is called in passing and must be quick. */
export interface ScreeningWatcher {
  /** The device and its profile, before its first sample and again after each return. */
  readonly device?: (device: DeviceEvent, stethoscope: StethoscopeProfile | null) => void;
  /** Samples and gaps as they left the device: what a stored session holds. */
  readonly samples?: (value: Sampled) => void;
  /** Samples at the model's rate: what is drawn. */
  readonly conditioned?: (chunk: ConditionedChunk) => void;
}

/** Paces a device that can wait, so that nothing need be dropped; see `StethoscopeOptions.credit`. */
export interface DeviceCredit {
  readonly availableSamples: () => number;
  readonly roomAgain$: Observable<unknown>;
}

export interface ScreenDeviceOptions {
  /** Opens the device; given how to ask it to stop and how much it may send ahead of time. */
  readonly open: (stop$: Observable<unknown>, credit: DeviceCredit) => Observable<SourceStreamEvent>;
  /** What the final result calls the recording; default the device's path. */
  readonly name?: string;
  /** End the recording after so many seconds of its time axis. */
  readonly seconds?: number;
  /** The first value ends the recording, with all that the device still holds. */
  readonly stop$?: Observable<unknown>;
  /** Windows that may wait for the model; see `classifyWindows`. */
  readonly capacity?: number;
  readonly watcher?: ScreeningWatcher;
  /** The profile to judge a device by; asked once, when it is found. Default: every stethoscope is unknown. */
  readonly stethoscopeFor?: (device: DeviceEvent) => StethoscopeProfile | null;
}

/**
 * Screens one recording from a stethoscope, from its first sample until the device ends it, `stop$` or `seconds` does.
 * `final` comes last.
 *
 * A device that is lost for good leaves its `final` on what came before; then the stream errors. Where no device is
 * found it only errors. Nothing ever waits for the subscriber; unsubscribing closes the port.
 */
export function screenDevice(options: ScreenDeviceOptions, screener: Screener): Observable<ScreeningEvent> {
  return new Observable((subscriber) => {
    const stop$ = new Subject<void>();
    const backlog = screener.newBacklog();
    const roomAgain$ = new Subject<void>();
    const stopListening = backlog.onRoomAgain(() => roomAgain$.next());
    const run = new DeviceRun(options, screener, backlog, stop$, subscriber);
    const credit = { availableSamples: () => run.availableSamples, roomAgain$ };
    subscriber.add(stopListening);
    subscriber.add(() => run.abandon());
    subscriber.add(options.stop$?.subscribe(() => stop$.next()));
    subscriber.add(
      options
        .open(stop$, credit)
        .pipe(streamSamples())
        .subscribe({
          next: (event) => run.receive(event),
          error: (error: unknown) => run.end(error),
          complete: () => run.end(),
        }),
    );
  });
}

/** State of one run of {@link screenDevice}. */
class DeviceRun {
  private readonly samples$ = new Subject<Sampled>();
  private readonly contact = new SkinContact();
  private extent: RecordingExtent | undefined;
  private device: DeviceEvent | undefined;
  private outcome: RecordingOutcome | undefined;
  private stethoscope: StethoscopeProfile | null = null;
  private deviceError: unknown;
  private takesSamples = true;

  constructor(
    private readonly options: ScreenDeviceOptions,
    private readonly screener: Screener,
    private readonly backlog: Backlog,
    private readonly stop$: Subject<void>,
    private readonly subscriber: Subscriber<ScreeningEvent>,
  ) {}

  /** As many samples as make the windows that there is room for. */
  get availableSamples(): number {
    return this.backlog.room * this.screener.hopSeconds * (this.device?.sampleRateHz ?? 0);
  }

  receive(event: DeviceStreamEvent): void {
    switch (event.kind) {
      case 'samples':
      case 'gap':
        return this.take(event);
      case 'device':
        return this.meet(event);
      case 'complaint':
        return this.notice(complaintSentence(event));
      case 'joining-gaps':
        return this.notice(
          'the stethoscope loses samples so often that gaps are joined from here on, and the pieces between them count as ' +
            'lost; check the cable, the hub and the firmware',
        );
      case 'search':
        return this.emit(out.searchEvent(event));
      case 'connection':
        return this.emit(out.connectionEvent(event));
      case 'status':
        return this.takeStatus(event);
      case 'line':
        return this.emit(out.lineEvent(event));
      case 'level':
        return this.emit(event);
      case 'notice':
        return this.notice(event.message);
      case 'ended':
        return;
    }
  }

  private takeStatus(status: DeviceStatus): void {
    const { extent } = this;
    if (extent !== undefined) this.contact.push(extent.durationSeconds, status.contact);
    this.emit({ ...out.statusEvent(status), ...(extent === undefined ? {} : { atSample: extent.samples }) });
  }

  /** The device is done, or gone for good: what it left is screened to the end. */
  end(error?: unknown): void {
    this.deviceError = error;
    // At a wrong rate, which may turn up late, nothing that was heard means anything: it gets no result.
    if (this.device === undefined || error instanceof ConfigurationError) {
      if (error === undefined) this.subscriber.complete();
      else this.subscriber.error(error);
      return;
    }
    this.samples$.complete();
  }

  abandon(): void {
    this.samples$.unsubscribe();
  }

  private meet(device: DeviceEvent): void {
    const isFirst = this.device === undefined;
    if (isFirst) this.stethoscope = this.options.stethoscopeFor?.(device) ?? null;
    // Before anybody prepares for it: of a device that cannot be screened no session is begun.
    const screening = isFirst ? this.prepare(device) : undefined;
    if (this.subscriber.closed) return;
    this.options.watcher?.device?.(device, this.stethoscope);
    this.emit(out.deviceEvent(device, usedStethoscope(this.stethoscope)));
    if (screening !== undefined) this.begin(device, screening);
    else if (device.formatChanged) {
      // Its samples have another time axis: they cannot become part of this recording.
      this.notice(
        `the stethoscope came back with another format (${device.sampleRateHz} Hz, ${device.bitsPerSample} bit); ` +
          'this recording ends here, start a new one',
      );
      this.takesSamples = false;
      this.stop$.next();
    }
  }

  /** @returns the stages for this device; where the model cannot take its rate, undefined, and the stream has failed */
  private prepare(device: DeviceEvent): ReturnType<Screener['screen']> | undefined {
    const { capacity, watcher } = this.options;
    try {
      return this.screener.screen(device, {
        backlog: this.backlog,
        stethoscope: this.stethoscope,
        contact: this.contact,
        ...(capacity === undefined ? {} : { capacity }),
        ...(watcher?.conditioned === undefined ? {} : { watchConditioned: watcher.conditioned }),
      });
    } catch (error) {
      this.subscriber.error(error);
      return undefined;
    }
  }

  private begin(device: DeviceEvent, screening: ReturnType<Screener['screen']>): void {
    this.device = device;
    const extent = (this.extent = new RecordingExtent(device.sampleRateHz));
    const rhythm = new RhythmLog(this.options.name ?? device.path);
    this.subscriber.add(
      this.samples$.pipe(tap(extent.push.bind(extent)), screening).subscribe({
        next: (judged) => {
          if (judged.kind === 'outcome') {
            this.outcome = judged;
            return;
          }
          this.emit(out.screeningEvent(judged));
          if (judged.kind !== 'verdict') this.emitAll(rhythm.push(judged));
        },
        error: (error: unknown) => this.subscriber.error(error),
        complete: () => this.conclude(device, rhythm),
      }),
    );
  }

  private take(value: Sampled): void {
    if (!this.takesSamples || this.extent === undefined) return;
    const within = this.upToTheEnd(value);
    this.options.watcher?.samples?.(within);
    this.samples$.next(within);
    if (this.extent.durationSeconds >= (this.options.seconds ?? Infinity)) {
      // What the device sends until it hears STOP is beyond what was asked for.
      this.takesSamples = false;
      this.stop$.next();
    }
  }

  /** What of it lies within the seconds that were asked for, so that packets of any length give the same recording. */
  private upToTheEnd(value: Sampled): Sampled {
    const { seconds = Infinity } = this.options;
    const endSample = Math.ceil(seconds * this.device!.sampleRateHz);
    if (value.kind === 'gap') {
      const lostSamples = Math.min(value.lostSamples, endSample - value.atSample);
      return { ...value, lostSamples };
    }
    const left = endSample - value.firstSample;
    return left >= value.samples.length ? value : { ...value, samples: value.samples.slice(0, left) };
  }

  private conclude({ path, sampleRateHz }: DeviceEvent, rhythm: RhythmLog): void {
    this.emitAll(rhythm.end());
    const { durationSeconds } = this.extent!;
    const source = { file: this.options.name ?? path, sampleRateHz, durationSeconds };
    const used = usedStethoscope(this.stethoscope);
    this.emit(out.finalEvent(this.outcome!, source, this.screener.model, used, rhythm.summary()));
    if (this.deviceError === undefined) this.subscriber.complete();
    else this.subscriber.error(this.deviceError);
  }

  private notice(message: string): void {
    this.emit({ kind: 'notice', file: this.options.name ?? this.device?.path ?? '', message });
  }

  private emitAll(events: readonly ScreeningEvent[]): void {
    for (const event of events) this.emit(event);
  }

  private emit(event: ScreeningEvent): void {
    this.subscriber.next(event);
  }
}

function complaintSentence({ code, text, leftOut }: DeviceComplaint): string {
  const others = leftOut === 0 ? '' : ` (and ${leftOut} reports before it, not shown)`;
  return `the stethoscope reports error ${code}: ${text}${others}`;
}
