import { expect } from 'chai';
import { AsciiWire } from '../../src/decode/wire/ascii-wire.js';
import { S16leWire } from '../../src/decode/wire/s16le-wire.js';
import { ConfigurationError } from '../../src/errors.js';
import type { DeviceFault } from '../../src/simulate/fault.js';
import { PlainWireBoard, type PlainWireBoardOptions } from '../../src/simulate/plain-wire-board.js';

const rate = 1000;
const samples = Float64Array.from({ length: 2 * rate }, (_, index) => (index - 1000) / 32768);
const recording = { sampleRateHz: rate, bitsPerSample: 16, samples };

class Bench {
  readonly board: PlainWireBoard;
  nowMs = 500;

  constructor(options: Partial<PlainWireBoardOptions> = {}) {
    this.board = new PlainWireBoard({ wire: 's16le', recording, ...options });
    this.board.hostArrived(this.nowMs);
  }

  pass(ms: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 10;
      for (let sent = this.board.next(this.nowMs); sent !== undefined; sent = this.board.next(this.nowMs)) {
        pieces.push(sent.bytes);
      }
    }
    return Buffer.concat(pieces);
  }
}

describe('PlainWireBoard', () => {
  it('sends s16le that the decoder reads back exactly, in real time, and is over at the end', () => {
    const bench = new Bench();
    expect(bench.pass(240), 'while the board starts').to.have.length(0);
    const first = bench.pass(1010);
    expect(first.length / 2).to.be.within(rate - 20, rate);
    const bytes = Buffer.concat([first, bench.pass(1500)]);
    const [chunk] = new S16leWire().push(bytes);
    expect(chunk).to.deep.equal({ kind: 'samples', firstSample: 0, samples });
    expect(bench.board.isOver).to.equal(true);
  });

  it('sends ASCII of which a reader loses no number, though the first line may be cut', () => {
    const bytes = new Bench({ wire: 'ascii', speed: 'max' }).pass(300);
    const values = new AsciiWire().push(bytes);
    const read = values.flatMap((value) => (value.kind === 'samples' ? [...value.samples] : [NaN]));
    expect(read).to.deep.equal([...samples]);
  });

  it('begins anew for every host', () => {
    const bench = new Bench();
    bench.pass(1000);
    bench.board.hostArrived(bench.nowMs);
    expect([...bench.pass(300).subarray(0, 4)]).to.deep.equal([0x18, 0xfc, 0x19, 0xfc]);
  });

  it('goes on with the heart when it was unplugged', () => {
    const faults: DeviceFault[] = [{ kind: 'unplug', atSeconds: 0.5, forSeconds: 0.5 }];
    const bench = new Bench({ faults });
    expect(bench.pass(800)).to.have.length(2 * 500);
    expect(bench.board.isPlugged).to.equal(false);
    bench.pass(500);
    expect(bench.board.isPlugged).to.equal(true);
    bench.board.hostArrived(bench.nowMs);
    const after = Buffer.from(bench.pass(300));
    // The host came back 1300 ms after it first arrived, and the board takes as long to start as it did then.
    expect(after.readInt16LE(0) + 1000).to.equal(1300);
  });

  it('loses the samples of overrun and stall, silently as such a board does', () => {
    const bench = new Bench({
      faults: [
        { kind: 'overrun', atSeconds: 0.2, samples: 100 },
        { kind: 'stall', atSeconds: 1, forSeconds: 0.5 },
      ],
    });
    expect(bench.pass(3000).length / 2).to.equal(2 * rate - 100 - 500);
  });

  it('refuses faults that it could not have', () => {
    expect(() => new Bench({ faults: [{ kind: 'restart', atSeconds: 1 }] })).to.throw(
      ConfigurationError,
      /overrun, stall, unplug and drift, got restart/,
    );
  });
});
