import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '../../../src/errors.js';
import { AsciiWire } from '../../../src/decode/wire/ascii-wire.js';
import type { Sampled } from '../../../src/decode/samples.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** One entry a sample of the axis: its value, or null where it is lost. */
function axis(items: Sampled[]): (number | null)[] {
  const values: (number | null)[] = [];
  for (const item of items) {
    expect(item.kind === 'samples' ? item.firstSample : item.atSample).to.equal(values.length);
    if (item.kind === 'samples') values.push(...item.samples);
    else values.push(...new Array<null>(item.lostSamples).fill(null));
  }
  return values;
}

/** Reads a text whose first line is there to be thrown away. */
function read(text: string, wire = new AsciiWire({ fullScale: 1000 })): (number | null)[] {
  return axis([...wire.push(bytes(`\n${text}`)), ...wire.finish()]);
}

describe('AsciiWire', () => {
  it('reads one number a line, whatever ends the line', () => {
    expect(read('12\n-7\n')).to.deep.equal([0.012, -0.007]);
    expect(read('12\r\n-7\r\n')).to.deep.equal([0.012, -0.007]);
    expect(read('12\r-7\r')).to.deep.equal([0.012, -0.007]);
  });

  it('reads fractions, signs, exponents and spaces as they are written', () => {
    expect(read(' 3.5\n+4\t\n.5\n5.\n-1e2\n2.5E-1\n')).to.deep.equal([
      0.0035, 0.004, 0.0005, 0.005, -0.1, 0.00025,
    ]);
  });

  it('leaves the first line out, as it may have been cut', () => {
    const wire = new AsciiWire({ fullScale: 1000 });
    expect(axis(wire.push(bytes('23\r\n123\r\n')))).to.deep.equal([0.123]);
    expect(wire.counters).to.deep.equal({ samples: 1, badLines: 0, outOfRangeSamples: 0, leadingBytes: 2 });
  });

  const notNumbers = [
    'x',
    '1 2',
    '1,2',
    '0x10',
    'NaN',
    'Infinity',
    '1e999',
    '--1',
    '1e',
    '.',
    '1.2.3',
    '\u00e9',
    '\u0000',
  ];
  for (const line of notNumbers) {
    it(`counts ${JSON.stringify(line)} as one lost sample`, () => {
      const wire = new AsciiWire({ fullScale: 1000 });
      expect(read(`1\n${line}\n2\n`, wire)).to.deep.equal([0.001, null, 0.002]);
      expect(wire.counters).to.include({ samples: 2, badLines: 1 });
    });
  }

  it('gives blank lines no meaning', () => {
    expect(read('1\n\n \n\r\n2\n')).to.deep.equal([0.001, 0.002]);
  });

  it('makes neighbouring bad lines one gap', () => {
    const wire = new AsciiWire();
    wire.push(bytes('\n'));
    expect(wire.push(bytes('a\nb\nc\n'))).to.deep.equal([
      { kind: 'gap', atSample: 0, lostSamples: 3, cause: 'lost' },
    ]);
  });

  it('takes a line over 64 bytes for one lost sample, in bounded memory', () => {
    expect(read(`1\n${'0'.repeat(64)}\n2\n`)).to.deep.equal([0.001, 0, 0.002]);
    expect(read(`1\n${'0'.repeat(65)}\n2\n`)).to.deep.equal([0.001, null, 0.002]);
    expect(read(`1\n${' '.repeat(65)}5\n2\n`)).to.deep.equal([0.001, null, 0.002]);
    expect(read(`1\n${'9'.repeat(1_000_000)}\n2\n`)).to.deep.equal([0.001, null, 0.002]);
  });

  it('counts a line that the end of the stream cut as lost', () => {
    expect(read('1\n2')).to.deep.equal([0.001, null]);
    expect(read('1\n ')).to.deep.equal([0.001]);
    expect(read(`1\n${' '.repeat(65)}`)).to.deep.equal([0.001, null]);
    const wire = new AsciiWire();
    expect([...wire.push(bytes('12')), ...wire.finish()]).to.deep.equal([]);
  });

  it('counts numbers beyond the full scale', () => {
    const wire = new AsciiWire({ fullScale: 512 });
    expect(read('511\n512\n-512\n-513\n', wire)).to.deep.equal([511 / 512, 1, -1, -513 / 512]);
    expect(wire.counters.outOfRangeSamples).to.equal(2);
  });

  it('gives the same for any chunking', () => {
    const line = fc.oneof(
      fc.integer({ min: -40000, max: 40000 }).map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.string({ unit: 'binary-ascii', maxLength: 80 }),
    );
    const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 20 }), (lines, cuts) => {
        const stream = bytes(lines.flat().join(''));
        const whole = new AsciiWire();
        const expected = axis([...whole.push(stream), ...whole.finish()]);
        const wire = new AsciiWire();
        const items: Sampled[] = [];
        let at = 0;
        for (const cut of [
          ...cuts.map((c) => c % (stream.length + 1)).sort((a, b) => a - b),
          stream.length,
        ]) {
          items.push(...wire.push(stream.subarray(at, cut)));
          at = cut;
        }
        items.push(...wire.finish());
        expect(axis(items)).to.deep.equal(expected);
        expect(wire.counters).to.deep.equal(whole.counters);
        expect(wire.counters.samples + wire.counters.badLines).to.equal(expected.length);
      }),
    );
  });

  it('never throws on any bytes, and every line is a sample, lost, or blank', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (noise) => {
        const wire = new AsciiWire();
        const items = [...wire.push(noise), ...wire.finish()];
        expect(axis(items).length).to.equal(wire.counters.samples + wire.counters.badLines);
      }),
    );
  });

  it('is as new after reset', () => {
    const wire = new AsciiWire({ fullScale: 1000 });
    wire.push(bytes('1\n2\nx\n3'));
    wire.reset();
    expect(wire.counters).to.deep.equal(new AsciiWire().counters);
    expect(wire.push(bytes('9\n5\n'))).to.deep.equal([
      { kind: 'samples', firstSample: 0, samples: Float64Array.of(0.005) },
    ]);
  });

  it('refuses a full scale that cannot be', () => {
    expect(() => new AsciiWire({ fullScale: 0 })).to.throw(
      ConfigurationError,
      'fullScale must be a positive number, got 0',
    );
  });
});
