import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WAV_HEADER_BYTES } from '../decode/file/wav-writer.js';
import { SessionError } from '../errors.js';
import { describeDiskFault } from './disk-fault.js';
import { inTurn, PlainFile, plainFileSize } from './plain-file.js';
import { sampleFileFrame, type SampleStorage } from './session-layout.js';
import { partOfSampleFile, sampleFileName } from './session-names.js';

/** One file of samples as it is found, whatever its header says. */
export interface StoredPart {
  readonly name: string;
  readonly fileBytes: number;
  readonly samples: number;
  /** Bytes behind the last whole sample, the pad byte of a finished file left out. */
  readonly tornBytes: number;
}

const READ_SAMPLES = 65536;

/** The samples that a session's files hold: found by their sizes, so that a torn file is read to its last sample. */
export class StoredSamples {
  private constructor(
    private readonly directory: string,
    private readonly storage: SampleStorage,
    readonly parts: readonly StoredPart[],
    /** What is wrong with the files as they lie there, a sentence each. */
    readonly faults: readonly string[],
  ) {}

  /** @throws SessionError where the folder cannot be read */
  static async find(directory: string, storage: SampleStorage): Promise<StoredSamples> {
    const parts: StoredPart[] = [];
    const faults: string[] = [];
    try {
      const numbers = (await inTurn(() => readdir(directory)))
        .map(partOfSampleFile)
        .filter((part) => part !== null);
      const last = Math.max(-1, ...numbers);
      for (let number = 0; number <= last; number++) {
        const name = sampleFileName(number);
        const previous = parts.at(-1);
        // Behind a hole of unknown length no sample has a place in time.
        if (!numbers.includes(number) || (previous && previous.samples < storage.samplesPerFile)) {
          const missing = numbers.includes(number) ? previous!.name : name;
          faults.push(`${missing} lacks samples, so that those of later files have no place in time`);
          break;
        }
        parts.push(measure(name, await plainFileSize(join(directory, name)), storage));
      }
    } catch (cause) {
      throw new SessionError(`${directory} cannot be read: ${describeDiskFault(cause)}`, { cause });
    }
    return new StoredSamples(directory, storage, parts, faults);
  }

  get total(): number {
    return this.parts.reduce((sum, part) => sum + part.samples, 0);
  }

  get tornBytes(): number {
    return this.parts.reduce((sum, part) => sum + part.tornBytes, 0);
  }

  /** All sample bytes from the first to the last, in blocks of whole samples that the caller owns. */
  async *blocks(from = 0, end = this.total): AsyncGenerator<Uint8Array, void, undefined> {
    const { samplesPerFile, bitsPerSample } = this.storage;
    const bytesPerSample = bitsPerSample / 8;
    for (let at = from; at < end;) {
      const part = Math.floor(at / samplesPerFile);
      const inPart = at - part * samplesPerFile;
      const untilSample = Math.min(end - part * samplesPerFile, this.parts[part].samples);
      const file = await this.openPart(this.parts[part].name);
      try {
        for (let sample = inPart; sample < untilSample;) {
          const count = Math.min(READ_SAMPLES, untilSample - sample);
          yield await this.read(file, part, sample * bytesPerSample, count * bytesPerSample);
          sample += count;
          at += count;
        }
      } finally {
        await file.close();
      }
    }
  }

  /** Amplitudes, bit for bit those that were recorded, in blocks that the caller owns. */
  async *amplitudes(from: number, end: number): AsyncGenerator<Float64Array, void, undefined> {
    const { bitsPerSample, fullScale } = this.storage;
    for await (const bytes of this.blocks(from, end)) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const amplitudes = new Float64Array(bytes.length / (bitsPerSample / 8));
      for (let i = 0; i < amplitudes.length; i++) {
        const integer =
          bitsPerSample === 16
            ? view.getInt16(2 * i, true)
            : (view.getInt8(3 * i + 2) << 16) | view.getUint16(3 * i, true);
        amplitudes[i] = integer / fullScale;
      }
      yield amplitudes;
    }
  }

  private async openPart(name: string): Promise<PlainFile> {
    try {
      return await PlainFile.open(join(this.directory, name));
    } catch (cause) {
      throw new SessionError(`${name} in ${this.directory} cannot be read: ${describeDiskFault(cause)}`, {
        cause,
      });
    }
  }

  private async read(file: PlainFile, part: number, offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    if ((await file.read(bytes, WAV_HEADER_BYTES + offset)) < length) {
      throw new SessionError(
        `${this.parts[part].name} in ${this.directory} became shorter while it was read; wait until nothing writes to it`,
      );
    }
    return bytes;
  }
}

function measure(name: string, fileBytes: number, storage: SampleStorage): StoredPart {
  const bytesPerSample = storage.bitsPerSample / 8;
  const dataBytes = Math.max(0, fileBytes - WAV_HEADER_BYTES);
  const samples = Math.min(Math.floor(dataBytes / bytesPerSample), storage.samplesPerFile);
  const { padBytes } = sampleFileFrame(storage, samples);
  const beyond = fileBytes < WAV_HEADER_BYTES ? 0 : dataBytes - samples * bytesPerSample;
  return { name, fileBytes, samples, tornBytes: beyond === padBytes ? 0 : beyond };
}
