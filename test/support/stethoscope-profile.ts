import { fittedModel, type StethoscopeProfile } from '../../src/verdict/stethoscope-profile.js';
import { validContract } from './model-contract.js';

/** A profile of the made-up contract. */
export function madeUpProfile(change: Partial<StethoscopeProfile> = {}): StethoscopeProfile {
  return {
    profileVersion: 1,
    name: 'ward-3',
    createdAt: '2026-11-01T08:00:00.000Z',
    lubdub: '0.1.0',
    model: fittedModel(validContract()),
    device: null,
    persons: 5,
    recordings: 10,
    usableSeconds: 200,
    leftOut: 0,
    evidence: { mean: 1, spread: 0.8, trust: 0.8 },
    offset: -1.1,
    noiseFloorDb: -52,
    ...change,
  };
}
