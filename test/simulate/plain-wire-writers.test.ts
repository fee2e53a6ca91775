import { expect } from 'chai';
import { PLAIN_WIRE_NAMES, PLAIN_WIRES } from '../../src/decode/wire/wires.js';
import { PLAIN_WIRE_WRITERS } from '../../src/simulate/plain-wire-writers.js';

describe('the writer and the decoder of a plain wire', () => {
  for (const name of PLAIN_WIRE_NAMES) {
    describe(name, () => {
      const writer = PLAIN_WIRE_WRITERS[name]();
      const decoder = PLAIN_WIRES[name].decoder({});
      const most = 2 ** (writer.bitsPerSample - 1);
      const integers = Int32Array.of(-most, -1, 0, 1, 257, most - 1);
      const read = (...pieces: Uint8Array[]): number[] =>
        pieces
          .flatMap((bytes) => decoder.push(bytes))
          .flatMap((value) => (value.kind === 'samples' ? [...value.samples] : [NaN]));
      beforeEach(() => {
        writer.reset();
        decoder.reset();
      });

      it('agree on the scale', () => {
        expect(decoder).to.include({ bitsPerSample: writer.bitsPerSample, fullScale: most });
      });

      it('agree on every sample, piece by piece', () => {
        const pieces = [integers.slice(0, 2), integers.slice(2)].map((piece) => writer.write(piece));
        expect(read(...pieces)).to.deep.equal([...integers].map((integer) => integer / most));
      });

      it('lose no sample where the port is opened once more', () => {
        read(writer.write(integers));
        writer.reset();
        decoder.reset();
        expect(read(writer.write(integers))).to.deep.equal([...integers].map((integer) => integer / most));
      });
    });
  }
});
