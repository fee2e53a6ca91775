import type { Hearing } from './model-contract.js';

/** The conditioning of a contract for one source, in the form that the condition stage takes. */
export function conditioningFor({ input }: { readonly input: Hearing }, sourceRateHz: number) {
  const { band, antiAlias, sampleRateHz } = input;
  return {
    bandPass: { order: band.order, lowHz: band.lowHz, highHz: band.highHz, sampleRateHz: sourceRateHz },
    decimate: { inputRateHz: sourceRateHz, outputRateHz: sampleRateHz, antiAlias },
  };
}
