import type { Sampled } from '../decode/samples.js';
import { ConfigurationError } from '../errors.js';
import { describeDiskFault } from './disk-fault.js';
import { DiskWorker } from './disk-worker.js';
import { KeptStream } from './kept-stream.js';
import { checkSubject, storageFor, type SessionDescription, type SessionResult } from './session-layout.js';
import { diskFileSystem, type SessionFileSystem } from './session-file-system.js';
import { makeSessionFolder, toMebibytes } from './session-root.js';
import { SessionWriter } from './session-writer.js';
import { WriteQueue } from './write-queue.js';
import { INTENDED_USE } from '../verdict/disclaimer.js';

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
  /** Nobody is listened to; default false. */
  readonly simulated?: boolean;
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
  private readonly description: SessionDescription;
  private readonly fileSystem: SessionFileSystem;
  private readonly queue: WriteQueue;
  private readonly stream: KeptStream;
  private readonly worker: DiskWorker;
  private directory: string | null = null;
  private writer: SessionWriter | undefined;
  private stopMessage: string | null = null;
  private outcome: Promise<RecordedSession> | undefined;
  private readonly told = new Set<RecordingTrouble['state']>();

  /** @throws ConfigurationError for a subject code or a format that cannot be kept; nothing on disk then */
  constructor(private readonly options: SessionRecorderOptions) {
    const { maxQueuedBytes = DEFAULT_QUEUED_BYTES, syncIntervalMs = DEFAULT_SYNC_INTERVAL_MS } = options;
    if (!(maxQueuedBytes >= 1) || !(syncIntervalMs >= 0)) {
      throw new ConfigurationError(
        `maxQueuedBytes must be at least 1 and syncIntervalMs at least 0, got ${maxQueuedBytes} and ${syncIntervalMs}`,
      );
    }
    this.description = describe(options);
    this.fileSystem = options.fileSystem ?? diskFileSystem;
    this.queue = new WriteQueue(maxQueuedBytes);
    this.stream = new KeptStream(this.queue, this.description.storage, () => this.tellBehind());
    this.worker = new DiskWorker(this.queue, syncIntervalMs, (error) => this.stop(error));
    this.opened = this.open();
  }

  get counts() {
    return {
      storedSamples: this.writer?.storedSamples ?? 0,
      /** Those that would survive a power cut. */
      safeSamples: this.writer?.safeSamples ?? 0,
      queuedBytes: this.queue.bytes,
      notStored: this.stream.notStored,
    };
  }

  /** Takes what the source emits, in its order. The array is not kept. */
  push(value: Sampled): void {
    if (this.outcome !== undefined) return;
    this.stream.push(value);
    this.worker.start();
  }

  /** Takes an event as it goes out. The object is not kept. */
  event(event: object): void {
    if (this.outcome !== undefined) return;
    this.stream.event(event);
    this.worker.start();
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
    } catch (error) {
      await this.stop(error);
      return null;
    }
    this.worker.begin(this.writer);
    await this.checkSpace(this.directory);
    return this.directory;
  }

  private async checkSpace(directory: string): Promise<void> {
    const { sampleRateHz, bitsPerSample } = this.description.storage;
    const bytesPerSecond = (sampleRateHz * bitsPerSample) / 8 + EVENT_BYTES_A_SECOND;
    // A disk that takes files but does not say what is free is no reason to stop.
    const freeBytes = await this.fileSystem.freeBytes(directory).catch(() => Infinity);
    if (freeBytes >= LOW_SPACE_SECONDS * bytesPerSecond) return;
    const minutes = Math.floor(freeBytes / bytesPerSecond / 60);
    this.tell(
      'low-space',
      `${directory} has room for about ${minutes} minutes of recording (${toMebibytes(freeBytes)} MiB); free some space`,
    );
  }

  /** Nothing more is stored; what is stored is left whole. */
  private async stop(error: unknown): Promise<void> {
    if (this.stopMessage !== null) return;
    const where = this.directory ?? this.options.outDirectory;
    this.stopMessage = `recording to ${where} stopped: ${describeDiskFault(error)}. The screening goes on, nothing more is stored`;
    this.tell('stopped', this.stopMessage);
    this.worker.end();
    this.stream.end();
    await this.writer?.cutTornEnds();
    this.stream.countLost(this.writer?.storedSamples ?? 0);
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
      notStored: this.stream.notStored,
      message: this.stopMessage ?? failure,
    };
  }

  private async writeEnd(final: object | null): Promise<void> {
    this.stream.end();
    const opened = await this.opened;
    await this.worker.drain();
    const { writer } = this;
    if (writer === undefined || opened === null) {
      await writer?.close();
      throw new Error('its files could not be made');
    }
    if (this.stopMessage === null) await writer.checkpoint().catch((error: unknown) => this.stop(error));
    try {
      await writer.finish({
        formatVersion: 1,
        intendedUse: INTENDED_USE,
        state: this.stopMessage === null ? 'finished' : 'stopped',
        endedAt: new Date().toISOString(),
        final: final as SessionResult['final'],
        notStored: this.stream.notStored,
        inexactSamples: this.stream.inexactSamples,
        stoppedBecause: this.stopMessage,
        recovery: null,
      });
    } finally {
      await writer.close();
    }
  }

  private tellBehind(): void {
    const where = this.directory ?? this.options.outDirectory;
    this.tell(
      'behind',
      `${where} is on a disk that does not keep up; what it cannot take is counted and not stored. ` +
        'Use a faster disk, or find what else writes to it',
    );
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
    simulated: options.simulated ?? false,
    model,
    configuration,
  };
}
