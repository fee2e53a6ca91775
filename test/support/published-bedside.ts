import type { ControllerStatus } from '../../src/bedside/bedside-status.js';
import { Publisher, type PublishEvent } from '../../src/publish/publisher.js';
import type { FinalEvent, WindowEvent } from '../../src/screen/result-events.js';

export const MODEL = { name: 'test-model', version: '1.0.0', sha256: 'a'.repeat(64) };

export function windowAt(index: number): WindowEvent {
  return {
    kind: 'window',
    index,
    startSeconds: index,
    endSeconds: index + 3,
    probability: 0.25,
    logit: -1,
    quality: 0.9,
    usable: true,
    heartRateBpm: 72,
    reasons: [],
    dropped: null,
  };
}

export function finalOf(windows: number, change: Partial<FinalEvent> = {}): FinalEvent {
  return {
    kind: 'final',
    file: '/dev/ttyACM0',
    verdict: 'normal',
    probability: 0.2,
    reasons: [],
    durationSeconds: windows + 2,
    usableSeconds: windows,
    windows,
    lostSamples: 0,
    droppedWindows: 0,
    quality: 0.9,
    heartRateBpm: 72,
    rhythm: null,
    sampleRateHz: 2000,
    model: MODEL,
    stethoscope: null,
    lossyCodec: null,
    ...change,
  };
}

export function statusOf(state: ControllerStatus['state'], subject: string | null = 'P-1'): ControllerStatus {
  return { state, subject, site: 'mitral', session: null };
}

/** A bedside without a heart: what it says is scripted, and goes the real way to a broker. */
export class PublishedBedside {
  readonly events: PublishEvent[] = [];

  private constructor(readonly publisher: Publisher) {
    publisher.events$.subscribe((event) => this.events.push(event));
  }

  static async open(
    url: string,
    folder: string,
    bedside: string,
    more: Partial<Parameters<typeof Publisher.open>[0]> = {},
  ): Promise<PublishedBedside> {
    return new PublishedBedside(
      await Publisher.open({
        address: { url },
        bedside,
        outbox: `${folder}/${bedside}.sqlite`,
        lubdub: '0.0.0-test',
        model: MODEL,
        ...more,
      }),
    );
  }

  begin(subject = 'P-1'): void {
    this.publisher.setStatus(statusOf('connecting', subject));
    this.publisher.push({
      kind: 'device',
      path: '/dev/ttyACM0',
      firmware: '1.0',
      serialNumber: 'LD-1',
      sampleRateHz: 2000,
    });
    this.publisher.setStatus(statusOf('recording', subject));
  }

  window(index: number): void {
    this.publisher.push(windowAt(index));
  }

  end(windows: number, subject = 'P-1'): void {
    this.publisher.push(finalOf(windows));
    this.publisher.setStatus(statusOf('stopped', subject));
  }

  close(): Promise<number> {
    return this.publisher.close();
  }
}
