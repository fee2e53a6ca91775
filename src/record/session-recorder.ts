import type { Sampled } from '../decode/samples.js';
import { ConfigurationError } from '../errors.js';
import { describeDiskFault } from './disk-fault.js';
import { toLine, type RecorderLine } from './event-log.js';
import { SampleIntegers } from './sample-integers.js';
import {
  checkSubject,
  INTENDED_USE,
  storageFor,
  type SessionDescription,
  type SessionResult,
} from './session-layout.js';
import { diskFileSystem, type SessionFileSystem } from './session-file-system.js';
import { makeSessionFolder, toMebibytes } from './session-root.js';
import { SessionWriter } from './session-writer.js';
import { WriteQueue } from './write-queue.js';

/** Something the person should know of the recording on disk; the screening goes on. At most one of each state. */
export interface RecordingTrouble {
  readonly kind: 'recording';
  /**
   * `low-space`: it may not last. `behind`: the disk was so slow that something could not be kept. `stopped`: nothing
   * more is stored, and what is stored stays valid.
   */
  readonly state: 'low-space' | 'behind' | 'stopped';
  readonly code: 'LUBDUB_SESSION';
  readonly message: string;
}

export interface SessionRecorderOptions {
  /** From {@link checkSessionRoot}. */
  readonly outDirectory: string;
  /** A pseudonymous code, in the folder's name. Default none. */
  readonly subject?: string;
  /** `fullScale` is the device's integer for 1.0; default that of 16 or 24 bits. */
  readonly format: {
    readonly sampleRateHz: number;
    readonly bitsPerSample: number;
    readonly fullScale?: number;
  };
  /** What the device says of itself. */
  readonly device: Readonly<Record<string, unknown>> | null;
  readonly model: { readonly name: string; readonly sha256: string; readonly [further: string]: unknown };
  /** All that the result depends on; nothing of the patient. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly lubdubVersion: string;
  /** Called in a microtask of its own, never from within a call to the recorder. */
  readonly onTrouble?: (trouble: RecordingTrouble) => void;
  /** Default now. */
  readonly startedAt?: Date;
  /** What may wait for the disk before something is not kept. Default 32 MiB: over two hours at 2,000 Hz, 16 bits. */
  readonly maxQueuedBytes?: number;
  /** How long what was written may be at the mercy of a power cut. Default 500. */
  readonly syncIntervalMs?: number;
  /** Even; default just under 2 GiB of samples a file. */
  readonly samplesPerFile?: number;
  readonly fileSystem?: SessionFileSystem;
}

/** What became of a session. */
export interface RecordedSession {
  /** `null` where not even the folder could be made. */
  readonly directory: string | null;
  /** `unfinished`: there is no result on disk; recovery mends that. */
  readonly state: 'finished' | 'stopped' | 'unfinished';
  readonly storedSamples: number;
  readonly notStored: { readonly samples: number; readonly events: number };
  /** Why it is not `finished`. */
  readonly message: string | null;
}

const DEFAULT_QUEUED_BYTES = 32 * 1024 * 1024;
const DEFAULT_SYNC_INTERVAL_MS = 500;
const DEFAULT_FINISH_TIMEOUT_MS = 30_000;
/** A person should have so long to react before the disk is full. */
const LOW_SPACE_SECONDS = 3600;
/** What the event stream takes a second, rounded up: a window, now and then a verdict, two checkpoints. */
const EVENT_BYTES_A_SECOND = 2048;

/** What could not be kept since the queue became full. */
interface Hole {
  readonly atSample: number;
  samples: number;
  gaps: number;
  events: number;
}

/**
 * Keeps one recording on disk while it is screened: samples as they came, events as they went out.
 *
 * {@link push} and {@link event} return at once and never throw. What they are given is encoded, queued and written in
 * order; at most `maxQueuedBytes` wait. When the disk stalls for longer, what arrives is not kept, counted, and
 * marked in the event stream as a hole, until half of the queue is free again. When the disk fails, recording ends.
 */
