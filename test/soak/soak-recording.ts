import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { firstValueFrom } from 'rxjs';
import { openStethoscope } from '../../src/device/open-stethoscope.js';
import { Bedside } from '../../src/bedside/bedside.js';
import type { Screener } from '../../src/screen/screener.js';
import type { ProgramEvent } from '../../src/present/program-events.js';
import type { LineEvent, ScreeningEvent } from '../../src/screen/screening-events.js';
import { openSession } from '../../src/record/stored-session.js';
import { verifySession } from '../../src/record/verify-session.js';
import type { SimulatorEvent } from '../../src/simulate/simulate.js';
import { accountFor, type Account } from './account.js';
import { randomFaultPlan } from './fault-plan.js';
import type { FinalEvent } from '../../src/screen/result-events.js';

const main = fileURLToPath(new URL('../../src/present/main.js', import.meta.url));

export interface SoakRecordingOptions {
  readonly seed: number;
  readonly seconds: number;
  /** A folder of this run's own. */
  readonly folder: string;
  /** The WAV file that the device plays, and what is in it. */
  readonly file: string;
  readonly played: Float64Array;
  readonly screener: Screener;
  /** Screen the stored session once more and compare. */
  readonly verifies: boolean;
}

export interface SoakRecordingResult {
  readonly final: FinalEvent | null;
  readonly line: LineEvent | undefined;
  readonly account: Account | undefined;
  readonly deviceFaults: number;
  readonly wireFaults: number;
  readonly garbageBytes: number;
  readonly connectionsLost: number;
  /** What should not have been, a sentence each. */
  readonly faults: readonly string[];
}

/** One recording over a real pseudo-terminal, from a simulator in a process of its own, with a session on disk. */
export async function soakRecording(options: SoakRecordingOptions): Promise<SoakRecordingResult> {
  const { seed, seconds, folder, file, played, screener } = options;
  const plan = join(folder, `faults-${seed}.json`);
  await writeFile(plan, JSON.stringify(randomFaultPlan(seed, seconds)));
  const simulator = new SimulatorProcess(file, join(folder, 'stethoscope'), plan);
  const faults: string[] = [];
  const counts = { windows: 0, dropped: 0, lostSamples: 0, connectionsLost: 0 };
  let line: LineEvent | undefined;
  let directory: string | null = null;

  const look = (event: ScreeningEvent): void => {
    if (event.kind === 'window') {
      counts.windows++;
      if (event.dropped !== null) counts.dropped++;
    } else if (event.kind === 'gap') counts.lostSamples += event.lostSamples;
    else if (event.kind === 'line') line = event;
    else if (event.kind === 'connection' && event.state === 'lost') counts.connectionsLost++;
    else if (event.kind === 'recording') {
      directory ??= event.directory;
      if (event.state !== 'begun') faults.push(`storing: ${event.state}: ${event.message}`);
    }
  };
  const port = await simulator.opened;
  const bedside = new Bedside({
    open: (stop$, credit) => openStethoscope({ port, stop$, credit }),
    screener,
    seconds,
    outDirectory: folder,
    configuration: { command: 'soak', seed },
    naming: { subject: null, site: null },
  });
  bedside.events$.subscribe(look);
  const ended = firstValueFrom(bedside.ended$);
  await bedside.start({ subject: null, site: null });
  const { final, error } = await ended;
  await bedside.close();
  await simulator.close();

  if (error !== undefined)
    faults.push(`the recording ended with ${error instanceof Error ? error.message : 'an error'}`);
  if (final === null) faults.push('there is no final result');
  else {
    compare('windows', final.windows, counts.windows);
    compare('lost samples', final.lostSamples, counts.lostSamples);
    compare('dropped windows', final.droppedWindows, counts.dropped);
    // This device waits, so that nothing need be dropped.
    compare('dropped windows', final.droppedWindows, 0);
    compare('seconds', final.durationSeconds, seconds);
  }
  const account = directory === null ? undefined : await check(directory);
  await rm(plan);
  return {
    final,
    line,
    account,
    deviceFaults: simulator.deviceFaults,
    wireFaults: simulator.wireFaults,
    garbageBytes: simulator.garbageBytes,
    connectionsLost: counts.connectionsLost,
    faults,
  };

  function compare(what: string, got: number, expected: number): void {
    if (got !== expected) faults.push(`${what}: ${got} in the result, ${expected} counted`);
  }

  async function check(stored: string): Promise<Account> {
    const session = await openSession(stored);
    const account = await accountFor(session, played, simulator.startedAt);
    faults.push(...account.faults.slice(0, 5), ...session.missing);
    const lost = Object.values(account.lostSamples).reduce((sum, samples) => sum + samples, 0);
    compare('samples', account.storedSamples + lost, Math.ceil(seconds * session.format.sampleRateHz));
    compare('lost samples on disk', lost, counts.lostSamples);
    if (options.verifies) {
      const verification = await verifySession(stored, screener);
      if (verification.outcome !== 'same') {
        const [first] = verification.differences;
        faults.push(
          `verified as ${verification.outcome}: ${JSON.stringify(first) ?? verification.notes.join('; ')}`,
        );
      }
    }
    await rm(stored, { recursive: true });
    return account;
  }
}

/** `lubdub simulate`, and what it tells of itself. */
class SimulatorProcess {
  readonly opened: Promise<string>;
  readonly startedAt: number[] = [];
  deviceFaults = 0;
  wireFaults = 0;
  garbageBytes = 0;
  private readonly child;
  private readonly closed: Promise<unknown>;

  constructor(file: string, link: string, plan: string) {
    const words = ['simulate', file, '--loop', '--speed', 'max', '--link', link, '--faults', plan, '--json'];
    this.child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.closed = new Promise((resolve) => this.child.on('close', resolve));
    this.opened = new Promise((resolve, reject) => {
      void this.closed.then(() => reject(new Error('the simulator ended')));
      createInterface({ input: this.child.stdout }).on('line', (line) => {
        const event = JSON.parse(line) as ProgramEvent;
        if (event.kind === 'device') resolve(event.path);
        if (event.kind === 'simulator') this.note(event.event);
      });
    });
    this.opened.catch(() => {});
  }

  async close(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.closed;
  }

  private note(event: Exclude<SimulatorEvent, { kind: 'device' }>): void {
    if (event.kind === 'started') this.startedAt.push(event.atSample);
    else if (event.kind === 'fault') this.deviceFaults++;
    else if (event.kind === 'wire') {
      const { dropped, duplicated, corrupted, delayed, garbageBytes } = event;
      this.wireFaults = dropped + duplicated + corrupted + delayed;
      this.garbageBytes = garbageBytes;
    }
  }
}
