import type { ModelContract } from '../../src/classify/model-contract.js';
import type { Model } from '../../src/classify/model.js';

/** A contract that holds, for tests that change one item of it. */
export function validContract(): ModelContract {
  return {
    contractVersion: 1,
    name: 'test',
    version: '0.0.1',
    file: 'test.tflite',
    sha256: '0'.repeat(64),
    input: {
      sampleRateHz: 1000,
      band: { type: 'butterworth', order: 4, lowHz: 25, highHz: 400 },
      antiAlias: { passHz: 400, stopHz: 600, stopbandDb: 80 },
      windowSamples: 3000,
      hopSamples: 1000,
      features: {
        type: 'log-filter-bank',
        frameSamples: 64,
        hopSamples: 20,
        window: 'hann-periodic',
        fftSize: 128,
        bandCount: 32,
        lowHz: 20,
        highHz: 420,
        floor: 1e-6,
        bandMeanRemoval: 0,
        scale: 1,
        clip: 4,
      },
      tensor: { shape: [1, 147, 32], dtype: 'float32' },
    },
    output: { tensor: { shape: [1, 1], dtype: 'float32' }, meaning: 'logit of abnormal' },
    calibration: { type: 'platt', scale: 1, offset: 0 },
    verdict: {
      aggregation: 'quality-weighted-mean-logit',
      abnormalAtLeast: 0.5,
      uncertain: { from: 0.4, to: 0.6 },
      minimumUsableSeconds: 5,
      minimumQuality: 0.35,
    },
    training: {},
  };
}

/** A model whose windows have two features, for classifiers with a made-up worker. */
export function tinyModel(): Model {
  const contract = validContract();
  contract.input.tensor.shape = [1, 2];
  return { contract, contractPath: 'test.json', bytes: new Uint8Array() };
}
