import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { WAV_HEADER_BYTES, wavHeader } from '../decode/file/wav-writer.js';
import { sampleFileFrame, type SampleStorage } from './session-layout.js';
import { sampleFileName } from './session-names.js';
import { writeFully, type SessionFile, type SessionFileSystem } from './session-file-system.js';

/**
 * The WAV files that a session's samples are appended to, one after the other.
 *
 * While a file grows its header leaves the length open, as streaming writers do: readers take all that follows, and
 * nothing before the end is ever written twice. The header gets its sizes when the file is full or the session ends.
 */
export class SampleFiles {
  private readonly hash = createHash('sha256');
  private readonly bytesPerSample: number;
  private file: SessionFile | undefined;
  /** Part of `file`, or of the next one where there is none. */
  private part = 0;
  private samplesInFile = 0;
  private total = 0;

  constructor(
    private readonly fileSystem: SessionFileSystem,
    private readonly directory: string,
    private readonly storage: SampleStorage,
  ) {
    this.bytesPerSample = storage.bitsPerSample / 8;
  }

  get storedSamples(): number {
    return this.total;
  }

  /** Of all sample bytes of all files, without headers. */
  get sha256(): string {
    return this.hash.copy().digest('hex');
  }

  /** Begins the first file, which the first sync makes safe, or the next one. */
  async open(): Promise<void> {
    this.file = await this.fileSystem.createFile(join(this.directory, sampleFileName(this.part)));
    this.samplesInFile = 0;
    await writeFully(this.file, wavHeader({ ...this.storage, dataBytes: null }), 0);
    if (this.part === 0) return;
    await this.file.sync();
    await this.fileSystem.syncFolder(this.directory);
  }

  /**
   * @param bytes whole samples as they stand in the file
   * @throws the file system's error; the samples that are whole on disk are counted
   */
  async append(bytes: Uint8Array): Promise<void> {
    for (let taken = 0; taken < bytes.length;) {
      if (this.samplesInFile === this.storage.samplesPerFile) {
        await this.finishFile();
        this.part++;
        await this.open();
      }
      const room = (this.storage.samplesPerFile - this.samplesInFile) * this.bytesPerSample;
      const piece = bytes.subarray(taken, taken + room);
      let written = 0;
      try {
        await writeFully(this.file!, piece, this.end, (count) => (written += count));
      } finally {
        const whole = Math.floor(written / this.bytesPerSample);
        this.hash.update(piece.subarray(0, whole * this.bytesPerSample));
        this.samplesInFile += whole;
        this.total += whole;
      }
      taken += piece.length;
    }
  }

  async sync(): Promise<void> {
    await this.file?.sync();
  }

  async linkCount(): Promise<number> {
    return (await this.file?.linkCount()) ?? 1;
  }

  /** Takes away a sample that was written in part. */
  async cutTornSample(): Promise<void> {
    await this.file?.truncate(this.end);
  }

  /** Writes the sizes into the header and closes the file. */
  async finishFile(): Promise<void> {
    const { header, padBytes } = sampleFileFrame(this.storage, this.samplesInFile);
    const file = this.file!;
    await writeFully(file, new Uint8Array(padBytes), this.end);
    await file.sync();
    await writeFully(file, header, 0);
    await file.sync();
    await this.close();
  }

  async close(): Promise<void> {
    const file = this.file;
    this.file = undefined;
    await file?.close();
  }

  private get end(): number {
    return WAV_HEADER_BYTES + this.samplesInFile * this.bytesPerSample;
  }
}
