import { map, type Subscription } from 'rxjs';
import { openSerialPort } from '../../src/acquire/serial-port.js';
import type { SamplesPacket } from '../../src/decode/wire/packet.js';
import { openStethoscope, type StethoscopeOptions } from '../../src/device/open-stethoscope.js';
import type { StethoscopeEvent } from '../../src/device/stethoscope-event.js';
import { simulate, type SimulateOptions, type SimulatorEvent } from '../../src/simulate/simulate.js';
import type { SimulatedRecording } from '../../src/simulate/simulated-recording.js';
import { until } from './until.js';

/** A recording of which every sample of 16 bit tells its place, up to 60,000 samples. */
export function rampRecording(seconds: number, sampleRateHz = 2000): SimulatedRecording {
  const samples = Float64Array.from(
    { length: Math.round(seconds * sampleRateHz) },
    (_, index) => ((index % 60_000) - 30_000) / 32768,
  );
  return { sampleRateHz, bitsPerSample: 16, samples };
}

/** A simulated device that is plugged in until `unplug()`. */
export class PluggedIn {
  readonly events: SimulatorEvent[] = [];
  private readonly subscription: Subscription;
  error: unknown;

  constructor(options: Partial<SimulateOptions> = {}) {
    this.subscription = simulate({ recording: rampRecording(3), announce: false, ...options }).subscribe({
      next: (event) => this.events.push(event),
      error: (error: unknown) => (this.error = error),
    });
    if (this.error !== undefined) throw this.error as Error;
  }

  /** Of the newest pseudo-terminal, or the link. */
  get path(): string {
    const device = this.events.findLast((event) => event.kind === 'device');
    if (device === undefined) throw new Error('no device');
    return device.path;
  }

  count(kind: SimulatorEvent['kind']): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  get hostIsThere(): boolean {
    const last = this.events.findLast((event) => event.kind === 'host');
    return last?.state === 'arrived';
  }

  unplug(): void {
    this.subscription.unsubscribe();
  }
}

/** A host that listens until `leave()`, with times that suit a test. */
export class Listener {
  readonly events: StethoscopeEvent[] = [];
  private readonly subscription: Subscription;
  error: unknown;
  isComplete = false;
  private killed = false;

  constructor(options: StethoscopeOptions) {
    const openPort = options.openPort ?? ((path: string) => openSerialPort({ path }));
    this.subscription = openStethoscope({
      handshakeTimeoutMs: 1500,
      listPorts: () => Promise.resolve([]),
      listSimulatedPorts: () => [],
      reconnect: { firstDelayMs: 20, longestDelayMs: 100, giveUpAfterMs: 10_000 },
      ...options,
      openPort: (path) =>
        openPort(path).pipe(
          map((event) =>
            event.kind === 'open'
              ? { ...event, write: (bytes: Uint8Array) => (this.killed ? undefined : event.write(bytes)) }
              : event,
          ),
        ),
    }).subscribe({
      next: (event) => this.events.push(event),
      error: (error: unknown) => (this.error = error),
      complete: () => (this.isComplete = true),
    });
  }

  leave(): void {
    this.subscription.unsubscribe();
  }

  /** Closes the port without a word, as the system does for a program that is killed. */
  kill(): void {
    this.killed = true;
    this.leave();
  }

  /** Resolves when the stream is over, however it ended. */
  async over(limitMs = 10_000): Promise<void> {
    await until(() => this.isComplete || this.error !== undefined, 'the end of the stream', limitMs);
  }

  of<Kind extends StethoscopeEvent['kind']>(kind: Kind): Extract<StethoscopeEvent, { kind: Kind }>[] {
    return this.events.filter((event) => event.kind === kind) as Extract<StethoscopeEvent, { kind: Kind }>[];
  }

  /** In a word each, packets left out. */
  get story(): string[] {
    return this.events.flatMap((event) => {
      switch (event.kind) {
        case 'device':
          return [`device ${event.occasion}`];
        case 'connection':
          return event.state === 'lost' ? [`lost ${event.reason}`] : [];
        case 'ended':
          return [`ended ${event.reason}`];
        default:
          return [];
      }
    });
  }

  get samples(): SamplesPacket[] {
    return this.of('packet').flatMap(({ packet }) => (packet.type === 'samples' ? [packet] : []));
  }

  /** Places in a {@link rampRecording} of all samples that came. */
  get places(): number[] {
    return this.samples.flatMap((packet) => [...packet.samples].map((integer) => integer + 30_000));
  }
}
