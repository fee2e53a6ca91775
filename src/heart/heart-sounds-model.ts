import { checkModelFile, readModelFile, type ModelFile } from '../model-file.js';
import { lazySchemas } from '../schemas.js';
import { EMISSION_INPUTS, HEART_STATES, type HeartSoundNetwork } from './heart-sound-emissions.js';

/** The file that ships with the package. */
export const HEART_SOUNDS_FILE = new URL('../../../models/heart-sounds.json', import.meta.url);

const states = HEART_STATES.length;

const heartSoundNetwork = lazySchemas((z) => {
  const row = (length: number) =>
    z.array(z.number(), `must be ${length} numbers`).length(length, `must be ${length} numbers`);
  return z
    .object({
      hiddenBiases: z.array(z.number()).min(1, 'must have a number for each hidden unit'),
      hiddenWeights: z.array(row(EMISSION_INPUTS)),
      outputWeights: z
        .array(z.array(z.number()))
        .length(states, `must have a row for each of ${states} states`),
      outputBiases: row(states),
      logPriors: row(states),
      likelihoodScale: z.number(),
    })
    .superRefine(({ hiddenBiases: { length: hidden }, hiddenWeights, outputWeights }, context) => {
      const rule = (holds: boolean, item: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [item], message });
      };
      rule(
        hiddenWeights.length === hidden,
        'hiddenWeights',
        `must have ${hidden} rows, as hiddenBiases has numbers`,
      );
      rule(
        outputWeights.every(({ length }) => length === hidden),
        'outputWeights',
        `must have rows of ${hidden} numbers, as hiddenBiases has`,
      );
    });
});

const file = {
  what: 'heart sound network',
  schema: heartSoundNetwork,
  madeBy: 'tools/quality',
} satisfies ModelFile<ReturnType<typeof heartSoundNetwork>>;

/**
 * Reads and checks the network that tells the heart's states apart.
 *
 * @throws ModelError where the file cannot be read or does not fit this version's inputs
 */
export const readHeartSoundNetwork = (path: URL | string = HEART_SOUNDS_FILE): HeartSoundNetwork =>
  readModelFile(file, path);

/** @throws ModelError with the item that does not fit */
export const checkHeartSoundNetwork = (content: unknown, name: string): HeartSoundNetwork =>
  checkModelFile(file, content, name);
