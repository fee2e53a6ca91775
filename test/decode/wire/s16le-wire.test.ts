import { expect } from 'chai';
import fc from 'fast-check';
import { S16leWire } from '../../../src/decode/wire/s16le-wire.js';
import type { Sampled } from '../../../src/decode/samples.js';

function integers(items: Sampled[]): number[] {
  const values: number[] = [];
  for (const item of items) {
    expect(item.kind).to.equal('samples');
    if (item.kind !== 'samples') continue;
    expect(item.firstSample).to.equal(values.length);
    values.push(...[...item.samples].map((sample) => sample * 32768));
  }
  return values;
}

describe('S16leWire', () => {
  it('reads little-endian two-complement samples by their full scale', () => {
    const [chunk] = new S16leWire().push(Uint8Array.of(0, 0x80, 0xff, 0x7f, 0xff, 0xff, 0, 0x40));
    expect(chunk).to.deep.equal({
      kind: 'samples',
      firstSample: 0,
      samples: Float64Array.of(-1, 32767 / 32768, -1 / 32768, 0.5),
    });
  });

  it('gives what Node reads from the same bytes, for any chunking', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 200 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (values, cuts) => {
          const stream = Buffer.alloc(values.length * 2);
          values.forEach((value, i) => stream.writeInt16LE(value, i * 2));
          const wire = new S16leWire();
          const items: Sampled[] = [];
          let at = 0;
          for (const cut of [
            ...cuts.map((c) => c % (stream.length + 1)).sort((a, b) => a - b),
            stream.length,
          ]) {
            items.push(...wire.push(stream.subarray(at, cut)));
            at = cut;
          }
          expect(integers(items)).to.deep.equal(values);
          expect(wire.finish()).to.deep.equal([]);
        },
      ),
    );
  });

  it('counts half a sample at the end as lost', () => {
    const wire = new S16leWire();
    expect(integers(wire.push(Uint8Array.of(1, 0, 2)))).to.deep.equal([1]);
    expect(wire.finish()).to.deep.equal([{ kind: 'gap', atSample: 1, lostSamples: 1, cause: 'lost' }]);
  });

  it('is as new after reset', () => {
    const wire = new S16leWire();
    wire.push(Uint8Array.of(1, 2, 3));
    wire.reset();
    expect(integers(wire.push(Uint8Array.of(5, 0)))).to.deep.equal([5]);
  });
});
