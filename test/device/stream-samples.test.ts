import { expect } from 'chai';
import fc from 'fast-check';
import { from, lastValueFrom, Subject, toArray } from 'rxjs';
import type { Packet, SamplesPacket } from '../../src/decode/wire/packet.js';
import type { Sampled } from '../../src/decode/samples.js';
import type { DeviceEvent, StethoscopeEvent } from '../../src/device/stethoscope-event.js';
import { GapLimit } from '../../src/device/gap-limit.js';
import { Allowance } from '../../src/device/talkativeness.js';
import { streamSamples, type DeviceStreamEvent } from '../../src/device/stream-samples.js';

const RATE_HZ = 2000;
const LENGTH = 40;

const device = (changes: Partial<DeviceEvent> = {}): DeviceEvent => ({
  kind: 'device',
  path: '/dev/x',
  occasion: 'found',
  formatChanged: false,
  firmware: null,
  serialNumber: 'A-1',
  sampleRateHz: RATE_HZ,
  bitsPerSample: 16,
  fullScale: 32768,
  protocolVersion: 1,
  waitsForCredit: false,
  info: null,
  ...changes,
});
const packet = (of: Packet, receivedAtMs = 0): StethoscopeEvent => ({
  kind: 'packet',
  packet: of,
  receivedAtMs,
});
const info = {
  type: 'info',
  protocolCurrent: 1,
  protocolMin: 1,
  firmware: '',
  serialNumber: 'A-1',
  sampleRateHz: RATE_HZ,
  bitsPerSample: 16,
  fullScale: 32768,
  compatibleFlags: 0,
  incompatibleFlags: 0,
} as const satisfies Packet;

/** Packets as they come from a device that took its first sample at `beganAtMs`; each arrives when it is full. */
function packets(from: number, to: number, beganAtMs: number): StethoscopeEvent[] {
  const events: StethoscopeEvent[] = [];
  for (let firstSample = from; firstSample < to; firstSample += LENGTH) {
    const samples: SamplesPacket = {
      type: 'samples',
      sequence: firstSample / LENGTH,
      firstSample,
      deviceMicros: (firstSample * 1e6) / RATE_HZ,
      bitsPerSample: 16,
      samples: new Int32Array(LENGTH).fill(firstSample),
    };
    events.push(packet(samples, beganAtMs + ((firstSample + LENGTH) * 1000) / RATE_HZ));
  }
  return events;
}

const stream = (events: readonly (StethoscopeEvent | Sampled)[]): Promise<DeviceStreamEvent[]> =>
  lastValueFrom(from(events).pipe(streamSamples(), toArray()));
/** A device that answers and sends its first 1,000 samples. */
const begun = [device(), packet(info), ...packets(0, 1000, 0)];
const gapsOf = (events: readonly DeviceStreamEvent[]) => events.filter((event) => event.kind === 'gap');
const lengthOf = (events: readonly DeviceStreamEvent[]) =>
  events.reduce((end, event) => {
    if (event.kind === 'samples') {
      expect(event.firstSample).to.equal(end);
      return end + event.samples.length;
    }
    if (event.kind !== 'gap') return end;
    expect(event.atSample).to.equal(end);
    return end + event.lostSamples;
  }, 0);

/** Where the time axis ends and what it is made of; a step that does not follow from the one before fails. */
function account(events: readonly DeviceStreamEvent[]) {
  let endSample = 0;
  let lost = 0;
  let arrived = 0;
  for (const event of events) {
    if (event.kind === 'gap') {
      expect(event.atSample).to.equal(endSample);
      endSample += event.lostSamples;
      lost += event.lostSamples;
    } else if (event.kind === 'samples') {
      expect(event.firstSample).to.equal(endSample);
      endSample += event.samples.length;
      arrived += event.samples.length;
    }
  }
  return { endSample, lost, lostPlusArrived: lost + arrived };
}

