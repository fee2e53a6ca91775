import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Model } from '../classify/model.js';
import type { OpenRecordingOptions } from '../decode/file/recording-file.js';
import { ModelError } from '../errors.js';
import { readPlainFile } from '../record/plain-file.js';
import { lazySchemas } from '../schemas.js';
import { hashRecording, SAMPLE_HASH_METHOD } from './sample-hash.js';

/** Beside the contract, for training sets of up to a million recordings. */
const MAX_BYTES = 32 * 1024 * 1024;

const sampleHashesSchema = lazySchemas((z) =>
  z.object({
    file: z
      .string()
      .refine((name) => name === basename(name) && !name.startsWith('.'), 'must be a file beside'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    method: z.literal(SAMPLE_HASH_METHOD),
  }),
);

/** Names of the recordings that a model was trained on, by the hash of their samples. */
export type TrainedRecordings = ReadonlyMap<string, string>;

/**
 * Reads the list that a contract names in `training.sampleHashes`.
 *
 * @returns `null` where the contract names none
 * @throws ModelError where it names one that is not there, or not the one that was released with it: a list that was
 *   changed would make training data look unseen
 */
export async function readTrainedRecordings({
  contract,
  contractPath,
}: Pick<Model, 'contract' | 'contractPath'>): Promise<TrainedRecordings | null> {
  const { sampleHashes } = contract.training;
  if (sampleHashes === undefined || sampleHashes === null) return null;
  const parsed = sampleHashesSchema().safeParse(sampleHashes);
  const refuse = (what: string, cause?: unknown): ModelError =>
    new ModelError(`${contractPath}: ${what}; restore both from the model's release`, { cause });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw refuse(`training.sampleHashes.${path.join('.')}: ${message}`);
  }
  const { file, sha256 } = parsed.data;
  const path = join(dirname(contractPath), file);
  let text: string;
  try {
    text = (await readPlainFile(await realpath(path), MAX_BYTES)).toString('utf8');
  } catch (cause) {
    throw refuse(
      `the list of training recordings ${file} cannot be read: ${(cause as Error).message}`,
      cause,
    );
  }
  const found = createHash('sha256').update(text).digest('hex');
  if (found !== sha256) {
    throw refuse(`the list of training recordings ${file} must have the SHA-256 ${sha256}, got ${found}`);
  }
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, 16), line.slice(17)]),
  );
}

/**
 * The hashes of recordings, by record; one that cannot be read has none.
 *
 * @param paths by record
 */
export async function hashRecordings(
  paths: ReadonlyMap<string, string>,
  options: OpenRecordingOptions,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  for (const [record, path] of paths) {
    const hash = await hashRecording(path, options);
    if (hash !== null) hashes.set(record, hash);
  }
  return hashes;
}
