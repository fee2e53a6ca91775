import { BehaviorSubject, Subject } from 'rxjs';
import { butterworthBandPass } from '../../src/condition/butterworth.js';
import { RationalResampler } from '../../src/condition/rational-resampler.js';
import { SosFilter } from '../../src/condition/second-order-sections.js';
import { openRecording } from '../../src/decode/file/recording-file.js';
import { ConfigurationError } from '../../src/errors.js';
import type { ScreeningController, TraceChunk } from '../../src/bedside/screening-controller.js';
import type { SoundPiece } from '../../src/listen/sound-piece.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import type { ControllerStatus, HeartSoundMark, Naming } from '../../src/bedside/bedside-status.js';
import type { FinalEvent, WindowEvent } from '../../src/screen/result-events.js';

const RATE_HZ = 1000;
const CHUNK_SAMPLES = 64;
/** Of the bundled recordings. */
const SOURCE_RATE_HZ = 2000;

/**
 * A screening that is made up, but for its trace: a bundled recording, conditioned as ever, in a loop, at any pace.
 * What happens besides is up to the test.
 */
export class FakeController implements ScreeningController {
  readonly status$ = new BehaviorSubject<ControllerStatus>({
    state: 'idle',
    site: null,
    subject: null,
    session: null,
  });
  readonly events$ = new Subject<ScreeningEvent>();
  readonly trace$ = new Subject<TraceChunk>();
  readonly sound$ = new Subject<SoundPiece>();
  readonly marks$ = new Subject<readonly HeartSoundMark[]>();
  readonly calls: string[] = [];
  /** What the next recording ends with. */
  outcome: Partial<FinalEvent> = {};
  /** The profile of the device that answers. */
  stethoscope: FinalEvent['stethoscope'] = null;
  private timer: NodeJS.Timeout | undefined;
  private sent = 0;

  /**
   * @param samples conditioned, at 1,000 Hz
   * @param raw the same before, at 2,000 Hz: what is listened to; by default nothing is
   */
  constructor(
    private readonly samples: Float64Array,
    readonly raw: Float64Array = new Float64Array(0),
  ) {}

  static async playing(path: string): Promise<FakeController> {
    const { samples, raw } = await conditioned(path);
    return new FakeController(samples, raw);
  }

  /** Another one of the same trace. */
  again(): FakeController {
    return new FakeController(this.samples, this.raw);
  }

  get seconds(): number {
    return this.sent / RATE_HZ;
  }

  start(naming: Naming): Promise<void> {
    this.calls.push(`start ${naming.site} ${naming.subject}`);
    if (this.status$.value.state === 'recording') {
      return Promise.reject(new ConfigurationError('a recording is under way; stop it first'));
    }
    this.sent = 0;
    this.change({ ...naming, state: 'connecting', session: null });
    this.events$.next({
      kind: 'device',
      path: '/dev/ttyACM0',
      firmware: '1.2.0',
      serialNumber: 'LD-0042',
      sampleRateHz: 2000,
      stethoscope: this.stethoscope,
    });
    this.change({ state: 'recording' });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.calls.push('stop');
    this.pause();
    this.change({ state: 'stopping' });
    // Who plays nothing wants a result all the same.
    const seconds = this.seconds === 0 ? 20 : this.seconds;
    this.events$.next({
      kind: 'final',
      file: '/dev/ttyACM0',
      verdict: 'normal',
      probability: 0.2,
      reasons: [],
      durationSeconds: seconds,
      usableSeconds: seconds,
      windows: 10,
      lostSamples: 0,
      droppedWindows: 0,
      quality: 0.9,
      heartRateBpm: 72,
      sampleRateHz: 2000,
      model: { name: 'made-up', version: '0.0.0', sha256: '0'.repeat(64) },
      stethoscope: this.stethoscope,
      ...this.outcome,
    });
    this.change({ state: 'stopped' });
    return Promise.resolve();
  }

  discard(): Promise<void> {
    this.calls.push('discard');
    this.pause();
    this.change({ state: 'idle', session: null });
    return Promise.resolve();
  }

  name(naming: Naming): Promise<void> {
    this.calls.push(`name ${naming.site} ${naming.subject}`);
    if (this.status$.value.state === 'recording') {
      return Promise.reject(new ConfigurationError('spot and subject are fixed once a recording has begun'));
    }
    this.change(naming);
    return Promise.resolve();
  }

  change(change: Partial<ControllerStatus>): void {
    this.status$.next({ ...this.status$.value, ...change });
  }

  /** Sends so many seconds of trace at once. */
  play(seconds: number): void {
    for (let left = Math.round(seconds * RATE_HZ); left > 0; left -= CHUNK_SAMPLES) {
      this.send(Math.min(CHUNK_SAMPLES, left));
    }
  }

  /** Sends trace on its own until {@link pause}, at `speed` times real time. */
  run(speed = 1): void {
    this.pause();
    const begun = performance.now();
    const already = this.sent;
    this.timer = setInterval(() => {
      const due = already + ((performance.now() - begun) / 1000) * speed * RATE_HZ;
      while (this.sent + CHUNK_SAMPLES <= due) this.send(CHUNK_SAMPLES);
    }, 16);
  }

  pause(): void {
    clearInterval(this.timer);
  }

  /** Leaves out so many seconds, as a line does that loses packets. */
  lose(seconds: number): void {
    const lostSamples = Math.round(seconds * 2000);
    this.events$.next({ kind: 'gap', atSample: this.sent * 2, lostSamples, cause: 'lost' });
    this.sent += Math.round(seconds * RATE_HZ);
  }

  window(index: number, change: Partial<WindowEvent> = {}): void {
    this.events$.next({
      kind: 'window',
      index,
      startSeconds: index,
      endSeconds: index + 3,
      probability: 0.2,
      logit: null,
      quality: 0.9,
      usable: true,
      heartRateBpm: 72,
      reasons: [],
      dropped: null,
      ...change,
    });
  }

  private send(count: number): void {
    const from = this.sent % (this.samples.length - CHUNK_SAMPLES);
    this.trace$.next({
      startSeconds: this.sent / RATE_HZ,
      sampleRateHz: RATE_HZ,
      samples: this.samples.subarray(from, from + count),
    });
    const each = SOURCE_RATE_HZ / RATE_HZ;
    const samples = this.raw.slice(each * from, each * (from + count));
    const value = { kind: 'samples', firstSample: each * this.sent, samples } as const;
    if (samples.length > 0) this.sound$.next({ sampleRateHz: SOURCE_RATE_HZ, value });
    this.sent += count;
  }
}

async function conditioned(path: string): Promise<{ samples: Float64Array; raw: Float64Array }> {
  const recording = await openRecording(path);
  const { sampleRateHz } = recording;
  const filter = new SosFilter(butterworthBandPass({ order: 4, lowHz: 25, highHz: 400, sampleRateHz }));
  const resampler = new RationalResampler({
    inputRateHz: sampleRateHz,
    outputRateHz: RATE_HZ,
    antiAlias: { passHz: 400, stopHz: 600, stopbandDb: 80 },
  });
  const parts: number[] = [];
  const raw: number[] = [];
  for await (const { samples } of recording.chunks()) {
    raw.push(...samples);
    filter.execute(samples, samples);
    parts.push(...resampler.execute(samples));
  }
  await recording.close();
  return { samples: Float64Array.from(parts), raw: Float64Array.from(raw) };
}
