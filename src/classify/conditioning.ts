import { RationalResampler } from '../condition/rational-resampler.js';
import type { Hearing } from './model-contract.js';

/** The conditioning of a contract for one source, in the form that the condition stage takes. */
export function conditioningFor({ input }: { readonly input: Hearing }, sourceRateHz: number) {
  const { band, antiAlias, sampleRateHz } = input;
  return {
    bandPass: { order: band.order, lowHz: band.lowHz, highHz: band.highHz, sampleRateHz: sourceRateHz },
    decimate: { inputRateHz: sourceRateHz, outputRateHz: sampleRateHz, antiAlias },
  };
}

/** How much later than in the source something stands in what was conditioned: the decimation's delay. */
export function conditioningDelaySeconds(
  contract: { readonly input: Hearing },
  sourceRateHz: number,
): number {
  return new RationalResampler(conditioningFor(contract, sourceRateHz).decimate).delaySeconds;
}
