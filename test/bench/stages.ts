import { performance } from 'node:perf_hooks';
import { conditioningFor } from '../../src/classify/conditioning.js';
import type { Model } from '../../src/classify/model.js';
import { butterworthBandPass } from '../../src/condition/butterworth.js';
import { RationalResampler } from '../../src/condition/rational-resampler.js';
import { SosFilter } from '../../src/condition/second-order-sections.js';
import { encodePacket } from '../../src/decode/wire/packet.js';
import { PacketDecoder } from '../../src/decode/wire/packet-decoder.js';
import { LogFilterBank } from '../../src/window/log-filter-bank.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';
import { SignalQuality } from '../../src/window/signal-quality.js';

export interface StageTime {
  readonly stage: string;
  /** Nanoseconds a sample of the source. */
  readonly nsPerSample: number;
}

const SECONDS = 60;
const REPEATS = 5;

/** Time of each stage on the main thread, a sample of the source at a time; the least of several runs. */
export function timeStages(model: Model, samples: Float64Array, sampleRateHz: number): StageTime[] {
  const input = repeat(samples, SECONDS * sampleRateHz);
  const second = sampleRateHz;
  const chunks = Array.from({ length: SECONDS }, (_, i) => input.subarray(i * second, (i + 1) * second));
  const { bandPass, decimate } = conditioningFor(model.contract, sampleRateHz);
  const { windowSamples, hopSamples, features, sampleRateHz: modelRateHz } = model.contract.input;

  const filter = new SosFilter(butterworthBandPass(bandPass));
  const resampler = new RationalResampler(decimate);
  const filtered = chunks.map((chunk) => {
    const output = new Float64Array(chunk.length);
    filter.execute(chunk, output);
    return output;
  });
  const conditioned = filtered.map((chunk) => resampler.execute(chunk));
  const wire = chunks.map((chunk) => packetsOf(chunk));

  const stages: Record<string, () => void> = {
    'decode (protocol)': () => {
      const decoder = new PacketDecoder();
      for (const bytes of wire) decoder.push(bytes);
    },
    'condition: band-pass': () => {
      const output = new Float64Array(second);
      for (const chunk of chunks) filter.execute(chunk, output);
    },
    'condition: decimate': () => {
      for (const chunk of filtered) resampler.execute(chunk);
    },
    'window: log filter bank': () => {
      const bank = new LogFilterBank({ ...features, sampleRateHz: modelRateHz, windowSamples });
      for (const chunk of conditioned) {
        for (let at = 0; at < chunk.length; at += hopSamples) {
          bank.execute(chunk.subarray(at, at + hopSamples));
          bank.window();
        }
      }
    },
    'window: quality and heart rate': () => {
      const quality = new SignalQuality({
        sourceRateHz: sampleRateHz,
        modelRateHz,
        windowSamples,
        model: readSignalQualityModel(),
      });
      conditioned.forEach((chunk, i) => {
        quality.executeRaw(chunks[i]);
        quality.executeConditioned(chunk);
        if ((i + 1) * modelRateHz >= windowSamples) quality.window();
      });
    },
  };
  return Object.entries(stages).map(([stage, run]) => ({
    stage,
    nsPerSample: (leastMs(run) * 1e6) / input.length,
  }));
}

function leastMs(run: () => void): number {
  let least = Infinity;
  for (let i = 0; i < REPEATS + 1; i++) {
    const begin = performance.now();
    run();
    // The first run warms the compiler up.
    if (i > 0) least = Math.min(least, performance.now() - begin);
  }
  return least;
}

export function repeat(samples: Float64Array, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => samples[i % samples.length]);
}

function packetsOf(chunk: Float64Array): Uint8Array {
  const packets: Uint8Array[] = [];
  for (let at = 0, sequence = 0; at < chunk.length; at += 100, sequence++) {
    packets.push(
      encodePacket({
        type: 'samples',
        sequence,
        firstSample: at,
        deviceMicros: at * 500,
        bitsPerSample: 16,
        samples: Int32Array.from(chunk.subarray(at, at + 100), (x) => Math.round(x * 32768)),
      }),
    );
  }
  return Uint8Array.from(Buffer.concat(packets));
}
