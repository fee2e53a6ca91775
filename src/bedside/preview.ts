import { NEVER, Subscription } from 'rxjs';
import { conditioningDelaySeconds } from '../classify/conditioning.js';
import { PortError } from '../errors.js';
import { RecentHeartRate } from '../heart/recent-heart-rate.js';
import type { SoundPiece } from '../listen/sound-piece.js';
import { Screener } from '../screen/screener.js';
import { screenDevice, type ScreenDeviceOptions } from '../screen/screen-device.js';
import type { WindowEvent } from '../screen/result-events.js';
import type { DeviceEvent, ScreeningEvent } from '../screen/screening-events.js';
import type { PreviewOptions } from './bedside-options.js';
import type { PreviewWindow } from './bedside-status.js';
import { traceChunk, type TraceChunk } from './screening-controller.js';

export interface PreviewListener {
  /** Of the device and its line only: nothing is judged. */
  event(event: ScreeningEvent): void;
  trace(chunk: TraceChunk): void;
  sound(piece: SoundPiece): void;
  window(window: PreviewWindow): void;
  state(state: 'searching' | 'listening'): void;
}

/** What says something of the device or its line; all else would be the beginning of a result. */
export function isOfTheDevice({ kind }: ScreeningEvent): boolean {
  return ['device', 'search', 'connection', 'status', 'notice', 'level'].includes(kind);
}

/** What a window says of its signal alone; its heart rate joins those of the last windows. */
export function windowOfSignal(
  { quality, usable, reasons, heartRateBpm }: WindowEvent,
  heartRate: RecentHeartRate,
): PreviewWindow {
  heartRate.push(heartRateBpm);
  return { quality, usable, reasons, heartRateBpm: heartRate.estimate() };
}

const DEFAULT_RETRY_MS = 1000;
/** What is not the line's fault does not mend itself soon. */
const FAULT_RETRY_MS = 15_000;

/**
 * A stethoscope that is listened to while nothing is recorded: its trace, the quality of its signal, its state. No model
 * hears it and nothing is stored. Opens it again whenever it ends or fails, until it is closed.
 */
export class Preview {
  private readonly screener: Screener;
  private listening = new Subscription();
  private readonly changes: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;
  private device: DeviceEvent | undefined;
  private delaySeconds = 0;
  private toldFault = '';
  private readonly heartRate = new RecentHeartRate();

  constructor(
    screener: Screener,
    private readonly options: PreviewOptions,
    private readonly listener: PreviewListener,
    /** The profile that a recording now would be judged by: for who looks on. */
    private readonly stethoscopeFor: NonNullable<ScreenDeviceOptions['stethoscopeFor']> = () => null,
  ) {
    const { model, signalQuality } = screener;
    // The windows come for their quality; nobody looks at the evidence, so that no model is asked for it.
    const score = () => Promise.resolve(0);
    this.screener = new Screener(
      { model, threadCount: 1, score, close: () => Promise.resolve() },
      signalQuality,
    );
    this.changes = options.portsChanged$?.subscribe(() => {
      if (this.device?.simulated === true) this.retry(0);
    });
    this.listen();
  }

  /** Lets go of the device. */
  close(): void {
    clearTimeout(this.timer);
    this.changes?.unsubscribe();
    this.listening.unsubscribe();
  }

  private listen(): void {
    this.device = undefined;
    this.heartRate.reset();
    this.listener.state('searching');
    const { sampleRateHz: modelRateHz } = this.screener.model.contract.input;
    const run$ = screenDevice(
      {
        open: () => this.options.open(NEVER),
        stethoscopeFor: this.stethoscopeFor,
        watcher: {
          samples: (value) => this.listener.sound({ sampleRateHz: this.device!.sampleRateHz, value }),
          conditioned: (chunk) => {
            const { sampleRateHz } = this.device!;
            this.listener.trace(traceChunk(chunk, sampleRateHz, modelRateHz, this.delaySeconds));
          },
        },
      },
      this.screener,
    );
    this.listening = run$.subscribe({
      next: (event) => this.tell(event),
      error: (error: unknown) => this.fail(error),
      complete: () => this.retry(this.options.retryMs ?? DEFAULT_RETRY_MS),
    });
  }

  private tell(event: ScreeningEvent): void {
    switch (event.kind) {
      case 'device':
        this.device = event;
        this.delaySeconds = conditioningDelaySeconds(this.screener.model.contract, event.sampleRateHz);
        this.listener.event(event);
        return this.listener.state('listening');
      case 'window':
        return this.listener.window(windowOfSignal(event, this.heartRate));
      default:
        if (isOfTheDevice(event)) this.listener.event(event);
    }
  }

  private fail(error: unknown): void {
    if (error instanceof PortError) return this.retry(this.options.retryMs ?? DEFAULT_RETRY_MS);
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.toldFault) {
      this.listener.event({ kind: 'notice', file: this.device?.path ?? '', message });
    }
    this.toldFault = message;
    this.retry(FAULT_RETRY_MS);
  }

  private retry(inMs: number): void {
    this.listening.unsubscribe();
    clearTimeout(this.timer);
    if (this.device !== undefined) this.listener.state('searching');
    this.device = undefined;
    this.timer = setTimeout(() => this.listen(), inMs);
  }
}
