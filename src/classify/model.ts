import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ModelError } from '../errors.js';
import { isKnownToFit } from '../fitting-model-files.js';
import type { ModelContract } from './model-contract.js';

/** A contract and the model file that it vouches for. */
export interface Model {
  readonly contract: ModelContract;
  readonly contractPath: string;
  readonly bytes: Uint8Array;
}

/** A contract is a page of JSON; a model is under a megabyte. What is larger is the wrong file. */
const MAX_CONTRACT_BYTES = 4 * 1024 * 1024;
const MAX_MODEL_BYTES = 64 * 1024 * 1024;

/**
 * Reads a model contract and the model beside it, and checks that each is what the other says.
 *
 * @param contractPath the `.json` file
 * @throws ModelError naming the item of the contract that is missing, wrong, or differs from the file
 */
export async function openModel(contractPath: string): Promise<Model> {
  const path = resolve(contractPath);
  const text = await read(path, MAX_CONTRACT_BYTES, 'the model contract');
  const contract = await contractOf(text, path);
  const modelPath = join(dirname(path), contract.file);
  const bytes = await read(modelPath, MAX_MODEL_BYTES, 'the model');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== contract.sha256) {
    throw new ModelError(
      `${modelPath} is not the model that ${path} was made for: sha256 must be ${contract.sha256}, got ${sha256}; ` +
        'restore both files from the same release, or convert the model again',
    );
  }
  return { contract, contractPath: path, bytes: new Uint8Array(bytes) };
}

/** The one that ships is known to hold; what checks another is not loaded for it. */
async function contractOf(text: Buffer, path: string): Promise<ModelContract> {
  if (isKnownToFit(text, 'heart-sound.json')) return JSON.parse(text.toString('utf8')) as ModelContract;
  const { parseContract } = await import('./parse-contract.js');
  return parseContract(text.toString('utf8'), path);
}

async function read(path: string, maxBytes: number, what: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new ModelError(
      `${what} cannot be read from ${path}: ${(cause as Error).message}; name another with --model`,
      {
        cause,
      },
    );
  }
  if (bytes.length > maxBytes) {
    throw new ModelError(`${what} at ${path} must be at most ${maxBytes} bytes, got ${bytes.length}`);
  }
  return bytes;
}
