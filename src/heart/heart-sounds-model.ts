import { readFileSync } from 'node:fs';
import { ModelError } from '../errors.js';
import { EMISSION_INPUTS, type HeartSoundNetwork } from './heart-sound-emissions.js';

/** The file that ships with the package. */
export const HEART_SOUNDS_FILE = new URL('../../../models/heart-sounds.json', import.meta.url);

/**
 * Reads and checks the network that tells the heart's states apart.
 *
 * @throws ModelError where the file cannot be read or does not fit this version's inputs
 */
export function readHeartSoundNetwork(file: URL | string = HEART_SOUNDS_FILE): HeartSoundNetwork {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ModelError(`heart sound network ${String(file)} cannot be read; reinstall lubdub`, { cause });
  }
  return checkHeartSoundNetwork(content, String(file));
}

/** @throws ModelError with the item that does not fit */
export function checkHeartSoundNetwork(content: unknown, name: string): HeartSoundNetwork {
  const network = (content ?? {}) as Record<string, unknown>;
  const hidden = Array.isArray(network.hiddenBiases) ? network.hiddenBiases.length : 0;
  const shapes = {
    hiddenWeights: [hidden, EMISSION_INPUTS],
    hiddenBiases: [hidden],
    outputWeights: [4, hidden],
    outputBiases: [4],
    logPriors: [4],
    likelihoodScale: [],
  };
  for (const [item, shape] of Object.entries(shapes)) {
    if (hidden === 0 || !hasShape(network[item], shape)) {
      throw new ModelError(
        `${name}: ${item} must be numbers of shape [${shape.map((n) => n || 'hidden').join(', ')}]; ` +
          'refit it with tools/quality',
      );
    }
  }
  return content as HeartSoundNetwork;
}

function hasShape(value: unknown, shape: readonly number[]): boolean {
  if (shape.length === 0) return typeof value === 'number' && Number.isFinite(value);
  return (
    Array.isArray(value) && value.length === shape[0] && value.every((row) => hasShape(row, shape.slice(1)))
  );
}
