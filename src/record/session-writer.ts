import { dirname, join } from 'node:path';
import { EventLog, toLine, type RecorderLine } from './event-log.js';
import { SampleFiles } from './sample-files.js';
import {
  checksumText,
  sha256,
  toFileText,
  type SessionDescription,
  type SessionResult,
} from './session-layout.js';
import { EVENTS_FILE, RESULT_CHECKSUM_FILE, RESULT_FILE, SESSION_FILE } from './session-names.js';
import {
  writeAtomically,
  writeFully,
  type SessionFile,
  type SessionFileSystem,
} from './session-file-system.js';

/** What goes to the disk at once. */
export interface WriteBatch {
  /** Whole lines for the event stream. */
  readonly lines: readonly string[];
  /** Whether one of the lines says where in time the samples of this batch or a later one stand. */
  readonly linesPlaceSamples: boolean;
  /** Whole samples as they stand in the file. */
  readonly samples: readonly Uint8Array[];
}

export type ResultOfWriting = Omit<SessionResult, 'storedSamples' | 'integrity'>;

/**
 * Writes one session's folder, one step after the other; every step may reject with the file system's error, after
 * which only {@link cutTornEnds}, {@link finish} and {@link close} make sense.
 *
 * A line that places samples is safe from a power cut before those samples are written: samples after a gap that
 * nobody knows of would stand at the wrong time without a sign. The other way round nothing is wrong, for a gap
 * behind the last sample is only the end.
 */
export class SessionWriter {
  private readonly sampleFiles: SampleFiles;
  private readonly sessionText: string;
  private log: EventLog | undefined;
  private safe = 0;
  /** A line that places samples is written and not yet safe from a power cut. */
  private hasUnsafePlace = false;
  /** The description, until it and the names of the files would survive a power cut. */
  private unsettled: SessionFile | undefined;

  constructor(
    private readonly fileSystem: SessionFileSystem,
    readonly directory: string,
    description: SessionDescription,
  ) {
    this.sessionText = toFileText(description);
    this.sampleFiles = new SampleFiles(fileSystem, directory, description.storage);
  }

  get storedSamples(): number {
    return this.sampleFiles.storedSamples;
  }

  /**
   * Makes the files, so that samples can be written to them at once; they are safe from a power cut only with the
   * first checkpoint. Half a dozen syncs on a slow card would take longer than may be lost at a kill.
   */
  async open(): Promise<void> {
    const { fileSystem, directory } = this;
    const path = join(directory, SESSION_FILE);
    this.unsettled = await fileSystem.createFile(`${path}.part`);
    await writeFully(this.unsettled, Buffer.from(this.sessionText), 0);
    await fileSystem.rename(`${path}.part`, path);
    this.log = new EventLog(await fileSystem.createFile(join(directory, EVENTS_FILE)));
    await this.append([
      toLine({
        kind: 'recorder',
        what: 'begin',
        at: new Date().toISOString(),
        sessionSha256: sha256(this.sessionText),
      } satisfies RecorderLine),
    ]);
    await this.sampleFiles.open();
  }

  async write({ lines, linesPlaceSamples, samples }: WriteBatch): Promise<void> {
    // It may be a later batch that has the samples.
    this.hasUnsafePlace ||= linesPlaceSamples;
    if (lines.length > 0) await this.append(lines);
    if (samples.length === 0) return;
    if (this.hasUnsafePlace) {
      await this.log!.sync();
      await this.settle();
      this.hasUnsafePlace = false;
    }
    await this.sampleFiles.append(samples.length === 1 ? samples[0] : Buffer.concat(samples));
  }

  /** Of the stored samples those that would survive a power cut. */
  get safeSamples(): number {
    return this.safe;
  }

  /**
   * Makes all that was written safe from a power cut, and says so in the event stream. That line itself is safe only
   * after the next checkpoint; where it is found, everything that it vouches for was there before it.
   */
  async checkpoint(): Promise<void> {
    const { storedSamples } = this;
    await this.sampleFiles.sync();
    await this.log!.sync();
    await this.settle();
    await this.checkLinks();
    this.safe = storedSamples;
    await this.append([
      toLine({
        kind: 'recorder',
        what: 'checkpoint',
        at: new Date().toISOString(),
        storedSamples,
        samplesSha256: this.sampleFiles.sha256,
        eventsSha256: this.log!.sha256,
      } satisfies RecorderLine),
    ]);
  }

  /** After a failure: leaves whole samples and whole lines, as far as the disk allows. */
  async cutTornEnds(): Promise<void> {
    await Promise.allSettled([this.sampleFiles.cutTornSample(), this.log?.cutTornLine()]);
  }

  /** Writes the sizes into the header, then the result, then the checksum that makes the session whole. */
  async finish(result: ResultOfWriting): Promise<void> {
    await this.sampleFiles.finishFile();
    await this.log!.sync();
    const text = toFileText({
      ...result,
      storedSamples: this.storedSamples,
      integrity: {
        sessionSha256: sha256(this.sessionText),
        eventsSha256: this.log!.sha256,
        samplesSha256: this.sampleFiles.sha256,
      },
    });
    await this.checkLinks(this.log!);
    await this.close();
    await writeAtomically(this.fileSystem, join(this.directory, RESULT_FILE), Buffer.from(text));
    const checksum = Buffer.from(checksumText(text));
    await writeAtomically(this.fileSystem, join(this.directory, RESULT_CHECKSUM_FILE), checksum);
  }

  async close(): Promise<void> {
    const { log, unsettled } = this;
    this.log = undefined;
    this.unsettled = undefined;
    await Promise.allSettled([this.sampleFiles.close(), log?.close(), unsettled?.close()]);
  }

  /** Makes the description and the names of all files safe from a power cut. */
  private async settle(): Promise<void> {
    const { unsettled, fileSystem, directory } = this;
    if (unsettled === undefined) return;
    await unsettled.sync();
    await fileSystem.syncFolder(directory);
    await fileSystem.syncFolder(dirname(directory));
    this.unsettled = undefined;
    await unsettled.close();
  }

  private append(lines: readonly string[]): Promise<void> {
    return this.log!.append(Buffer.from(lines.join('')));
  }

  /** What was deleted can be written to without an error, and all of it is lost. */
  private async checkLinks(...logs: EventLog[]): Promise<void> {
    const files = logs.length > 0 ? logs : [this.sampleFiles, this.log!];
    for (const file of files) {
      if ((await file.linkCount()) === 0) {
        throw Object.assign(new Error('the files were deleted'), { code: 'ENOENT' });
      }
    }
  }
}
