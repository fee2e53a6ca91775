import type { ModelContract } from '../classify/model-contract.js';
import { ConfigurationError } from '../errors.js';
import { medianOf } from '../heart/median.js';
import { packageVersion } from '../package-info.js';
import { toEvidence } from '../verdict/evidence.js';
import {
  checkProfileName,
  fittedModel,
  LEAST_PERSONS,
  type StethoscopeProfile,
} from '../verdict/stethoscope-profile.js';

/** One recording of a healthy person, judged without a profile. */
export interface HealthyRecording {
  /** Any name that tells people apart; it is not kept. */
  readonly person: string;
  /** Calibrated logit of the recording; `null` where it had too little usable signal. */
  readonly evidence: number | null;
  readonly usableSeconds: number;
  readonly noiseFloorDb: number | null;
}

export interface ProfileCircumstances {
  readonly name: string;
  readonly contract: ModelContract;
  readonly device: StethoscopeProfile['device'];
  /** Default now. */
  readonly createdAt?: Date;
}

/** Standard deviation of healthy people's evidence in the databases at hand, median over six. See tools/stethoscope. */
const TYPICAL_SPREAD = 0.81;
/** So many people's worth that one counts beside the spread of the people heard. */
const SPREAD_PERSONS = 3;
/** The threshold stands so many standard deviations over the healthy people's mean; chosen in tools/stethoscope. */
const DEVIATIONS_OVER_MEAN = 0.25;
/** How much better than its own error a shift must be known to be believed; chosen in tools/stethoscope. */
const DOUBT = 2;
const MOST = 20;

/**
 * Fits the profile of one stethoscope from recordings of healthy people. The order of the recordings does not matter.
 *
 * The threshold that the people ask for is the mean of their evidence (of a person: the mean over the recordings) and
 * a quarter of a standard deviation; of the way there from the shipped threshold it goes the share `w² / (w² + 2 e²)`, where `w`
 * is the whole way and `e = spread / √persons` its standard error: a short way that chance explains is hardly gone, a
 * long one almost to the end, and the more people, the further. What is stored is the offset of the evidence that does
 * the same as moving the threshold, so that probabilities mean what they did.
 *
 * @throws ConfigurationError for fewer people with usable recordings than {@link LEAST_PERSONS}
 */
export function fitProfile(
  given: readonly HealthyRecording[],
  { name, contract, device, createdAt = new Date() }: ProfileCircumstances,
): StethoscopeProfile {
  const usable = given.filter((recording): recording is UsableRecording => recording.evidence !== null);
  const people = new Map<string, UsableRecording[]>();
  for (const recording of usable) {
    people.set(recording.person, [...(people.get(recording.person) ?? []), recording]);
  }
  const persons = people.size;
  if (persons < LEAST_PERSONS) {
    const unusable = given.length - usable.length;
    const leftOut = unusable === 0 ? '' : ` (${unusable} of ${given.length} recordings were not usable)`;
    throw new ConfigurationError(
      `a stethoscope profile must rest on usable recordings of ${LEAST_PERSONS} or more healthy people, got ` +
        `${persons}${leftOut}; record more people with this stethoscope, 20 seconds each in a quiet room`,
    );
  }
  const evidence = [...people.values()].map((own) => mean(own.map((recording) => recording.evidence)));
  const centre = mean(evidence);
  const spread = deviation(evidence);
  const likelySpread = Math.sqrt(
    ((persons - 1) * spread ** 2 + SPREAD_PERSONS * TYPICAL_SPREAD ** 2) / (persons - 1 + SPREAD_PERSONS),
  );
  const shipped = toEvidence(contract.verdict.abnormalAtLeast);
  const way = centre + DEVIATIONS_OVER_MEAN * likelySpread - shipped;
  const trust = way ** 2 / (way ** 2 + (DOUBT * likelySpread ** 2) / persons);
  const floors = usable.flatMap(({ noiseFloorDb }) => noiseFloorDb ?? []);
  return {
    profileVersion: 1,
    name: checkProfileName(name),
    createdAt: createdAt.toISOString(),
    lubdub: packageVersion,
    model: fittedModel(contract),
    device,
    persons,
    recordings: usable.length,
    usableSeconds: sum(usable.map(({ usableSeconds }) => usableSeconds)),
    leftOut: given.length - usable.length,
    evidence: { mean: centre, spread, trust },
    offset: Math.max(-MOST, Math.min(MOST, -trust * way)),
    noiseFloorDb: floors.length === 0 ? null : medianOf(floors),
  };
}

type UsableRecording = HealthyRecording & { readonly evidence: number };

/** Sums in the order of size: rounding must not tell the order of the files. */
const sum = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b).reduce((total, value) => total + value, 0);

const mean = (values: readonly number[]): number => sum(values) / values.length;

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}
