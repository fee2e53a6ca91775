import type { VerdictRules } from '../classify/model-contract.js';
import type { FinalVerdict } from './verdict-reason.js';

/** Evidence is a calibrated logit of *abnormal*; where it lies decides about the class. */

export const toProbability = (evidence: number): number => 1 / (1 + Math.exp(-evidence));

/** Infinite at 0 and 1. */
export const toEvidence = (probability: number): number => Math.log(probability / (1 - probability));

/** The pieces of the axis of evidence and their classes. A limit of 0 or 1 in a contract switches a piece off. */
export function verdictZones({ from, to }: VerdictRules['uncertain']) {
  return [
    { word: 'normal', begin: -Infinity, end: toEvidence(from) },
    { word: 'inconclusive', begin: toEvidence(from), end: toEvidence(to) },
    { word: 'abnormal', begin: toEvidence(to), end: Infinity },
  ] as const;
}

export type VerdictZones = ReturnType<typeof verdictZones>;

/** @param evidence finite */
export function zoneOf(evidence: number, zones: VerdictZones): FinalVerdict {
  return zones.find(({ begin, end }) => evidence >= begin && evidence < end)!.word;
}
