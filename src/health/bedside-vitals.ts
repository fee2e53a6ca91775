import { Subscription } from 'rxjs';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { ControllerStatus } from '../bedside/bedside-status.js';
import type { ScreeningController } from '../bedside/screening-controller.js';
import type { ScreeningEvent } from '../screen/screening-events.js';
import { DiskSpace } from './disk-space.js';
import { healthOf, openMetricsRegistry, type Health, type Vitals, type VitalSign } from './vitals.js';
import { WindowDelay } from './window-delay.js';

export interface BedsideVitalsOptions {
  readonly controller: Pick<ScreeningController, 'events$' | 'status$' | 'trace$'>;
  /** Of lubdub. */
  readonly version: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  /** Where sessions are stored, if they are. */
  readonly sessionsDirectory?: string;
  /** Messages that wait for a broker, where there is one. */
  readonly publishWaiting?: () => number;
  readonly disk?: DiskSpace;
}

const DEVICE_STATES = ['none', 'searching', 'connected', 'lost'] as const;
type DeviceState = (typeof DEVICE_STATES)[number];

/** A window of three seconds is due every second: so much unscored signal is more than a hiccup. */
const BEHIND_SECONDS = 20;
const BUCKETS_SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** Counts what happens at a bedside. Everything done on an event returns at once; a slow reader holds up nothing. */
export class BedsideVitals implements Vitals {
  private readonly registry = openMetricsRegistry();
  private readonly subscription = new Subscription();
  private readonly delay = new WindowDelay();
  private readonly disk: DiskSpace | undefined;
  private device: DeviceState = 'none';
  private state: ControllerStatus['state'] = 'idle';
  private trouble: string | null = null;
  private batteryPercent: number | null = null;
  private readonly windows;
  private readonly windowDelay;
  private readonly gaps;
  private readonly lostSamples;
  private readonly recordings;
  private readonly sessions;
  private readonly errors;

  constructor(private readonly options: BedsideVitalsOptions) {
    const { controller, sessionsDirectory } = options;
    this.disk =
      options.disk ?? (sessionsDirectory === undefined ? undefined : new DiskSpace(sessionsDirectory));
    const registers = [this.registry];
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
      new Counter({ name: `lubdub_${name}_total`, help, labelNames, registers });
    this.windows = counter('windows', 'Windows by what became of them.', ['outcome']);
    for (const outcome of ['usable', 'unusable', 'dropped']) this.windows.inc({ outcome }, 0);
    this.gaps = counter('gaps', 'Gaps in the signal by cause.', ['cause']);
    this.lostSamples = counter('lost_samples', 'Samples that never arrived.');
    this.recordings = counter('recordings', 'Recordings that came to a result, by verdict.', ['verdict']);
    this.sessions = counter('sessions', 'Recordings whose storing began.');
    this.errors = counter('errors', 'Errors by their code.', ['code']);
    this.windowDelay = new Histogram({
      name: 'lubdub_window_delay_seconds',
      help: "From the arrival of a window's last sample to its result.",
      buckets: BUCKETS_SECONDS,
      registers,
    });
    this.addStates();
    const watch = <T>(next: (value: T) => void) => ({ next, error: () => undefined });
    this.subscription.add(controller.status$.subscribe(watch((status) => this.setStatus(status))));
    this.subscription.add(controller.events$.subscribe(watch((event) => this.push(event))));
    this.subscription.add(
      controller.trace$.subscribe(watch((chunk) => this.delay.hear(chunk, performance.now()))),
    );
  }

  close(): void {
    this.subscription.unsubscribe();
  }

  async health(): Promise<Health> {
    const { name, version } = this.options.model;
    return healthOf(this.options.version, {
      model: { state: 'ok', message: `${name} ${version}` },
      windows: this.windowsSign(),
      stethoscope: this.deviceSign(),
      ...(this.disk === undefined ? {} : { disk: await this.disk.sign() }),
      ...(this.trouble === null ? {} : { sessions: { state: 'failed', message: this.trouble } as const }),
    });
  }

