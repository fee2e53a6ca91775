import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadRecording } from '../../src/present/load-recording.js';
import { eventSentence } from '../../src/present/sentences.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import type { SimulateOptions } from '../../src/simulate/simulate.js';
import type { SimulatedRecording } from '../../src/simulate/simulated-recording.js';
import { needPseudoTerminals } from './pseudo-terminals.js';
import { RunningLubdub, type Finished } from './run-lubdub.js';
import { PluggedIn } from './simulated-devices.js';

export const HEART_FILE = 'test/recordings/e01341.wav';
export const HEART_RATE_HZ = 2000;

type Of<Kind extends ScreeningEvent['kind']> = Extract<ScreeningEvent, { kind: Kind }>;
export const eventsOf = <Kind extends ScreeningEvent['kind']>({ events }: Finished, kind: Kind): Of<Kind>[] =>
  events.filter((event): event is Of<Kind> => event.kind === kind);

/** In a word each: how the device came and went, and how it ended. */
export function storyOf({ events, exitCode }: Finished): string[] {
  const told = events.flatMap((event) => {
    switch (event.kind) {
      case 'device':
        return [`device ${event.occasion}`];
      case 'connection':
        return event.state === 'lost' ? [`lost ${event.reason}`] : [];
      case 'gap':
        return [`gap ${event.cause}`];
      case 'final':
        return ['final'];
      case 'error':
        return [`error ${event.code}`];
      default:
        return [];
    }
  });
  return [...told, `exit ${exitCode}`];
}

/** `lubdub live` as a user starts it, over real pseudo-terminals, on devices that are plugged in and pulled out. */
export class LiveBench {
  /** Seven seconds of a heart. */
  heart!: SimulatedRecording;
  /** One for each test. */
  directory = '';
  /** Where a device is plugged in that is not told otherwise. */
  link = '';
  private readonly cleanUps: (() => void)[] = [];

  /** Sets itself up for the tests of the suite that it is called in. */
  static forSuite(): LiveBench {
    const bench = new LiveBench();
    before(needPseudoTerminals);
    before(async () => {
      const { samples, ...format } = await loadRecording(HEART_FILE);
      bench.heart = { ...format, samples: samples.subarray(0, 7 * HEART_RATE_HZ) };
    });
    beforeEach(() => {
      bench.directory = mkdtempSync(join(tmpdir(), 'lubdub-life-'));
      bench.link = join(bench.directory, 'stethoscope');
    });
    afterEach(() => {
      bench.cleanUps.splice(0).forEach((cleanUp) => cleanUp());
      rmSync(bench.directory, { recursive: true });
    });
    return bench;
  }

  heard(seconds: number): SimulatedRecording {
    return { ...this.heart, samples: this.heart.samples.subarray(0, seconds * HEART_RATE_HZ) };
  }

  plugIn(options: Partial<SimulateOptions> = {}): PluggedIn {
    const device = new PluggedIn({ link: this.link, recording: this.heart, ...options });
    this.afterwards(() => device.unplug());
    return device;
  }

  start(...words: string[]): RunningLubdub {
    const lubdub = new RunningLubdub(['live', '--port', this.link, '--json', '--no-page', ...words]);
    this.afterwards(() => lubdub.kill('SIGKILL'));
    return lubdub;
  }

  /** Does something when the test is over. */
  afterwards(cleanUp: () => void): void {
    this.cleanUps.push(cleanUp);
  }
}

/** Waits for an end that is foreseen: everything has a line for the person, and nothing is a fault of our own. */
export async function endOf(lubdub: RunningLubdub): Promise<Finished> {
  const finished = await lubdub.finished;
  for (const event of finished.events) {
    if (event.kind === 'status' || event.kind === 'level') continue;
    if (event.kind === 'search' && event.ports.length === 1 && event.chosen !== null) continue;
    expect(eventSentence(event), JSON.stringify(event)).to.be.a('string').and.not.equal('');
  }
  expect(finished.exitCode, finished.stderr).to.be.oneOf([0, 3]);
  return finished;
}
