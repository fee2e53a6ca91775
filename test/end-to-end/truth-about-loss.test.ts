import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Gap, SampleChunk, Sampled } from '../../src/decode/samples.js';
import { openStethoscope } from '../../src/device/open-stethoscope.js';
import { streamSamples, type DeviceStreamEvent } from '../../src/device/stream-samples.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { screenDevice } from '../../src/screen/screen-device.js';
import { screeningEvent } from '../../src/screen/event-of.js';
import { Screener } from '../../src/screen/screener.js';
import type { Fault } from '../../src/simulate/fault.js';
import { SeededRandom } from '../../src/simulate/seeded-random.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { PluggedIn, rampRecording } from '../support/simulated-devices.js';
import type { GapEvent, WindowEvent } from '../../src/screen/result-events.js';

const RATE_HZ = 2000;
const SECONDS = 20;
const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

/** Packets lost, doubled, changed and late by chance, and two or three faults of the device. */
function randomFaults(seed: number): Fault[] {
  const random = new SeededRandom(seed);
  const share = () => 0.06 * random.fraction();
  const faults: Fault[] = [
    { kind: 'drop', probability: share() },
    { kind: 'duplicate', probability: share() },
    { kind: 'corrupt', probability: share(), bytes: 1 + random.below(5) },
    { kind: 'delay', probability: share(), packets: 1 + random.below(4) },
  ];
  const times = [2 + 3 * random.fraction(), 7 + 4 * random.fraction(), 12 + 5 * random.fraction()];
  for (const atSeconds of times) {
    if (random.fraction() < 0.6) faults.push({ kind: 'overrun', atSeconds, samples: 1 + random.below(3000) });
    else if (random.fraction() < 0.5) faults.push({ kind: 'restart', atSeconds });
    else faults.push({ kind: 'unplug', atSeconds, forSeconds: 0.1, keepsCounting: true });
  }
  return faults;
}

