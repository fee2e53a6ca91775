import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '../../../src/errors.js';
import { PacketDecoder } from '../../../src/decode/wire/packet-decoder.js';
import {
  encodePacket,
  type Packet,
  type SamplesPacket,
  type StatusPacket,
} from '../../../src/decode/wire/packet.js';
import { SampleAssembler, type SampleAssemblerOptions } from '../../../src/decode/wire/sample-assembler.js';
import type { Gap, Sampled } from '../../../src/decode/samples.js';
import { arbitraryPacket } from './arbitrary-packet.js';

const sampleRateHz = 2000;
const perPacket = 40;

/** The value that a device of these tests takes at index `i`, so that a misplaced sample shows. */
const valueAt = (i: number): number => ((i * 7919) % 65536) - 32768;

/** The packet with this sequence number of a device that never drops anything, unless told otherwise. */
function packet(
  sequence: number,
  changes: { firstSample?: number; micros?: number; count?: number } = {},
): SamplesPacket {
  const first = changes.firstSample ?? sequence * perPacket;
  return {
    type: 'samples',
    sequence: sequence & 0xffff,
    firstSample: first >>> 0,
    deviceMicros: (changes.micros ?? Math.round((first / sampleRateHz) * 1e6)) >>> 0,
    bitsPerSample: 16,
    samples: Int32Array.from({ length: changes.count ?? perPacket }, (_, i) => valueAt(first + i)),
  };
}

const status = (overrunSamples: number): StatusPacket => ({
  type: 'status',
  overrunSamples,
  clippedSamples: 0,
  batteryPercent: null,
  contact: null,
});
const stopped = (sampleIndex: number): Packet => ({
  type: 'stopped',
  reason: 'request',
  sampleIndex: sampleIndex >>> 0,
});
const info: Packet = {
  type: 'info',
  protocolCurrent: 1,
  protocolMin: 1,
  firmware: '',
  serialNumber: '',
  sampleRateHz,
  bitsPerSample: 16,
  fullScale: 32768,
  compatibleFlags: 0,
  incompatibleFlags: 0,
};

function make(options: Partial<SampleAssemblerOptions> = {}): SampleAssembler {
  return new SampleAssembler({ sampleRateHz, fullScale: 32768, ...options });
}

function assemble(packets: Packet[], assembler = make()): Sampled[] {
  return [...packets.flatMap((item) => assembler.push(item)), ...assembler.finish()];
}

/** `40@0` for 40 samples at 0, `lost 3@40` for a gap. */
function outline(items: Sampled[]): string[] {
  return items.map((item) =>
    item.kind === 'samples'
      ? `${item.samples.length}@${item.firstSample}`
      : `${item.cause} ${item.lostSamples}@${item.atSample}`,
  );
}

function expectNoHoleInAxis(items: Sampled[]): number {
  let next = 0;
  for (const item of items) {
    expect(item.kind === 'samples' ? item.firstSample : item.atSample).to.equal(next);
    next += item.kind === 'samples' ? item.samples.length : item.lostSamples;
  }
  return next;
}

function expectTrueValues(items: Sampled[]): void {
  for (const item of items) {
    if (item.kind !== 'samples') continue;
    item.samples.forEach((sample, i) => expect(sample * 32768).to.equal(valueAt(item.firstSample + i)));
  }
}

const gapsIn = (items: Sampled[]): Gap[] => items.flatMap((item) => (item.kind === 'gap' ? [item] : []));

