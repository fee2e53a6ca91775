import { expect } from 'chai';
import fc from 'fast-check';
import { cobsDecode, cobsEncode, cobsMaxEncodedLength } from '../../../src/decode/wire/cobs.js';

function encode(data: Uint8Array): Uint8Array {
  const output = new Uint8Array(cobsMaxEncodedLength(data.length));
  return output.subarray(0, cobsEncode(data, output));
}

function decode(encoded: Uint8Array): Uint8Array | null {
  const output = new Uint8Array(encoded.length);
  const length = cobsDecode(encoded, output);
  return length < 0 ? null : output.subarray(0, length);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => (first + i) & 0xff);

describe('cobs', () => {
  // The packet of figure 2 of Cheshire and Baker (1999), without the zero that the paper appends to every packet.
  const paperData = Uint8Array.of(0x45, 0x00, 0x00, 0x2c, 0x4c, 0x79, 0x00, 0x00, 0x40, 0x06, 0x4f, 0x37);
  const paperCode = Uint8Array.of(
    0x02,
    0x45,
    0x01,
    0x04,
    0x2c,
    0x4c,
    0x79,
    0x01,
    0x05,
    0x40,
    0x06,
    0x4f,
    0x37,
  );

  // The commonly published examples (Wikipedia, "Consistent Overhead Byte Stuffing"), delimiters left out.
  const published: [string, number[], number[]][] = [
    ['one zero', [0], [1, 1]],
    ['two zeros', [0, 0], [1, 1, 1]],
    ['a byte between zeros', [0, 0x11, 0], [1, 2, 0x11, 1]],
    ['a zero inside', [0x11, 0x22, 0, 0x33], [3, 0x11, 0x22, 2, 0x33]],
    ['no zero', [0x11, 0x22, 0x33, 0x44], [5, 0x11, 0x22, 0x33, 0x44]],
    ['zeros at the end', [0x11, 0, 0, 0], [2, 0x11, 1, 1, 1]],
    ['254 bytes without a zero', range(1, 254), [255, ...range(1, 254)]],
    ['a zero and 254 bytes', range(0, 254), [1, 255, ...range(1, 254)]],
    ['255 bytes without a zero', range(1, 255), [255, ...range(1, 254), 2, 255]],
    ['254 bytes and a zero', range(2, 256), [255, ...range(2, 255), 1, 1]],
    ['253 bytes, a zero and a byte', range(3, 257), [254, ...range(3, 255), 2, 1]],
  ];

  it("reproduces the paper's example", () => {
    expect(hex(encode(paperData))).to.equal(hex(paperCode));
    expect(hex(decode(paperCode) ?? new Uint8Array(0))).to.equal(hex(paperData));
  });

  for (const [name, data, encoded] of published) {
    it(`reproduces the published example: ${name}`, () => {
      expect(hex(encode(Uint8Array.from(data)))).to.equal(hex(Uint8Array.from(encoded)));
      expect(hex(decode(Uint8Array.from(encoded)) ?? new Uint8Array(0))).to.equal(hex(Uint8Array.from(data)));
    });
  }

  it('reads the longer form of a full last block too, as strict encoders write it', () => {
    const encoded = Uint8Array.of(255, ...range(1, 254), 1);
    expect(hex(decode(encoded) ?? new Uint8Array(0))).to.equal(hex(Uint8Array.from(range(1, 254))));
  });

  it('decodes what it encodes, without a zero and within the stated length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.constant(7), fc.integer({ min: 0, max: 255 })), {
          maxLength: 700,
          size: 'max',
        }),
        (values) => {
          const data = Uint8Array.from(values);
          const encoded = encode(data);
          expect(encoded.includes(0)).to.equal(false);
          expect(encoded.length).to.be.at.most(cobsMaxEncodedLength(data.length));
          expect(hex(decode(encoded) ?? Uint8Array.of(1, 2, 3))).to.equal(hex(data));
        },
      ),
    );
  });

  it('decodes in place', () => {
    const bytes = Uint8Array.from(paperCode);
    expect(cobsDecode(bytes, bytes)).to.equal(paperData.length);
    expect(hex(bytes.subarray(0, paperData.length))).to.equal(hex(paperData));
  });

  it('refuses an empty frame, a zero inside, and a code that points beyond the end', () => {
    expect(decode(new Uint8Array(0))).to.equal(null);
    expect(decode(Uint8Array.of(0))).to.equal(null);
    expect(decode(Uint8Array.of(3, 1, 0))).to.equal(null);
    expect(decode(Uint8Array.of(2, 1, 0, 1))).to.equal(null);
    expect(decode(Uint8Array.of(3, 1))).to.equal(null);
    expect(decode(Uint8Array.of(2, 1, 255, 1))).to.equal(null);
  });
});
