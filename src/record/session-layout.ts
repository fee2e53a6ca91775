import { createHash } from 'node:crypto';
import type { Hearing, VerdictLimits } from '../classify/model-contract.js';
import { contractSchemas } from '../classify/model-contract-schema.js';
import { ConfigurationError } from '../errors.js';
import { lazySchemas, type ReadBy } from '../schemas.js';
import { SUBJECT } from '../verdict/subject.js';
import { WAV_HEADER_BYTES, wavHeader, type StoredBits } from '../decode/file/wav-writer.js';
import { RESULT_FILE } from './session-names.js';

/**
 * Bounds of a session's `events.ndjson`: over three days of recording, and of one with gaps all the time still two. The recorder
 * stops storing there and whoever reads refuses more, so that nothing that lies in a folder fills the memory.
 */
export const MAX_EVENT_BYTES = 256 * 1024 * 1024;
/** No stream of events that was recorded has so short lines. */
export const MAX_EVENT_LINES = 4_000_000;

/** Nobody but the owner reads what was heard of a person. */
export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

/** A file of samples is closed below 2 GiB, since many programs read the sizes in a WAV header as signed. */
const MAX_SAMPLE_BYTES = 2 ** 31 - 2 ** 17;

/** @throws ConfigurationError for what is no pseudonymous code, without repeating it: it may be a person's name */
export function checkSubject(subject: string): string {
  if (SUBJECT.test(subject)) return subject;
  throw new ConfigurationError(
    'the subject code must be 1 to 32 letters (A-Z, a-z), digits, - or _, got something else; ' +
      'use a pseudonymous code such as S-017, never a name or a hospital number',
  );
}

/** How the samples of a session are stored. */
export interface SampleStorage {
  readonly sampleRateHz: number;
  readonly bitsPerSample: StoredBits;
  /** The stored integer that stands for 1.0. */
  readonly fullScale: number;
  /** Samples in every file of samples but the last. Even, so that only the last can need a pad byte. */
  readonly samplesPerFile: number;
}

/**
 * @param fullScale the device's integer for 1.0; a power of two is shifted up to the file's own full scale, so that
 *   other programs read the same amplitudes. Another one is kept, and the integers are the device's
 * @throws ConfigurationError for a format that cannot be stored exactly
 */
export function storageFor(
  format: { readonly sampleRateHz: number; readonly bitsPerSample: number; readonly fullScale?: number },
  maxSamplesPerFile?: number,
): SampleStorage {
  const { sampleRateHz, bitsPerSample } = format;
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 1 || sampleRateHz > 0xffffffff) {
    throw new ConfigurationError(`sampleRateHz must be a positive integer to be stored, got ${sampleRateHz}`);
  }
  if (!Number.isInteger(bitsPerSample) || bitsPerSample < 1 || bitsPerSample > 24) {
    throw new ConfigurationError(
      `bitsPerSample must be an integer in 1..24 to be stored, got ${bitsPerSample}`,
    );
  }
  const storedBits = bitsPerSample <= 16 ? 16 : 24;
  const fileScale = 2 ** (storedBits - 1);
  const deviceScale = format.fullScale ?? fileScale;
  if (!Number.isInteger(deviceScale) || deviceScale < 1) {
    throw new ConfigurationError(`fullScale must be a positive integer, got ${deviceScale}`);
  }
  const fits = Number.isInteger(Math.log2(deviceScale)) && deviceScale <= fileScale;
  const most = Math.floor(MAX_SAMPLE_BYTES / (storedBits / 8) / 2) * 2;
  const samplesPerFile = maxSamplesPerFile ?? most;
  if (
    !Number.isInteger(samplesPerFile) ||
    samplesPerFile < 2 ||
    samplesPerFile > most ||
    samplesPerFile % 2
  ) {
    throw new ConfigurationError(
      `samplesPerFile must be an even integer in 2..${most}, got ${samplesPerFile}`,
    );
  }
  return {
    sampleRateHz,
    bitsPerSample: storedBits,
    fullScale: fits ? fileScale : deviceScale,
    samplesPerFile,
  };
}