export class SessionRecorder {
  /** The session's folder, as soon as its files stand; `null` where they cannot be made. Never rejects. */
  readonly opened: Promise<string | null>;
  private readonly fileSystem: SessionFileSystem;
  private readonly syncIntervalMs: number;
  private readonly description: SessionDescription;
  private readonly integers: SampleIntegers;
  private readonly queue: WriteQueue;

  private directory: string | null = null;
  private writer: SessionWriter | undefined;
  private working: Promise<void> | undefined;
  private lastSync = performance.now();
  private isUnsynced = false;
  private syncTimer: NodeJS.Timeout | undefined;
  private stopMessage: string | null = null;
  private outcome: Promise<RecordedSession> | undefined;
  private readonly told = new Set<RecordingTrouble['state']>();

  /** Samples that were queued: those on disk once the queue is empty. */
  private accepted = 0;
  /** Index that the next sample has if nothing is missing before it. */
  private position = 0;
  private hole: Hole | null = null;
  private readonly notStored = { samples: 0, events: 0 };

  /** @throws ConfigurationError for a subject code or a format that cannot be kept; nothing on disk then */
  constructor(private readonly options: SessionRecorderOptions) {
    const { maxQueuedBytes = DEFAULT_QUEUED_BYTES, syncIntervalMs = DEFAULT_SYNC_INTERVAL_MS } = options;
    if (!(maxQueuedBytes >= 1) || !(syncIntervalMs >= 0)) {
      throw new ConfigurationError(
        `maxQueuedBytes must be at least 1 and syncIntervalMs at least 0, got ${maxQueuedBytes} and ${syncIntervalMs}`,
      );
    }
    this.fileSystem = options.fileSystem ?? diskFileSystem;
    this.syncIntervalMs = syncIntervalMs;
    this.queue = new WriteQueue(maxQueuedBytes);
    this.description = describe(options);
    this.integers = new SampleIntegers(this.description.storage);
    this.opened = this.open();
    this.working = this.opened.then(() => this.work());
  }

  get counts() {
    return {
      storedSamples: this.writer?.storedSamples ?? 0,
      queuedBytes: this.queue.bytes,
      notStored: { ...this.notStored },
    };
  }

  /** Takes what the source emits, in its order. The array is not kept. */
  push(value: Sampled): void {
    if (this.outcome !== undefined) return;
    if (value.kind === 'gap') {
      const { atSample, lostSamples, cause } = value;
      this.place({ what: 'gap', atSample, lostSamples, cause }, atSample);
      this.position = atSample + lostSamples;
    } else if (value.samples.length > 0) {
      this.keep(value.firstSample, value.samples);
      this.position = value.firstSample + value.samples.length;
    }
  }

  /** Takes an event as it goes out. The object is not kept. */
  event(event: object): void {
    if (this.outcome !== undefined) return;
    let line = '';
    try {
      line = toLine(event);
    } catch {
      // A cyclic object or a big integer: a fault, but none that may end a screening.
    }
    if (line !== '' && this.admit(line.length, this.position)) {
      this.queue.addEvent(line);
      this.startWork();
      return;
    }
    this.notStored.events++;
    if (this.hole !== null) this.hole.events++;
  }

  /** Resolves while at least half of the queue is free: for a source that can wait for the disk. */
  room(): Promise<void> {
    return this.queue.room();
  }

  /**
   * Writes what waits, the result and the hashes, and closes the files. Later calls give the first one's promise.
   *
   * @param final the screening's last word, `null` where it has none
   * @param timeoutMs how long to wait for a disk that stalls. Default 30,000
   * @returns never rejects
   */
  finish(final: object | null, timeoutMs = DEFAULT_FINISH_TIMEOUT_MS): Promise<RecordedSession> {
    this.outcome ??= this.finishWithin(final, timeoutMs);
    return this.outcome;
  }

