import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { SamplesPacket, StatusPacket } from '../../src/decode/wire/packet.js';
import type { DeviceEvent, StethoscopeEvent } from '../../src/device/stethoscope-event.js';
import { streamSamples } from '../../src/device/stream-samples.js';
import { LiveState } from '../../src/page/server/live-state.js';
import { KeptStream } from '../../src/record/kept-stream.js';
import { storageFor } from '../../src/record/session-layout.js';
import { WriteQueue } from '../../src/record/write-queue.js';
import type { WindowEvent } from '../../src/screen/result-events.js';
import { deviceEvent, gapEvent } from '../../src/screen/event-of.js';
import { heldMegabytes } from '../support/heap.js';

/** Low, for nothing here depends on how many samples a second has, and a day of them takes its time. */
const RATE_HZ = 100;
/** A second of samples. */
const LENGTH = RATE_HZ;
const PACKETS_AN_HOUR = (3600 * RATE_HZ) / LENGTH;
const HOURS = 24;

/** What holds state over a whole recording, fed as a day feeds it. Filters, windows and model run in the soak. */
describe('a day of a recording', function () {
  it('is held in no more memory than its first two hours', () => {
    const found: DeviceEvent = {
      ...{ kind: 'device', path: '/dev/x', occasion: 'found', formatChanged: false, firmware: null },
      ...{
        serialNumber: 'A-1',
        sampleRateHz: RATE_HZ,
        bitsPerSample: 16,
        fullScale: 32768,
        protocolVersion: 1,
      },
      ...{ waitsForCredit: false, info: null },
    };
    const state = new LiveState();
    const queue = new WriteQueue(32 * 2 ** 20);
    const kept = new KeptStream(queue, storageFor({ sampleRateHz: RATE_HZ, bitsPerSample: 16 }), () => {});
    const source$ = new Subject<StethoscopeEvent>();
    let samples = 0;
    source$.pipe(streamSamples()).subscribe((event) => {
      if (event.kind === 'samples' || event.kind === 'gap') kept.push(event);
      if (event.kind === 'samples') samples += event.samples.length;
      if (event.kind === 'gap') state.push(gapEvent(event));
      if (event.kind === 'device') state.push(deviceEvent(event, null));
      if (event.kind === 'status') state.push(event);
    });
    source$.next(found);
    const battery: StatusPacket = {
      ...{ type: 'status', overrunSamples: 0, clippedSamples: 0, batteryPercent: 50, contact: true },
    };
    const hour = (number: number) => {
      for (let i = number * PACKETS_AN_HOUR; i < (number + 1) * PACKETS_AN_HOUR; i++) {
        const firstSample = (i * LENGTH) % 2 ** 32;
        const receivedAtMs = ((i + 1) * LENGTH * 1000) / RATE_HZ;
        const deviceMicros = ((i * LENGTH * 1e6) / RATE_HZ) % 2 ** 32;
        const sequence = i % 65_536;
        const packet: SamplesPacket = {
          ...{ type: 'samples', sequence, firstSample, deviceMicros, bitsPerSample: 16 },
          samples: new Int32Array(LENGTH).fill(i % 100),
        };
        // One in a hundred is lost, each second says what the battery does, and each fills a window.
        if (i % 100 !== 99) source$.next({ kind: 'packet', packet, receivedAtMs });
        source$.next({ kind: 'packet', packet: { ...battery, batteryPercent: i % 100 }, receivedAtMs });
        const window: WindowEvent = {
          ...{ kind: 'window', index: i, startSeconds: i, endSeconds: i + 3, probability: 0.5, logit: 0 },
          ...{ quality: 1, usable: true, heartRateBpm: 60, reasons: [], dropped: null },
        };
        state.push(window);
        kept.event(window);
        // The disk takes it all.
        queue.clear();
      }
    };
    hour(0);
    hour(1);
    const before = heldMegabytes();
    for (let number = 2; number < HOURS; number++) hour(number);
    const after = heldMegabytes();
    expect(samples).to.equal(HOURS * 3600 * RATE_HZ * 0.99);
    // A list that held a number for each second would take more.
    expect(after - before).to.be.below(0.6);
    // As it is held until here.
    source$.complete();
  });
});