describe('the truth about loss, over a real port', function () {
  before(needPseudoTerminals);

  let directory = '';
  let link = '';
  let device: PluggedIn | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lubdub-loss-'));
    link = join(directory, 'stethoscope');
  });
  afterEach(() => {
    device?.unplug();
    rmSync(directory, { recursive: true });
  });

  for (const seed of SEEDS) {
    it(`accounts for every sample, whatever happens to the packets (seed ${seed})`, async () => {
      device = new PluggedIn({
        link,
        // Each sample tells its place.
        recording: rampRecording(SECONDS),
        speed: 'max',
        faults: { seed, faults: randomFaults(seed) },
      });
      const events = await lastValueFrom(
        openStethoscope({
          port: link,
          credit: { availableSamples: () => 4000 },
          listPorts: () => Promise.resolve([]),
          reconnect: { firstDelayMs: 20, longestDelayMs: 50 },
        }).pipe(streamSamples(), toArray<DeviceStreamEvent>()),
      );
      const sampled = events.filter(
        (event): event is Sampled => event.kind === 'samples' || event.kind === 'gap',
      );
      const gaps = sampled.filter((value): value is Gap => value.kind === 'gap');
      const startedAt = device.events.flatMap((event) => (event.kind === 'started' ? [event.atSample] : []));
      const overruns = device.events.flatMap((event) =>
        event.kind === 'fault' && event.fault.kind === 'overrun'
          ? [{ at: event.atSample, samples: event.fault.samples }]
          : [],
      );

      // Every sample stands where the device took it; only where it numbered anew does its place begin anew.
      let next = 0;
      let offset = 0;
      let numberings = 0;
      for (const value of sampled) {
        expect(value.kind === 'gap' ? value.atSample : value.firstSample).to.equal(next);
        if (value.kind === 'gap') {
          if (value.cause === 'restart') offset = startedAt[++numberings] - value.atSample;
          next += value.lostSamples;
          continue;
        }
        const places = Array.from(value.samples, (amplitude) => Math.round(amplitude * 32768) + 30_000);
        expect(places[0]).to.equal(next + offset);
        expect(places.every((place, i) => place === places[0] + i)).to.equal(true);
        next += places.length;
      }
      expect(numberings).to.equal(startedAt.length - 1);
      expect(next + offset).to.equal(SECONDS * RATE_HZ);

      // Each loss has its cause: what the device dropped is told from what the wire lost.
      const placeOf = (index: number) => {
        const before = gaps.filter(({ cause, atSample }) => cause === 'restart' && atSample < index);
        const last = before.at(-1);
        return last === undefined ? index : index + startedAt[before.length] - last.atSample;
      };
      for (const gap of gaps.filter(({ cause }) => cause === 'overrun')) {
        const at = placeOf(gap.atSample);
        expect(overruns).to.deep.include({ at, samples: gap.lostSamples });
      }
      for (const { at } of overruns) {
        const covering = gaps.find(
          ({ atSample, lostSamples }) =>
            placeOf(atSample) <= at && at < placeOf(atSample) + Math.max(lostSamples, 1),
        );
        expect(covering, `the overrun at ${at}`).to.not.equal(undefined);
      }

      const line = events.find((event) => event.kind === 'line')!;
      const wire = device.events.findLast((event) => event.kind === 'wire')!;
      expect(line.counters.restarts).to.equal(numberings);
      expect(line.counters.samples).to.equal(
        sampled.reduce((sum, value) => sum + (value.kind === 'samples' ? value.samples.length : 0), 0),
      );
      expect(line.counters.latePackets).to.be.at.most(wire.delayed + wire.duplicated);
      expect(line.counters.missingPackets).to.be.at.least(1);
      // Packets under way when the plug is pulled are lost too, and nobody has counted those.
      if (device.count('unplugged') === 0) {
        expect(line.counters.missingPackets).to.be.at.most(wire.dropped + wire.corrupted + wire.delayed);
      }
    });
  }

  describe('and what is made of the rest', () => {
    let screener: Screener;
    before(async () => (screener = await Screener.open('models/heart-sound.json', 1)));
    after(() => screener.close());

    const kinds = { window: (event: { kind: string }): event is WindowEvent => event.kind === 'window' };

    for (const seed of [1, 2, 3, 4]) {
      it(`screens each stretch between gaps as if it were a recording of its own (seed ${seed})`, async () => {
        const recording = await loadRecording('test/recordings/c0016.wav');
        const random = new SeededRandom(seed);
        const length = recording.samples.length / recording.sampleRateHz;
        const atSeconds = [0.2, 0.45, 0.5, 0.8].map((part) => part * length + random.fraction());
        device = new PluggedIn({
          link,
          recording,
          speed: 'max',
          faults: {
            seed,
            faults: [
              { kind: 'drop', atSeconds },
              { kind: 'overrun', atSeconds: 0.65 * length, samples: 1 + random.below(5000) },
              { kind: 'duplicate', probability: 0.05 },
            ],
          },
        });
        const sampled: Sampled[] = [];
        const events = await lastValueFrom(
          screenDevice(
            {
              open: (stop$, credit) => openStethoscope({ port: link, stop$, credit }),
              watcher: { samples: (value) => sampled.push(value) },
            },
            screener,
          ).pipe(toArray()),
        );
        const windows = events.filter(kinds.window);
        const gaps = events.filter((event): event is GapEvent => event.kind === 'gap');
        expect(gaps.length).to.be.within(4, 5);

        const expected: WindowEvent[] = [];
        for (const stretch of stretchesOf(sampled)) {
          const judged = await lastValueFrom(from([stretch]).pipe(screener.screen(recording), toArray()));
          for (const value of judged) {
            if (value.kind === 'outcome') continue;
            const event = screeningEvent(value);
            if (event.kind === 'window') expected.push({ ...event, index: expected.length });
          }
          const { firstSample, samples } = stretch;
          // What the stretch holds is what was recorded, to the last bit.
          expect(
            Math.max(...samples.map((value, i) => Math.abs(value - recording.samples[firstSample + i]))),
          ).to.equal(0);
        }
        expect(windows).to.deep.equal(expected).and.have.length.above(5);
        for (const { startSeconds, endSeconds } of windows) {
          for (const { atSample, lostSamples } of gaps) {
            const [from, to] = [
              atSample / recording.sampleRateHz,
              (atSample + lostSamples) / recording.sampleRateHz,
            ];
            expect(endSeconds <= from + 1e-9 || startSeconds >= to - 1e-9).to.equal(true);
          }
        }
        const final = events.find((event) => event.kind === 'final')!;
        expect(final.lostSamples).to.equal(gaps.reduce((sum, { lostSamples }) => sum + lostSamples, 0));
        expect(final.windows).to.equal(windows.length);
        expect(final.durationSeconds).to.equal(length);
      });
    }
  });

  it('reports how fast the device’s clock runs', async () => {
    // At four times real time its clock gains three seconds in four, and 0.5 % of the fourth by the fault.
    const speed = 4;
    const ppm = 20_000;
    device = new PluggedIn({
      link,
      recording: rampRecording(34),
      speed,
      faults: { faults: [{ kind: 'drift', ppm }] },
    });
    const events = await lastValueFrom(
      openStethoscope({ port: link, listPorts: () => Promise.resolve([]) }).pipe(
        streamSamples(),
        toArray<DeviceStreamEvent>(),
      ),
    );
    const line = events.find((event) => event.kind === 'line')!;
    expect(line.clockDriftPpm).to.be.closeTo((1 - 1 / (speed * (1 + ppm / 1e6))) * 1e6, 1000);
  });
});

/** Samples next to each other, in one chunk for each stretch. */
function stretchesOf(sampled: readonly Sampled[]): SampleChunk[] {
  const stretches: SampleChunk[] = [];
  let parts: SampleChunk[] = [];
  const close = () => {
    if (parts.length === 0) return;
    const samples = Float64Array.from(parts.flatMap((part) => [...part.samples]));
    stretches.push({ kind: 'samples', firstSample: parts[0].firstSample, samples });
    parts = [];
  };
  for (const value of sampled) {
    if (value.kind === 'gap') close();
    else parts.push(value);
  }
  close();
  return stretches;
}
