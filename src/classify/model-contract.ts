import type { z } from 'zod';
import type { contractSchemas } from './model-contract-schema.js';

type Schemas = ReturnType<typeof contractSchemas>;
/** What a contract holds. What checks it is in `model-contract-schema.ts`. */
export type ModelContract = z.infer<Schemas['contract']>;
export type VerdictRules = ModelContract['verdict'];
export type Calibration = ModelContract['calibration'];
export type Hearing = z.infer<Schemas['hearing']>;
export type VerdictLimits = z.infer<Schemas['limits']>;

/** Of a contract's input what a session keeps, and nothing beside it. */
export function hearingIn({ sampleRateHz, band, antiAlias }: Hearing): Hearing {
  const { type, order, lowHz, highHz } = band;
  const { passHz, stopHz, stopbandDb } = antiAlias;
  return {
    sampleRateHz,
    band: { type, order, lowHz, highHz },
    antiAlias: { passHz, stopHz, stopbandDb },
  };
}

/** Of a contract's rules what a session keeps, and nothing beside it. */
export function limitsIn({
  minimumUsableSeconds,
  minimumQuality,
  uncertain: { from, to },
}: VerdictLimits): VerdictLimits {
  return { minimumUsableSeconds, minimumQuality, uncertain: { from, to } };
}

/**
 * Shares of healthy recordings that were called abnormal on databases left out of training: what an unknown stethoscope
 * has to expect.
 *
 * @returns `null` where the contract does not tell
 */
export function falseAlarmsElsewhere({ evaluation }: Pick<ModelContract, 'evaluation'>) {
  const leftOut = itemOf(itemOf(evaluation, 'databaseLeftOut'), 'perDatabase');
  if (!isObject(leftOut)) return null;
  const specificities = Object.values(leftOut).map((found) => itemOf(found, 'specificity'));
  if (specificities.length === 0 || !specificities.every(isShare)) return null;
  const shares = specificities.map((specificity) => 1 - specificity);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return { mean, least: Math.min(...shares), most: Math.max(...shares) };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const itemOf = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
