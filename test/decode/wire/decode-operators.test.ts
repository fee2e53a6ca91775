import { expect } from 'chai';
import { firstValueFrom, from, Subject, toArray, type OperatorFunction } from 'rxjs';
import { ConfigurationError } from '../../../src/errors.js';
import { assembleSamples } from '../../../src/decode/wire/assemble-samples.js';
import { decodeAscii } from '../../../src/decode/wire/decode-ascii.js';
import { decodePackets } from '../../../src/decode/wire/decode-packets.js';
import { decodeS16le } from '../../../src/decode/wire/decode-s16le.js';
import { encodePacket, type Packet } from '../../../src/decode/wire/packet.js';
import { itIsAnOperator } from '../../support/operator-cases.js';

function run<In, Out>(operator: OperatorFunction<In, Out>, ...input: In[]): Promise<Out[]> {
  return firstValueFrom(from(input).pipe(operator, toArray()));
}

/** What comes out before the source completes. */
function live<In, Out>(operator: OperatorFunction<In, Out>, ...input: In[]): Out[] {
  const source = new Subject<In>();
  const seen: Out[] = [];
  source.pipe(operator).subscribe((value) => seen.push(value));
  for (const value of input) source.next(value);
  return seen;
}

const start = encodePacket({ type: 'start' });
const isStart = { kind: 'packet', packet: { type: 'start' } };
const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

describe('decodePackets', () => {
  itIsAnOperator(decodePackets, [start.subarray(0, 2), start.subarray(2), start]);

  it('turns one piece of bytes into its packets, at once', () => {
    expect(live(decodePackets(), Uint8Array.of(...start, ...start))).to.deep.equal([isStart, isStart]);
  });

  it('puts packets together from many pieces', () => {
    const pieces = [...start, ...start].map((byte) => Uint8Array.of(byte));
    expect(live(decodePackets(), ...pieces)).to.deep.equal([isStart, isStart]);
  });

  it('reports a cut packet on completion', async () => {
    expect(await run(decodePackets(), start, start.subarray(0, 1))).to.deep.equal([
      isStart,
      { kind: 'corrupt', byteCount: 1, reason: 'truncated' },
    ]);
  });
});

describe('assembleSamples', () => {
  const options = { sampleRateHz: 1000, fullScale: 4 };
  const packet = (sequence: number, firstSample: number): Packet => ({
    type: 'samples',
    sequence,
    firstSample,
    deviceMicros: firstSample * 1000,
    bitsPerSample: 16,
    samples: Int32Array.of(1, 2),
  });
  const chunk = (firstSample: number) => ({
    kind: 'samples',
    firstSample,
    samples: Float64Array.of(0.25, 0.5),
  });

  itIsAnOperator(() => assembleSamples(options), [packet(0, 0), packet(2, 4)]);

  it('turns one packet into a chunk, at once', () => {
    expect(live(assembleSamples(options), packet(0, 0))).to.deep.equal([chunk(0)]);
  });

  it('shows the gap between many', () => {
    expect(live(assembleSamples(options), packet(0, 0), { type: 'start' }, packet(2, 4))).to.deep.equal([
      chunk(0),
      { kind: 'gap', atSample: 2, lostSamples: 2, cause: 'lost' },
      chunk(4),
    ]);
  });

  it('counts what is in doubt on completion', async () => {
    expect(await run(assembleSamples(options), packet(9, 70))).to.deep.equal([
      { kind: 'gap', atSample: 0, lostSamples: 2, cause: 'lost' },
    ]);
  });

  it('checks its options at the call', () => {
    expect(() => assembleSamples({ ...options, fullScale: 0 })).to.throw(ConfigurationError);
  });
});

describe('decodeAscii', () => {
  itIsAnOperator(() => decodeAscii({ fullScale: 4 }), [text('9\n1\n'), text('2\n')]);

  it('turns one piece of bytes into a chunk, at once', () => {
    expect(live(decodeAscii({ fullScale: 4 }), text('9\n1\n2\n'))).to.deep.equal([
      { kind: 'samples', firstSample: 0, samples: Float64Array.of(0.25, 0.5) },
    ]);
  });

  it('puts numbers together from many pieces', () => {
    expect(live(decodeAscii({ fullScale: 100 }), text('\n1'), text('2'), text('\n'))).to.deep.equal([
      { kind: 'samples', firstSample: 0, samples: Float64Array.of(0.12) },
    ]);
  });

  it('counts a cut line on completion', async () => {
    expect(await run(decodeAscii(), text('\n1'))).to.deep.equal([
      { kind: 'gap', atSample: 0, lostSamples: 1, cause: 'lost' },
    ]);
  });

  it('checks its options at the call', () => {
    expect(() => decodeAscii({ fullScale: -1 })).to.throw(ConfigurationError);
  });
});

describe('decodeS16le', () => {
  itIsAnOperator(decodeS16le, [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);

  it('turns one piece of bytes into a chunk, at once', () => {
    expect(live(decodeS16le(), Uint8Array.of(0, 0x40))).to.deep.equal([
      { kind: 'samples', firstSample: 0, samples: Float64Array.of(0.5) },
    ]);
  });

  it('puts samples together from many pieces', () => {
    expect(live(decodeS16le(), Uint8Array.of(0), Uint8Array.of(0x40, 0), Uint8Array.of(0x20))).to.deep.equal([
      { kind: 'samples', firstSample: 0, samples: Float64Array.of(0.5) },
      { kind: 'samples', firstSample: 1, samples: Float64Array.of(0.25) },
    ]);
  });

  it('counts half a sample on completion', async () => {
    expect(await run(decodeS16le(), Uint8Array.of(1))).to.deep.equal([
      { kind: 'gap', atSample: 0, lostSamples: 1, cause: 'lost' },
    ]);
  });
});
