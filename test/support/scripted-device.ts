import { Observable, type Subscriber } from 'rxjs';
import { openModel, type Model } from '../../src/classify/model.js';
import type { Sampled } from '../../src/decode/samples.js';
import type { DeviceEvent, StethoscopeEvent } from '../../src/device/stethoscope-event.js';
import type { ScreenDeviceOptions } from '../../src/screen/screen-device.js';
import { Screener, type ModelScorer } from '../../src/screen/screener.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';

/** The stages with the model that ships and, in its place, a scorer that answers at once. */
export async function quickScreener(
  score: ModelScorer['score'] = () => Promise.resolve(0.5),
): Promise<Screener> {
  const model: Model = await openModel('models/heart-sound.json');
  return new Screener(
    { model, threadCount: 1, score, close: () => Promise.resolve() },
    readSignalQualityModel(),
  );
}

export const foundDevice: DeviceEvent = {
  kind: 'device',
  path: '/dev/scripted',
  occasion: 'found',
  formatChanged: false,
  firmware: 'scripted 1.0',
  serialNumber: 'S-1',
  sampleRateHz: 2000,
  bitsPerSample: 16,
  fullScale: 32768,
  protocolVersion: 1,
  waitsForCredit: false,
  info: null,
};

/** Stands in for the connection to a device: a test says what comes, and sees what is asked of it. */
export class ScriptedDevice {
  opened = 0;
  closed = 0;
  stops = 0;
  private subscriber: Subscriber<StethoscopeEvent | Sampled> | undefined;

  readonly open: ScreenDeviceOptions['open'] = (stop$) =>
    new Observable((subscriber) => {
      this.opened++;
      this.subscriber = subscriber;
      subscriber.add(stop$.subscribe(() => this.stops++));
      subscriber.add(() => this.closed++);
    });

  say(...events: (StethoscopeEvent | Sampled)[]): void {
    for (const event of events) this.subscriber!.next(event);
  }

  end(): void {
    this.say({ kind: 'ended', reason: 'end' });
    this.subscriber!.complete();
  }

  fail(error: unknown): void {
    this.subscriber!.error(error);
  }
}