  metrics(): Promise<string> {
    return this.registry.metrics();
  }

  private windowsSign(): VitalSign {
    const waiting = this.delay.waitingSeconds;
    if (this.state !== 'recording' || waiting < BEHIND_SECONDS) return { state: 'ok', message: this.state };
    return {
      state: 'failed',
      message: `${waiting.toFixed(0)} s of signal wait for their result: the machine is too slow`,
    };
  }

  private deviceSign(): VitalSign {
    const isMissed = this.device === 'lost' || (this.device === 'searching' && this.state === 'connecting');
    return { state: isMissed ? 'warning' : 'ok', message: this.device };
  }

  private addStates(): void {
    const { registry, options, disk, delay } = this;
    const registers = [registry];
    const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
      new Gauge({
        name: `lubdub_${name}`,
        help,
        registers,
        async collect() {
          try {
            this.set(await read());
          } catch {
            // Not known is no figure.
            this.remove();
          }
        },
      });
    gauge('recording', '1 while a recording is under way.', () => (this.state === 'recording' ? 1 : 0));
    gauge('queue_seconds', 'Signal that waits for its result.', () => delay.waitingSeconds);
    if (disk !== undefined) gauge('disk_free_bytes', 'Free where sessions are stored.', () => disk.free());
    gauge('battery_ratio', 'Charge of the stethoscope; absent where it does not tell.', () => {
      if (this.batteryPercent === null) throw new Error('not known');
      return this.batteryPercent / 100;
    });
    const { publishWaiting } = options;
    if (publishWaiting !== undefined)
      gauge('publish_waiting', 'Messages that wait for the broker.', publishWaiting);
    const current = (): DeviceState => this.device;
    new Gauge({
      name: 'lubdub_device',
      help: '1 for the state of the stethoscope.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of DEVICE_STATES) this.set({ state }, state === current() ? 1 : 0);
      },
    });
    const { name, version, sha256 } = options.model;
    const labels = { version: options.version, model: name, model_version: version, model_sha256: sha256 };
    new Gauge({
      name: 'lubdub_build_info',
      help: 'What runs.',
      labelNames: Object.keys(labels),
      registers,
    }).set(labels, 1);
    new Gauge({
      name: 'lubdub_memory_bytes',
      help: 'Resident memory of the program.',
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  private setStatus({ state }: ControllerStatus): void {
    if (state === 'connecting' && this.state !== 'connecting') {
      this.delay.begin();
      this.trouble = null;
      if (this.device === 'none') this.device = 'searching';
    }
    this.state = state;
  }

  private push(event: ScreeningEvent): void {
    switch (event.kind) {
      case 'device':
        this.device = 'connected';
        return;
      case 'connection':
        this.device = 'lost';
        return;
      case 'search':
        if (event.chosen === null) this.device = 'searching';
        return;
      case 'status':
        this.batteryPercent = event.batteryPercent;
        return;
      case 'window': {
        const outcome = event.dropped !== null ? 'dropped' : event.usable ? 'usable' : 'unusable';
        this.windows.inc({ outcome });
        const delay = this.delay.settle(event, performance.now());
        if (delay !== null) this.windowDelay.observe(delay);
        return;
      }
      case 'gap':
        this.gaps.inc({ cause: event.cause });
        this.lostSamples.inc(event.lostSamples);
        return;
      case 'final':
        this.recordings.inc({ verdict: event.verdict });
        return;
      case 'recording':
        if (event.state === 'begun') this.sessions.inc();
        if (event.state === 'stopped' || event.state === 'unfinished') this.trouble = event.message;
        return;
      case 'error':
        this.errors.inc({ code: event.code });
        return;
      // Seen by other signs.
      case 'verdict':
      case 'rhythm':
      case 'notice':
      case 'level':
      case 'line':
        return;
    }
  }
}