  private async open(): Promise<string | null> {
    const { outDirectory, subject } = this.options;
    try {
      const startedAt = new Date(this.description.startedAt);
      this.directory = await makeSessionFolder(this.fileSystem, outDirectory, startedAt, subject ?? null);
      this.writer = new SessionWriter(this.fileSystem, this.directory, this.description);
      await this.writer.open();
      await this.checkSpace(this.directory);
      return this.directory;
    } catch (error) {
      await this.stop(error);
      return null;
    }
  }

  private async checkSpace(directory: string): Promise<void> {
    const { sampleRateHz, bitsPerSample } = this.description.storage;
    const bytesPerSecond = (sampleRateHz * bitsPerSample) / 8 + EVENT_BYTES_A_SECOND;
    const freeBytes = await this.fileSystem.freeBytes(directory);
    if (freeBytes >= LOW_SPACE_SECONDS * bytesPerSecond) return;
    const minutes = Math.floor(freeBytes / bytesPerSecond / 60);
    this.tell(
      'low-space',
      `${directory} has room for about ${minutes} minutes of recording (${toMebibytes(freeBytes)} MiB); free some space`,
    );
  }

  /** @returns whether something that stands at `atSample` can be kept; where not, a hole is open or recording ended */
  private admit(bytes: number, atSample: number): boolean {
    if (this.stopMessage !== null) return false;
    if (this.hole === null) {
      if (this.queue.fits(bytes)) return true;
      this.hole = { atSample: this.position, samples: 0, gaps: 0, events: 0 };
      this.tell(
        'behind',
        `${this.directory ?? this.options.outDirectory} is on a disk that does not keep up; what it cannot take is counted ` +
          'and not stored. Use a faster disk, or find what else writes to it',
      );
      return false;
    }
    if (!this.queue.isHalfEmpty) return false;
    this.closeHole(atSample);
    return true;
  }

  private closeHole(untilSample: number): void {
    const { atSample, samples, gaps, events } = this.hole!;
    const lostSamples = Math.max(0, untilSample - atSample);
    this.hole = null;
    this.addPlacing({ what: 'not-stored', atSample, lostSamples, samples, gaps, events });
    this.position = atSample + lostSamples;
  }

  private place(line: Placing, atSample: number): void {
    // Length of the longest such line; its exact one is not known before it is written.
    if (this.admit(256, atSample)) this.addPlacing(line);
    else if (this.hole !== null) this.hole.gaps++;
  }

  private addPlacing(line: Placing): void {
    const text: RecorderLine = { kind: 'recorder', storedSamples: this.accepted, ...line };
    this.queue.addPlacing(toLine(text));
    this.startWork();
  }

  private keep(firstSample: number, samples: Float64Array): void {
    const bytes = (samples.length * this.description.storage.bitsPerSample) / 8;
    if (!this.admit(bytes, firstSample)) {
      this.notStored.samples += samples.length;
      if (this.hole !== null) this.hole.samples += samples.length;
      return;
    }
    if (firstSample !== this.position) this.addPlacing({ what: 'position', firstSample });
    this.queue.addSamples(this.integers.encode(samples));
    this.accepted += samples.length;
    this.startWork();
  }

  private startWork(): void {
    this.working ??= this.work();
  }

  private async work(): Promise<void> {
    clearTimeout(this.syncTimer);
    try {
      while (this.stopMessage === null && !this.queue.isEmpty) {
        this.isUnsynced = true;
        await this.writer!.write(this.queue.take());
        this.queue.settle();
        await this.syncIfDue();
      }
      await this.syncIfDue();
    } catch (error) {
      await this.stop(error);
    }
    this.working = undefined;
    if (this.stopMessage !== null || !this.isUnsynced || this.outcome !== undefined) return;
    if (this.queue.isEmpty) this.syncTimer = setTimeout(() => this.startWork(), this.syncDelayMs);
    else this.startWork();
  }

  private get syncDelayMs(): number {
    return Math.max(0, this.lastSync + this.syncIntervalMs - performance.now());
  }

