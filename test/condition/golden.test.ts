import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { from, toArray, lastValueFrom } from 'rxjs';
import { bandPass } from '../../src/condition/band-pass.js';
import { butterworthBandPass } from '../../src/condition/butterworth.js';
import type { ConditionedChunk } from '../../src/condition/conditioned.js';
import { decimate } from '../../src/condition/decimate.js';
import { SosFilter } from '../../src/condition/second-order-sections.js';
import type { Sampled } from '../../src/decode/samples.js';

interface Golden {
  designs: { order: number; lowHz: number; highHz: number; sampleRateHz: number; sos: number[] }[];
  chains: {
    sampleRateHz: number;
    samples: number;
    filteredLast: number[];
    filteredPeak: number;
    conditioned: number[];
  }[];
}

const golden = JSON.parse(readFileSync('test/golden/condition.json', 'utf8')) as Golden;
const antiAlias = { passHz: 400, stopHz: 600, stopbandDb: 80 };

/** The signal of tools/golden/condition.py. */
function knownSignal(rateHz: number, count: number): Float64Array {
  let state = 12345;
  return Float64Array.from({ length: count }, (_, i) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    const t = i / rateHz;
    return (
      0.3 +
      0.4 * Math.sin(2 * Math.PI * 40 * t) +
      0.2 * Math.sin(2 * Math.PI * 150 * t) +
      0.1 * Math.sin(2 * Math.PI * 700 * t) +
      (state / 2 ** 32 - 0.5) * 0.1
    );
  });
}

function chunked(samples: Float64Array, sizes: number[], start = 0): Sampled[] {
  const chunks: Sampled[] = [];
  for (let at = 0, i = 0; at < samples.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]);
    chunks.push({ kind: 'samples', firstSample: start + at, samples: samples.slice(at, at + size) });
    at += size;
  }
  return chunks;
}

async function condition(rateHz: number, input: Sampled[]): Promise<ConditionedChunk[]> {
  const out = await lastValueFrom(
    from(input).pipe(
      bandPass({ order: 4, lowHz: 25, highHz: 400, sampleRateHz: rateHz }),
      decimate({ inputRateHz: rateHz, outputRateHz: 1000, antiAlias }),
      toArray(),
    ),
  );
  return out.filter((value) => value.kind === 'conditioned');
}

const joined = (chunks: ConditionedChunk[]) => Float64Array.from(chunks.flatMap((c) => [...c.samples]));

describe('condition, against scipy', () => {
  for (const design of golden.designs) {
    it(`designs order ${design.order}, ${design.lowHz}–${design.highHz} Hz at ${design.sampleRateHz} Hz as butter does`, () => {
      const sos = butterworthBandPass(design);
      expect(sos.length).to.equal(design.sos.length);
      const gain = design.sos[0];
      design.sos.forEach((expected, i) => {
        const scale = i < 3 ? Math.abs(gain) : 1;
        expect(Math.abs(sos[i] - expected) / scale, `coefficient ${i}`).to.be.below(1e-9);
      });
    });
  }

  for (const chain of golden.chains) {
    it(`conditions ${chain.sampleRateHz} Hz to 1000 Hz within 1e-9 of peak`, async () => {
      const signal = knownSignal(chain.sampleRateHz, chain.samples);
      const output = joined(await condition(chain.sampleRateHz, chunked(signal, [97])));
      expect(output.length).to.equal(chain.conditioned.length);
      const peak = Math.max(...chain.conditioned.map(Math.abs));
      const worst = Math.max(...chain.conditioned.map((y, i) => Math.abs(y - output[i]))) / peak;
      expect(worst).to.be.below(1e-9);

      const filtered = new Float64Array(signal.length);
      const design = { order: 4, lowHz: 25, highHz: 400, sampleRateHz: chain.sampleRateHz };
      const filter = new SosFilter(butterworthBandPass(design));
      filter.prime(signal[0]);
      filter.execute(signal, filtered);
      chain.filteredLast.forEach((y, i) => {
        const ours = filtered[filtered.length - chain.filteredLast.length + i];
        expect(Math.abs(ours - y) / chain.filteredPeak).to.be.below(1e-9);
      });
    });
  }
});

describe('condition, whatever the chunking', () => {
  it('gives bit-identical output for any split of the input', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1000, 1001, 2000, 4000, 44100),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 }),
        async (rateHz, sizes) => {
          const signal = knownSignal(rateHz, 1500);
          const whole = joined(await condition(rateHz, chunked(signal, [1500])));
          const split = joined(await condition(rateHz, chunked(signal, sizes)));
          expect(split).to.deep.equal(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('starts after a gap as if it had just been made', async () => {
    const signal = knownSignal(2000, 3000);
    const alone = joined(await condition(2000, chunked(signal, [100])));
    const after = await condition(2000, [
      ...chunked(
        knownSignal(2000, 777).map((x) => -x),
        [50],
      ),
      { kind: 'gap', atSample: 777, lostSamples: 23, cause: 'lost' },
      ...chunked(signal, [64], 800),
    ]);
    const second = after.filter((c) => c.stretchStart === 800);
    expect(second[0].firstSample).to.equal(0);
    expect(joined(second)).to.deep.equal(alone);
  });

  it('does not ring at the start of a signal with an offset', async () => {
    const constant = new Float64Array(8000).fill(0.7);
    for (const rateHz of [1000, 2000, 48000, 192000]) {
      const output = joined(await condition(rateHz, chunked(constant, [123])));
      expect(Math.max(...output.map(Math.abs))).to.be.below(1e-9);
    }
  });
});