describe('SampleAssembler', () => {
  it('puts packets in order on one axis, scaled by the full scale of INFO', () => {
    const items = assemble([packet(0), packet(1), stopped(80)]);
    expect(outline(items)).to.deep.equal(['40@0', '40@40']);
    expectTrueValues(items);
    const [chunk] = make({ fullScale: 8388608 }).push({
      ...packet(0),
      samples: Int32Array.of(-8388608, 4194304),
    });
    expect(chunk.kind === 'samples' && [...chunk.samples]).to.deep.equal([-1, 0.5]);
  });

  it('makes a lost packet a gap of its samples', () => {
    const items = assemble([packet(0), packet(2), stopped(120)]);
    expect(outline(items)).to.deep.equal(['40@0', 'lost 40@40', '40@80']);
    expectTrueValues(items);
  });

  it('calls it an overrun where the index steps and no packet is missing', () => {
    const assembler = make();
    const items = assemble([packet(0), packet(1, { firstSample: 90 }), stopped(130)], assembler);
    expect(outline(items)).to.deep.equal(['40@0', 'overrun 50@40', '40@90']);
    expect(assembler.counters).to.include({
      lostSamples: 50,
      overrunSamples: 50,
      missingPackets: 0,
      gaps: 1,
    });
  });

  it('counts what is missing before the first packet, once a second packet bears it out', () => {
    const assembler = make();
    expect(assembler.push(packet(2))).to.deep.equal([]);
    expect(outline(assembler.push(packet(3)))).to.deep.equal(['lost 80@0', '40@80', '40@120']);
  });

  it('begins with the first packet where it joins a stream', () => {
    const items = assemble([packet(700), packet(701), status(5000)], make({ begins: 'anywhere' }));
    expect(outline(items)).to.deep.equal(['40@0', '40@40']);
  });

  it('unwraps index, sequence and clock', () => {
    const first = 2 ** 32 - 60;
    const sequence = 65535;
    const at = (i: number): SamplesPacket => packet(sequence + i, { firstSample: first + i * perPacket });
    const items = assemble([at(0), at(1), at(3), at(4)], make({ begins: 'anywhere' }));
    expect(outline(items)).to.deep.equal(['40@0', '40@40', 'lost 40@80', '40@120', '40@160']);
  });

  it('counts on beyond 2^32 samples', () => {
    // Losses of nearly the longest time that is believed take the axis there quickly.
    const assembler = make({ begins: 'anywhere', maxLossSeconds: 2000 });
    const step = 3_999_960;
    let sampled: Sampled[] = [];
    for (let i = 0; i < 1200; i += 1) sampled = assembler.push(packet(i * 2, { firstSample: i * step }));
    const last = sampled.at(-1);
    expect(last?.kind === 'samples' && last.firstSample).to.equal(1199 * step);
    expect(1199 * step).to.be.greaterThan(2 ** 32);
  });

  it('drops and counts a packet that comes twice', () => {
    const assembler = make();
    const items = assemble([packet(0), packet(0), packet(1), packet(0), packet(2), stopped(120)], assembler);
    expect(outline(items)).to.deep.equal(['40@0', '40@40', '40@80']);
    expect(assembler.counters).to.include({ duplicatePackets: 2, lostSamples: 0, oddPackets: 0 });
  });

  it('drops and counts a packet that comes late; its gap stays', () => {
    const assembler = make();
    const items = assemble([packet(0), packet(2), packet(1), packet(3), stopped(160)], assembler);
    expect(outline(items)).to.deep.equal(['40@0', 'lost 40@40', '40@80', '40@120']);
    expect(assembler.counters).to.include({ latePackets: 1, lostSamples: 40, samples: 120 });
  });

  it('does not believe an absurd step that only one packet claims', () => {
    const assembler = make();
    const absurd = { ...packet(2), firstSample: 3_000_000_000 };
    const items = assemble([packet(0), packet(1), absurd, packet(3), stopped(160)], assembler);
    expect(outline(items)).to.deep.equal(['40@0', '40@40', 'lost 40@80', '40@120']);
    expect(assembler.counters).to.include({ oddPackets: 1, lostSamples: 40, restarts: 0 });
  });

  it('does not believe a step of minutes against the clock, unless a second packet says the same', () => {
    const late = { firstSample: 200_000, micros: 80_000 };
    const later = { firstSample: 200_040, micros: 100_000 };
    expect(outline(assemble([packet(0), packet(1), packet(2, late), packet(3)]))).to.deep.equal([
      '40@0',
      '40@40',
      'lost 40@80',
      '40@120',
    ]);
    expect(outline(assemble([packet(0), packet(1), packet(2, late), packet(3, later)]))).to.deep.equal([
      '40@0',
      '40@40',
      'overrun 199920@80',
      '40@200000',
      '40@200040',
    ]);
  });

  it('believes a packet that continues an odd one, even with a clock that makes no sense', () => {
    const items = assemble([
      packet(0),
      packet(1, { firstSample: 200_000, micros: 5 }),
      packet(2, { firstSample: 200_040, micros: 4_000_000_000 }),
    ]);
    expect(outline(items)).to.deep.equal(['40@0', 'overrun 199960@40', '40@200000', '40@200040']);
  });

  it('counts a given-up packet once when the old numbering goes on', () => {
    const assembler = make();
    const absurd = [
      { ...packet(1), firstSample: 3_000_000_000, deviceMicros: 1_000_000 },
      { ...packet(2), firstSample: 1_000_000_000, deviceMicros: 77 },
    ];
    expect(outline(assemble([packet(0), ...absurd, packet(3), stopped(160)], assembler))).to.deep.equal([
      '40@0',
      'lost 40@40',
      'lost 40@80',
      '40@120',
    ]);
    expect(assembler.counters).to.include({ oddPackets: 2, lostSamples: 80 });
  });

  it('believes at once a step that the clock confirms', () => {
    const assembler = make();
    assembler.push(packet(0));
    expect(outline(assembler.push(packet(5000)))).to.deep.equal(['lost 199960@40', '40@200000']);
  });

  it('takes a step beyond the longest loss for a restart, with a loss that nobody knows', () => {
    const far = 601 * sampleRateHz;
    const items = assemble([
      packet(0),
      packet(1, { firstSample: far }),
      packet(2, { firstSample: far + 40 }),
    ]);
    expect(outline(items)).to.deep.equal(['40@0', 'restart 0@40', '40@40', '40@80']);
  });

  it('takes an index that begins anew for a restart', () => {
    const assembler = make();
    const before = [0, 1, 2, 3].map((i) => packet(i));
    const again = [0, 1, 2].map((i) => packet(i, { micros: 5_000_000 + i * 20_000 }));
    const items = assemble([...before, ...again, stopped(120)], assembler);
    expect(outline(items)).to.deep.equal([
      '40@0',
      '40@40',
      '40@80',
      '40@120',
      'restart 0@160',
      '40@160',
      '40@200',
      '40@240',
    ]);
    expect(assembler.counters).to.include({ restarts: 1, lostSamples: 0, samples: 280 });
    expect(assembler.deviceTime).to.deep.equal({ atSample: 240, deviceMicros: 40_000, run: 1 });
  });

  it('remembers no gap of an older numbering', () => {
    const run = (micros: number, ...sequences: number[]): Packet[] =>
      sequences.map((i) => packet(i, { micros: micros + i * 20_000 }));
    const items = assemble([...run(0, 0, 2, 3), ...run(5e6, 0, 1, 2), ...run(9e6, 1, 2, 3)]);
    expect(outline(items)).to.deep.equal([
      '40@0',
      'lost 40@40',
      '40@80',
      '40@120',
      'restart 0@160',
      '40@160',
      '40@200',
      '40@240',
      'restart 0@280',
      '40@280',
      '40@320',
      '40@360',
    ]);
  });

  it('counts from 0 what is missing after a restart that INFO announced, even with the same clock readings', () => {
    const assembler = make();
    const items = assemble([packet(0), packet(1), packet(2), info, packet(1), packet(2)], assembler);
    expect(outline(items)).to.deep.equal(['40@0', '40@40', '40@80', 'restart 40@120', '40@160', '40@200']);
    expect(assembler.counters).to.include({ missingPackets: 1, restarts: 1 });
  });

  it('goes on as before when INFO came in the middle of the stream', () => {
    expect(outline(assemble([packet(0), info, packet(1), packet(3), stopped(160)]))).to.deep.equal([
      '40@0',
      '40@40',
      'lost 40@80',
      '40@120',
    ]);
  });

  it('begins a new numbering after STOPPED, even where its first packet would fit the old one', () => {
    const old = [packet(0), packet(1), stopped(80)];
    expect(outline(assemble([...old, packet(0), packet(1), stopped(80)]))).to.deep.equal([
      '40@0',
      '40@40',
      'restart 0@80',
      '40@80',
      '40@120',
    ]);
    expect(outline(assemble([...old, packet(2), packet(3), stopped(160)]))).to.deep.equal([
      '40@0',
      '40@40',
      'restart 80@80',
      '40@160',
      '40@200',
    ]);
  });

  it('counts the loss at the very end from STOPPED', () => {
    expect(outline(assemble([packet(0), stopped(200)]))).to.deep.equal(['40@0', 'lost 160@40']);
    expect(outline(assemble([stopped(200)]))).to.deep.equal(['lost 200@0']);
    expect(outline(assemble([packet(0), stopped(200), stopped(200)]))).to.deep.equal(['40@0', 'lost 160@40']);
  });

  it('does not believe an absurd STOPPED', () => {
    const assembler = make();
    expect(outline(assemble([packet(0), stopped(3_000_000_000)], assembler))).to.deep.equal(['40@0']);
    expect(assembler.counters.oddPackets).to.equal(1);
  });

  it('lets STOPPED bear out the last packet', () => {
    const items = assemble([packet(0), packet(1, { firstSample: 200_000, micros: 1 }), stopped(200_040)]);
    expect(outline(items)).to.deep.equal(['40@0', 'overrun 199960@40', '40@200000']);
  });

  it('adds at the end the overruns that STATUS told of twice and no index showed', () => {
    const told = [packet(0), status(30), packet(1), status(30), packet(2)];
    expect(outline(assemble([...told, stopped(120)]))).to.deep.equal([
      '40@0',
      '40@40',
      '40@80',
      'overrun 30@120',
    ]);
    expect(outline(assemble(told))).to.deep.equal(['40@0', '40@40', '40@80', 'overrun 30@120']);
    const shown = [packet(0), status(50), packet(1, { firstSample: 90 }), status(50), stopped(130)];
    expect(outline(assemble(shown))).to.deep.equal(['40@0', 'overrun 50@40', '40@90']);
    expect(outline(assemble([packet(0), status(30), packet(1)]))).to.deep.equal(['40@0', '40@40']);
    const absurd = [packet(0), status(10_000_000), packet(1), status(10_000_000), stopped(80)];
    expect(outline(assemble(absurd))).to.deep.equal(['40@0', '40@40']);
  });

  it('adds them before a restart, too', () => {
    const told = [packet(0), status(30), packet(1), status(30), packet(2)];
    const again = [0, 1].map((i) => packet(i, { micros: 5_000_000 + i * 20_000 }));
    expect(outline(assemble([...told, ...again]))).to.deep.equal([
      '40@0',
      '40@40',
      '40@80',
      'overrun 30@120',
      'restart 0@150',
      '40@150',
      '40@190',
    ]);
  });

  it('counts as lost what stays in doubt at the end', () => {
    const assembler = make();
    expect(
      outline(assemble([packet(0), packet(1, { firstSample: 1_000_000, micros: 0 })], assembler)),
    ).to.deep.equal(['40@0', 'lost 40@40']);
    expect(assembler.counters).to.include({ oddPackets: 1, lostSamples: 40, samples: 40 });
  });

  it('counts no missing packets by a sequence number that never moves', () => {
    const assembler = make();
    assemble(
      [0, 1, 2].map((i) => ({ ...packet(i), sequence: 7 })),
      assembler,
    );
    expect(assembler.counters).to.include({ missingPackets: 7, samples: 120, lostSamples: 0 });
  });

  it('loses nothing silently from firmware whose index never moves', () => {
    const assembler = make();
    const stuck = Array.from({ length: 20 }, (_, i) => packet(i, { firstSample: 0, micros: i * 20_000 }));
    const items = assemble(stuck, assembler);
    expect(expectNoHoleInAxis(items)).to.equal(20 * perPacket);
    expect(assembler.counters.samples + assembler.counters.lostSamples).to.equal(20 * perPacket);
  });

  it('flows with every second packet lost from the first on', () => {
    const items = assemble([1, 3, 5, 7].map((i) => packet(i)));
    expect(outline(items)).to.deep.equal([
      'lost 40@0',
      '40@40',
      'lost 40@80',
      '40@120',
      'lost 40@160',
      '40@200',
      'lost 40@240',
      '40@280',
    ]);
  });

  it("gives the device's time of the last chunk, unwrapped", () => {
    const assembler = make({ begins: 'anywhere' });
    expect(assembler.deviceTime).to.equal(null);
    assembler.push(packet(0, { micros: 2 ** 32 - 5000 }));
    expect(assembler.deviceTime).to.deep.equal({ atSample: 0, deviceMicros: 0, run: 0 });
    assembler.push(packet(1, { micros: 15_000 }));
    expect(assembler.deviceTime).to.deep.equal({ atSample: 40, deviceMicros: 20_000, run: 0 });
  });

  it('counts samples beyond the full scale that the device gave', () => {
    const assembler = make({ fullScale: 2048 });
    assembler.push({ ...packet(0), samples: Int32Array.of(2047, 2048, -2048, -2049) });
    expect(assembler.counters.outOfRangeSamples).to.equal(2);
  });

  it('is as new after reset', () => {
    const assembler = make();
    assemble([packet(5), packet(2), status(9), status(9), info, packet(9)], assembler);
    assembler.reset();
    expect(assembler.counters).to.deep.equal(make().counters);
    expect(assembler.deviceTime).to.equal(null);
    const packets = [packet(0), packet(2), packet(1), status(3), stopped(120)];
    expect(assemble(packets, assembler)).to.deep.equal(assemble(packets));
  });

  it('refuses options that cannot be', () => {
    expect(() => make({ sampleRateHz: 0 })).to.throw(
      ConfigurationError,
      'sampleRateHz must be a positive number, got 0',
    );
    expect(() => make({ fullScale: NaN })).to.throw(ConfigurationError, 'fullScale');
    expect(() => make({ maxLossSeconds: 2001 })).to.throw(
      ConfigurationError,
      'maxLossSeconds must be in 0..2000',
    );
  });

  it('counts every sample exactly through drops, doubles, delays and overruns, with its true value at its true place', () => {
    const fate = fc.record({
      count: fc.integer({ min: 1, max: 119 }),
      overrun: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5000 })),
      what: fc.oneof(
        { weight: 5, arbitrary: fc.constant('arrives' as const) },
        fc.constantFrom('is lost', 'comes twice', 'comes late'),
      ),
    });
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 60 }), (fates) => {
        const wire: Packet[] = [];
        let index = 0;
        let overrun = 0;
        let delayed: Packet | null = null;
        fates.forEach(({ count, overrun: dropped, what }, sequence) => {
          index += dropped;
          overrun += dropped;
          const current = packet(sequence, { firstSample: index, count });
          index += count;
          if (what === 'comes late' && delayed === null) {
            delayed = current;
            return;
          }
          if (what !== 'is lost') wire.push(current);
          if (what === 'comes twice') wire.push(current);
          if (delayed !== null) wire.push(delayed);
          delayed = null;
          wire.push(status(overrun));
        });
        const assembler = make();
        const items = assemble([...wire, stopped(index)], assembler);
        expect(expectNoHoleInAxis(items)).to.equal(index);
        expectTrueValues(items);
        expect(assembler.counters.samples + assembler.counters.lostSamples).to.equal(index);
        expect(gapsIn(items).reduce((sum, gap) => sum + gap.lostSamples, 0)).to.equal(
          assembler.counters.lostSamples,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('never throws and never leaves a hole in the axis, whatever packets come', () => {
    const small = fc.integer({ min: 0, max: 400 });
    const wild = fc
      .record({
        sequence: small,
        firstSample: small,
        micros: fc.integer({ min: 0, max: 400_000 }),
        count: fc.integer({ min: 1, max: 119 }),
      })
      .map((fields) => packet(fields.sequence, fields));
    const any = fc.oneof(arbitraryPacket, wild, small.map(stopped), small.map(status));
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 80 }),
        fc.constantFrom('start' as const, 'anywhere' as const),
        (packets, begins) => {
          const assembler = make({ begins });
          const items = assemble(packets, assembler);
          const { samples, lostSamples, packets: taken } = assembler.counters;
          expect(expectNoHoleInAxis(items)).to.equal(samples + lostSamples);
          expect(taken).to.equal(packets.filter((item) => item.type === 'samples').length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('accounts for every sample of a stream whose bytes were changed on the wire', () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('set', 'drop', 'insert'),
      byte: fc.nat(255),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(change, { maxLength: 12 }), (count, changes) => {
        const sent: Packet[] = Array.from({ length: count }, (_, i) => packet(i));
        const bytes = sent.flatMap((item) => [...encodePacket(item)]);
        for (const { at, kind, byte } of changes) {
          bytes.splice(
            at % (bytes.length + 1),
            kind === 'insert' ? 0 : 1,
            ...(kind === 'drop' ? [] : [byte]),
          );
        }
        const decoder = new PacketDecoder();
        const received = [
          ...decoder.push(Uint8Array.from(bytes)),
          ...decoder.push(Uint8Array.of(0, ...encodePacket(stopped(count * perPacket)))),
        ].flatMap((item) => (item.kind === 'packet' ? [item.packet] : []));
        // One corrupt frame in 65,536 passes the checksum; what becomes of such a packet is tested above.
        fc.pre(
          received.every((item) => item.type !== 'samples' || sent.some((known) => isEqual(known, item))),
        );
        const items = assemble(received);
        expect(expectNoHoleInAxis(items)).to.equal(count * perPacket);
        expectTrueValues(items);
      }),
      { numRuns: 300 },
    );
  });
});

function isEqual(a: Packet, b: Packet): boolean {
  return Buffer.from(encodePacket(a)).equals(encodePacket(b));
}
