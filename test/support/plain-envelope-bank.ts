import { butterworthBandPass } from '../../src/condition/butterworth.js';
import { FRAME_LENGTH } from '../../src/heart/envelope-bank.js';
import { PlainCascade } from '../../src/listen/plain-cascade.js';

const BANDS = [
  [25, 65],
  [65, 150],
  [150, 390],
] as const;

/** The readable twin of EnvelopeBank: of a whole stretch, frame by frame, as the fields are described. */
export function plainEnvelopes(samples: Float64Array, modelRateHz: number): Float64Array {
  const frameSamples = modelRateHz / 50;
  const bands = BANDS.map(([lowHz, highHz]) => {
    const band = new Float64Array(samples.length);
    const sos = butterworthBandPass({ order: 2, lowHz, highHz, sampleRateHz: modelRateHz });
    new PlainCascade(sos).execute(samples, band);
    return band;
  });
  const count = Math.floor(samples.length / frameSamples);
  const frames = new Float64Array(count * FRAME_LENGTH);
  for (let frame = 0; frame < count; frame++) {
    const start = frame * frameSamples;
    const mean = (of: (i: number) => number) => {
      let sum = 0;
      for (let i = start; i < start + frameSamples; i++) sum += of(i);
      return sum / frameSamples;
    };
    frames.set(
      [
        ...bands.map((band) => mean((i) => band[i] * band[i])),
        mean((i) => samples[i] ** 2),
        mean((i) => samples[i] ** 2 * samples[i] ** 2),
        Math.max(...samples.subarray(start, start + frameSamples).map(Math.abs)),
        mean((i) => (i > 0 && samples[i] * samples[i - 1] < 0 ? 1 : 0)),
      ],
      frame * FRAME_LENGTH,
    );
  }
  return frames;
}