/** The one header that a finished file of so many samples has, and the pad byte that it ends with. */
export function sampleFileFrame(
  storage: SampleStorage,
  samples: number,
): { header: Uint8Array; padBytes: number; fileBytes: number } {
  const dataBytes = samples * (storage.bitsPerSample / 8);
  const padBytes = dataBytes % 2;
  return {
    header: wavHeader({ ...storage, dataBytes }),
    padBytes,
    fileBytes: WAV_HEADER_BYTES + dataBytes + padBytes,
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const schemas = lazySchemas((z) => {
  const count = z.number().int().nonnegative();
  const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

  const description = z.object({
    formatVersion: z.literal(1),
    intendedUse: z.string(),
    startedAt: z.iso.datetime(),
    subject: z.string().regex(SUBJECT).nullable(),
    versions: z.object({ lubdub: z.string(), node: z.string(), platform: z.string() }),
    /** Of the recording program, so that nobody mends what is still being written. */
    processId: count,
    source: z.object({
      sampleRateHz: z.number().int().positive(),
      bitsPerSample: z.number().int().positive(),
      fullScale: z.number().int().positive().optional(),
    }),
    storage: z.object({
      sampleRateHz: z.number().int().positive(),
      bitsPerSample: z.union([z.literal(16), z.literal(24)]),
      fullScale: z.number().int().positive(),
      samplesPerFile: z.number().int().min(2).multipleOf(2),
    }),
    device: z.record(z.string(), z.unknown()).nullable(),
    /** Nobody was listened to: a simulator played a recording. Absent from sessions of older versions. */
    simulated: z.boolean().optional(),
    model: z.looseObject({ name: z.string(), sha256: hash }),
    configuration: z.record(z.string(), z.unknown()),
  });

  const result = z.object({
    formatVersion: z.literal(1),
    intendedUse: z.string(),
    /** `finished`: all is there. `stopped`: storing ended before the screening did. `recovered`: mended after a crash. */
    state: z.enum(['finished', 'stopped', 'recovered']),
    endedAt: z.iso.datetime(),
    /** The `final` object of the screening; `null` where there was none, and never of a recovered session. */
    final: z.record(z.string(), z.unknown()).nullable(),
    storedSamples: count,
    /** What arrived and is not in the files of samples; `null` where a crash makes it unknowable. */
    notStored: z.object({ samples: count, events: count }).nullable(),
    /** Samples that were no integer of the stored format, and so are stored rounded or clipped. */
    inexactSamples: count.nullable(),
    stoppedBecause: z.string().nullable(),
    integrity: z.object({ sessionSha256: hash, eventsSha256: hash, samplesSha256: hash }),
    recovery: z
      .object({
        lubdub: z.string(),
        missing: z.array(z.string()),
        /** The last verdict that was shown before the crash; not a final one. */
        lastVerdict: z.record(z.string(), z.unknown()).nullable(),
        /** What was cut off, as files of its own. */
        cut: z.array(z.object({ file: z.string(), sha256: hash })),
      })
      .nullable(),
  });

  return { description, result };
});

/** `session.json`: what was known when the session began. */
export const sessionDescriptionSchema = () => schemas().description;
export type SessionDescription = ReadBy<typeof sessionDescriptionSchema>;
/** `result.json`: what was known at the end, and the hashes of everything else in the folder. */
export const sessionResultSchema = () => schemas().result;
export type SessionResult = ReadBy<typeof sessionResultSchema>;

/** What every model heard, and by what it decided, while sessions did not say so. */
const HEARD_BEFORE_IT_WAS_STORED: Hearing = {
  sampleRateHz: 1000,
  band: { type: 'butterworth', order: 4, lowHz: 25, highHz: 400 },
  antiAlias: { passHz: 400, stopHz: 600, stopbandDb: 80 },
};
const LIMITS_BEFORE_THEY_WERE_STORED: VerdictLimits = {
  minimumUsableSeconds: 5,
  minimumQuality: 0.35,
  uncertain: { from: 0.4656442598362334, to: 0.5343557401637666 },
};

/** The band and the rate that the session's model heard. */
export function hearingOf({ model }: Pick<SessionDescription, 'model'>): Hearing {
  const stored = contractSchemas().hearing.safeParse(model.input);
  return stored.success ? stored.data : HEARD_BEFORE_IT_WAS_STORED;
}

/** The limits between the classes of the session's model. */
export function limitsOf({ model }: Pick<SessionDescription, 'model'>): VerdictLimits {
  const stored = contractSchemas().limits.safeParse(model.verdict);
  return stored.success ? stored.data : LIMITS_BEFORE_THEY_WERE_STORED;
}

/** JSON as it stands in a session: readable, and one line break at the end. */
export function toFileText(value: SessionDescription | SessionResult): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function checksumText(resultText: string): string {
  return `${sha256(resultText)}  ${RESULT_FILE}\n`;
}