  private async syncIfDue(): Promise<void> {
    if (!this.isUnsynced || this.stopMessage !== null || this.syncDelayMs > 0) return;
    this.lastSync = performance.now();
    await this.writer!.checkpoint();
    this.isUnsynced = false;
  }

  /** Nothing more is stored; what is stored is left whole. */
  private async stop(error: unknown): Promise<void> {
    if (this.stopMessage !== null) return;
    const where = this.directory ?? this.options.outDirectory;
    this.stopMessage = `recording to ${where} stopped: ${describeDiskFault(error)}. The screening goes on, nothing more is stored`;
    this.tell('stopped', this.stopMessage);
    await this.writer?.cutTornEnds();
    this.notStored.samples += this.accepted - (this.writer?.storedSamples ?? 0);
    // Some of those that were being written may be there.
    this.notStored.events += this.queue.events;
    this.queue.clear();
  }

  private async finishWithin(final: object | null, timeoutMs: number): Promise<RecordedSession> {
    let timer: NodeJS.Timeout | undefined;
    const tooSlow = new Promise<string>((resolve) => {
      const message = `the disk did not take the end of the recording within ${timeoutMs} ms`;
      timer = setTimeout(() => resolve(message), timeoutMs);
    });
    const ending = this.writeEnd(final).then(
      () => null,
      (error: unknown) => `the end of the recording could not be stored: ${describeDiskFault(error)}`,
    );
    const failure = await Promise.race([ending, tooSlow]);
    clearTimeout(timer);
    const done = this.stopMessage === null ? 'finished' : 'stopped';
    return {
      directory: this.directory,
      state: failure === null ? done : 'unfinished',
      storedSamples: this.writer?.storedSamples ?? 0,
      notStored: { ...this.notStored },
      message: this.stopMessage ?? failure,
    };
  }

  private async writeEnd(final: object | null): Promise<void> {
    if (this.hole !== null && this.stopMessage === null) this.closeHole(this.position);
    while (this.working !== undefined) await this.working;
    clearTimeout(this.syncTimer);
    const { writer } = this;
    if (writer === undefined || (await this.opened) === null) throw new Error('its files were never made');
    try {
      if (this.stopMessage === null) await writer.checkpoint();
      await writer.finish({
        formatVersion: 1,
        intendedUse: INTENDED_USE,
        state: this.stopMessage === null ? 'finished' : 'stopped',
        endedAt: new Date().toISOString(),
        final: final as SessionResult['final'],
        notStored: { ...this.notStored },
        inexactSamples: this.integers.inexact,
        stoppedBecause: this.stopMessage,
        recovery: null,
      });
    } finally {
      await writer.close();
    }
  }

  private tell(state: RecordingTrouble['state'], message: string): void {
    const { onTrouble } = this.options;
    if (this.told.has(state)) return;
    this.told.add(state);
    if (onTrouble !== undefined) {
      queueMicrotask(() => onTrouble({ kind: 'recording', state, code: 'LUBDUB_SESSION', message }));
    }
  }
}

/** A line that says where in time samples stand; the number of samples before it is added when it is queued. */
type Placing = RecorderLine extends infer Line
  ? Line extends { readonly what: 'gap' | 'position' | 'not-stored' }
    ? Omit<Line, 'kind' | 'storedSamples'>
    : never
  : never;

function describe(options: SessionRecorderOptions): SessionDescription {
  const { subject, format, device, model, configuration, lubdubVersion, startedAt = new Date() } = options;
  const { sampleRateHz, bitsPerSample, fullScale } = format;
  return {
    formatVersion: 1,
    intendedUse: INTENDED_USE,
    startedAt: startedAt.toISOString(),
    subject: subject === undefined ? null : checkSubject(subject),
    versions: {
      lubdub: lubdubVersion,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    processId: process.pid,
    source: { sampleRateHz, bitsPerSample, ...(fullScale === undefined ? {} : { fullScale }) },
    storage: storageFor(format, options.samplesPerFile),
    device,
    model,
    configuration,
  };
}