describe('streamSamples', () => {
  it('makes a gap as long as the host’s clock says of an absence after which the device counts anew', async () => {
    const events = await stream([
      ...begun,
      device({ occasion: 'returned' }),
      packet(info),
      // Its first sample was taken 1.7 s after the first of all.
      ...packets(0, 400, 1700),
    ]);
    expect(gapsOf(events)).to.deep.equal([
      { kind: 'gap', atSample: 1000, lostSamples: 1.7 * RATE_HZ - 1000, cause: 'reconnect' },
    ]);
    expect(lengthOf(events)).to.equal(1.7 * RATE_HZ + 400);
  });

  it('counts what is missing before the first packet that came through after the absence', async () => {
    const events = await stream([
      ...begun,
      device({ occasion: 'returned' }),
      packet(info),
      ...packets(200, 400, 1700),
    ]);
    expect(lengthOf(events)).to.equal(1.7 * RATE_HZ + 400);
  });

  it('goes by the index where the device counted on, whatever the clock says', async () => {
    const events = await stream([...begun, device({ occasion: 'returned' }), ...packets(3000, 3400, 350)]);
    expect(gapsOf(events)).to.deep.equal([
      { kind: 'gap', atSample: 1000, lostSamples: 2000, cause: 'reconnect' },
    ]);
    expect(lengthOf(events)).to.equal(3400);
  });

  it('tells a restart with the port open from an absence', async () => {
    const events = await stream([
      ...begun,
      device({ occasion: 'restarted' }),
      packet(info),
      ...packets(0, 400, 600),
    ]);
    expect(gapsOf(events)).to.deep.equal([
      { kind: 'gap', atSample: 1000, lostSamples: 200, cause: 'restart' },
    ]);
  });

  it('claims no loss for a device that waits: no clock tells how long it was away', async () => {
    const waits = { waitsForCredit: true };
    const events = await stream([
      device(waits),
      packet(info),
      ...packets(0, 1000, 0),
      device({ ...waits, occasion: 'returned' }),
      packet(info),
      ...packets(0, 400, 60_000),
    ]);
    expect(gapsOf(events)).to.deep.equal([
      { kind: 'gap', atSample: 1000, lostSamples: 0, cause: 'reconnect' },
    ]);
  });

  it('adds up several absences and the losses between them', async () => {
    const events = await stream([
      ...begun,
      device({ occasion: 'returned' }),
      packet(info),
      ...packets(0, 400, 1000),
      ...packets(480, 800, 1000),
      device({ occasion: 'returned' }),
      packet(info),
      ...packets(0, 400, 3000),
    ]);
    expect(gapsOf(events).map(({ lostSamples, cause }) => [cause, lostSamples])).to.deep.equal([
      ['reconnect', 1000],
      ['lost', 80],
      ['reconnect', 3200],
    ]);
    expect(lengthOf(events)).to.equal(6400);
  });

  it('reports once what the wire cost, before the end', async () => {
    const events = await stream([
      device(),
      packet(info),
      ...packets(0, 400, 0),
      { kind: 'corrupt', byteCount: 33, reason: 'crc', receivedAtMs: 0 },
      ...packets(440, 800, 0),
      packet({ type: 'stopped', reason: 'end', sampleIndex: 800 }),
      { kind: 'ended', reason: 'end' },
    ]);
    expect(events.slice(-2).map(({ kind }) => kind)).to.deep.equal(['line', 'ended']);
    const line = events.find((event) => event.kind === 'line')!;
    expect(line).to.include({ corruptPackets: 1, corruptBytes: 33, clockDriftPpm: null });
    expect(line.counters).to.include({ lostSamples: 40, missingPackets: 1, samples: 760 });
  });

  it('gives what it has and the report before an error', () => {
    const source = new Subject<StethoscopeEvent>();
    const kinds: string[] = [];
    let failure: unknown;
    source.pipe(streamSamples()).subscribe({
      next: ({ kind }) => kinds.push(kind),
      error: (error: unknown) => (failure = error),
    });
    for (const event of [device(), packet(info), ...packets(0, 40, 0)]) source.next(event);
    source.error(new Error('gone'));
    expect(kinds).to.deep.equal(['device', 'samples', 'line']);
    expect(failure).to.be.instanceOf(Error);
  });

  it('says of status and complaints what the device said, and passes plain samples on', async () => {
    const plain: Sampled = { kind: 'samples', firstSample: 0, samples: new Float64Array(3) };
    const status = {
      type: 'status',
      overrunSamples: 1,
      clippedSamples: 2,
      batteryPercent: 50,
      contact: null,
    } as const;
    const events = await lastValueFrom(
      from([
        device(),
        packet(info),
        packet(status),
        packet({ type: 'error', code: 7, text: 'too hot' }),
        plain,
      ]).pipe(streamSamples(), toArray()),
    );
    const { type, ...said } = status;
    expect(type).to.equal('status');
    expect(events).to.deep.include({ kind: 'status', ...said, leftOut: 0 });
    expect(events).to.deep.include({ kind: 'complaint', code: 7, text: 'too hot', leftOut: 0 });
    expect(events).to.include(plain);
  });

  describe('to a device that never stops talking', () => {
    const status = {
      type: 'status',
      overrunSamples: 0,
      clippedSamples: 0,
      batteryPercent: 50,
      contact: null,
    } as const;
    const floods: Record<string, (i: number) => StethoscopeEvent> = {
      status: (i) => packet({ ...status, batteryPercent: i % 100 }, i / 25),
      'the same error': (i) => packet({ type: 'error', code: 1, text: 'no' }, i / 25),
      'ever new errors': (i) => packet({ type: 'error', code: i % 65_536, text: `no ${i}` }, i / 25),
      restarts: (i) => device({ occasion: 'restarted', firmware: `${i}` }),
    };
    for (const [what, say] of Object.entries(floods)) {
      it(`listens now and then: ${what}`, async () => {
        // 200,000 packets in 8 s, as a serial port may bring them.
        const talk = Array.from({ length: 200_000 }, (_, i) => say(i));
        const events = await stream([device(), packet(info), ...packets(0, 40, 0), ...talk]);
        expect(events.length).to.be.below(60);
        const reports = events.filter((event) => event.kind === 'complaint');
        if (what.includes('error')) {
          const told = reports.reduce((sum, { leftOut }) => sum + leftOut + 1, 0);
          expect(told).to.equal(200_000);
        }
        if (what === 'status') {
          const told = events.filter((event) => event.kind === 'status');
          const line = events.find((event) => event.kind === 'line')!;
          expect(told.length + line.leftOutStatuses).to.equal(200_000);
          expect(told.reduce((sum, { leftOut }) => sum + leftOut, 0)).to.be.within(1, line.leftOutStatuses);
        }
      });
    }

    it('joins the gaps of a device that makes one with every packet, and counts every sample', async () => {
      // Every second sample is missing, in 20,000 packets of one sample each.
      const talk = Array.from({ length: 20_000 }, (_, i) => {
        const firstSample = 2 * i + 1;
        const deviceMicros = (firstSample * 1e6) / RATE_HZ;
        const samples = new Int32Array([i % 100]);
        const gappy = { type: 'samples', sequence: i & 0xffff, firstSample, deviceMicros, bitsPerSample: 16 };
        return packet({ ...gappy, samples } as SamplesPacket, (firstSample * 1000) / RATE_HZ);
      });
      const events = await stream([device(), packet(info), ...talk]);
      expect(account(events)).to.deep.include({ endSample: 40_000, lostPlusArrived: 40_000 });
      const line = events.find((event) => event.kind === 'line')!;
      const gaps = events.filter((event) => event.kind === 'gap');
      // 20 s: 600 at once and four a second; the last may be joined with nothing.
      expect(gaps.length).to.be.within(600, 600 + 4 * 20 + 1);
      expect(gaps.length + line.joinedGaps).to.equal(20_000);
      const arrived = events.reduce(
        (sum, event) => sum + (event.kind === 'samples' ? event.samples.length : 0),
        0,
      );
      expect(arrived + line.setAsideSamples).to.equal(20_000);
      expect(events.filter(({ kind }) => kind === 'joining-gaps')).to.have.length(1);
    });

    it('and those of a home-made board, whose samples come without packets', async () => {
      const talk = Array.from({ length: 20_000 }, (_, i): Sampled[] => [
        { kind: 'gap', atSample: 2 * i, lostSamples: 1, cause: 'lost' },
        { kind: 'samples', firstSample: 2 * i + 1, samples: new Float64Array(1) },
      ]).flat();
      const events = await stream([device({ protocolVersion: null }), ...talk]);
      expect(account(events)).to.deep.include({ endSample: 40_000, lostPlusArrived: 40_000 });
      expect(events.filter(({ kind }) => kind === 'gap').length).to.be.within(600, 600 + 4 * 10 + 1);
    });

    it('leaves the gaps of a bad line alone: one packet in ten is lost for two minutes', async () => {
      const talk = packets(0, 120 * RATE_HZ + LENGTH, 0).filter((_, i) => i % 10 !== 9);
      const events = await stream([device(), packet(info), ...talk]);
      expect(gapsOf(events)).to.have.length(600);
      expect(account(events)).to.include({ lost: 600 * LENGTH, endSample: 120 * RATE_HZ + LENGTH });
      expect(events.find((event) => event.kind === 'line')).to.include({ joinedGaps: 0, setAsideSamples: 0 });
    });

    it('for any sequence of stretches and gaps, and whatever it joins, the time axis has no hole and no overlap', () => {
      fc.assert(
        fc.property(
          fc.array(
            fc.record({
              lost: fc.nat(5),
              samples: fc.nat(5),
              seconds: fc.double({ min: 0, max: 0.5, noNaN: true }),
            }),
          ),
          fc.integer({ min: 1, max: 4 }),
          (steps, atOnce) => {
            const allowance = new Allowance(atOnce, 2);
            const limit = new GapLimit(allowance);
            const out: Sampled[] = [];
            let at = 0;
            let gaps = 0;
            for (const { lost, samples, seconds } of steps) {
              allowance.pass(seconds);
              out.push(...limit.push({ kind: 'gap', atSample: at, lostSamples: lost, cause: 'lost' }));
              gaps++;
              at += lost;
              out.push(
                ...limit.push({ kind: 'samples', firstSample: at, samples: new Float64Array(samples) }),
              );
              at += samples;
            }
            out.push(...limit.finish());
            const { endSample, lost } = account(out);
            expect(endSample).to.equal(at);
            const toldLost = steps.reduce((sum, step) => sum + step.lost, 0);
            expect(lost).to.equal(toldLost + limit.setAsideSamples);
            expect(out.filter(({ kind }) => kind === 'gap').length + limit.joinedGaps).to.equal(gaps);
          },
        ),
        { numRuns: 500 },
      );
    });

    it('and hears all of a device that reports once a second, at any speed', async () => {
      const talk = Array.from({ length: 300 }, (_, second) => [
        ...packets(second * RATE_HZ, (second + 1) * RATE_HZ, -1e9),
        packet({ ...status, batteryPercent: second % 100 }, 0),
      ]).flat();
      const events = await stream([
        device(),
        packet(info),
        ...talk.map((event) => ({ ...event, receivedAtMs: 0 })),
      ]);
      expect(events.filter(({ kind }) => kind === 'status')).to.have.length(300);
    });
  });

  describe('makes one chunk of packets that one read brought', () => {
    const status = {
      type: 'status',
      overrunSamples: 0,
      clippedSamples: 0,
      batteryPercent: 50,
      contact: null,
    } as const;
    const together = (events: StethoscopeEvent[]): StethoscopeEvent[] =>
      events.map((event, i) => ({ ...event, isFollowed: i < events.length - 1 }));
    const chunkLengths = (events: readonly DeviceStreamEvent[]): number[] =>
      events.flatMap((event) => (event.kind === 'samples' ? [event.samples.length] : []));

    it('with every sample in its place', async () => {
      const events = packets(0, 10 * LENGTH, 0);
      const joined = await stream([
        device(),
        packet(info),
        ...together(events.slice(0, 7)),
        ...events.slice(7),
      ]);
      expect(chunkLengths(joined)).to.deep.equal([7 * LENGTH, LENGTH, LENGTH, LENGTH]);
      const one = await stream([device(), packet(info), ...events]);
      const samplesOf = (of: readonly DeviceStreamEvent[]) =>
        of.flatMap((event) => (event.kind === 'samples' ? [...event.samples] : []));
      expect(samplesOf(joined)).to.deep.equal(samplesOf(one));
      expect(joined.at(-1), 'what the line cost').to.deep.equal(one.at(-1));
    });

    it('but nothing overtakes them, and no gap is bridged', async () => {
      const read = [
        ...packets(0, 2 * LENGTH, 0),
        packet(status),
        ...packets(2 * LENGTH, 4 * LENGTH, 0),
        ...packets(5 * LENGTH, 7 * LENGTH, 0),
      ];
      const events = await stream([device(), packet(info), ...together(read)]);
      const told = events.filter(({ kind }) => ['samples', 'status', 'gap'].includes(kind));
      expect(told.map(({ kind }) => kind)).to.deep.equal(['samples', 'status', 'samples', 'gap', 'samples']);
      expect(told[4]).to.include({ firstSample: 5 * LENGTH });
      expect(chunkLengths(events)).to.deep.equal([2 * LENGTH, 2 * LENGTH, 2 * LENGTH]);
    });

    it('and holds none back from the end of a stream that fails in the middle of a read', () => {
      const source$ = new Subject<StethoscopeEvent>();
      const got: number[] = [];
      source$.pipe(streamSamples()).subscribe({
        next: (event) => event.kind === 'samples' && got.push(event.samples.length),
        error: () => got.push(-1),
      });
      const [first, second] = packets(0, 2 * LENGTH, 0);
      for (const event of [
        device(),
        packet(info),
        ...together([first, second, packet(status)]).slice(0, 2),
      ]) {
        source$.next(event);
      }
      expect(got, 'the read goes on').to.deep.equal([]);
      source$.error(new Error('unplugged'));
      expect(got).to.deep.equal([2 * LENGTH, -1]);
    });

    it('of some thousand samples at most', async () => {
      const events = packets(0, 200 * LENGTH, 0);
      const lengths = chunkLengths(await stream([device(), packet(info), ...together(events)]));
      expect(lengths.reduce((sum, length) => sum + length)).to.equal(200 * LENGTH);
      expect(Math.max(...lengths)).to.be.within(1000, 4000);
    });
  });

  it('keeps a state of its own for each subscriber, and completes with an empty source', async () => {
    const events = [device(), packet(info), ...packets(0, 400, 0)];
    const stream$ = from(events).pipe(streamSamples(), toArray());
    expect(await lastValueFrom(stream$)).to.deep.equal(await lastValueFrom(stream$));
    expect(await stream([])).to.deep.equal([]);
  });
});
