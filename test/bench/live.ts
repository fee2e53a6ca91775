import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Mosquitto } from '../support/mosquitto.js';
import { PageClient } from '../support/page-client.js';

const main = fileURLToPath(new URL('../../src/present/main.js', import.meta.url));

/** By the last one the engine has compiled nearly all that runs. */
const STRETCHES_WITH_PAGE = 3;

export interface LiveCost {
  /**
   * Shares of one core while samples stream in real time and one page is open, by stretches of the run: the engine compiles
   * what it runs in the first ones.
   */
  readonly withPage: readonly number[];
  /** The same afterwards, when nobody looks at the page. */
  readonly withoutPage: number;
  readonly residentMegabytes: number;
  /** From the start of the program to its first window, less the three seconds that a window lasts. */
  readonly startSeconds: number;
}

export interface LiveMemory {
  readonly recordedSeconds: number;
  /** Resident megabytes at the end of each tenth of the run. */
  readonly residentMegabytes: readonly number[];
}

/**
 * CPU and memory of `lubdub live` with its page, on a simulated stethoscope in another process, in real time.
 *
 * @param seconds of a stretch
 */
export async function measureLiveCost(file: string, seconds: number): Promise<LiveCost> {
  const begun = performance.now();
  const { live, stop } = await startLive(file, '1', ['--page-port', '0']);
  const page = await portOfPage(live);
  let startSeconds = NaN;
  createInterface({ input: live.stdout }).on('line', (line) => {
    const { kind } = JSON.parse(line) as { kind: string };
    if (kind === 'window' && Number.isNaN(startSeconds))
      startSeconds = (performance.now() - begun) / 1000 - 3;
  });
  const client = await PageClient.opened(page);
  await sleep(5000);
  const share = async () => {
    const before = cpuSeconds(live.pid!);
    const begin = performance.now();
    await sleep(seconds * 1000);
    return (cpuSeconds(live.pid!) - before) / ((performance.now() - begin) / 1000);
  };
  const withPage: number[] = [];
  while (withPage.length < STRETCHES_WITH_PAGE) withPage.push(await share());
  const residentMegabytes = residentOf(live.pid!);
  client.socket.terminate();
  const withoutPage = await share();
  await stop();
  return { withPage, withoutPage, residentMegabytes, startSeconds };
}

/** Share of one core of a `lubdub live` without a page, in real time: alone, and while it publishes to Mosquitto. */
export async function measurePublishing(
  file: string,
  seconds: number,
): Promise<{ readonly without: number; readonly publishing: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'lubdub-bench-'));
  const broker = await Mosquitto.start(folder);
  const share = async (words: readonly string[]) => {
    const { live, stop } = await startLive(file, '1', ['--no-page', ...words]);
    live.stdout.resume();
    live.stderr.resume();
    await sleep(5000);
    const before = cpuSeconds(live.pid!);
    const begin = performance.now();
    await sleep(seconds * 1000);
    const cpuShare = (cpuSeconds(live.pid!) - before) / ((performance.now() - begin) / 1000);
    await stop();
    return cpuShare;
  };
  try {
    const without = await share([]);
    const publish = ['--publish', broker.url, '--bedside', 'bench', '--outbox', folder];
    return { without, publishing: await share(publish) };
  } finally {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the page of a `live` that has just begun is. */
function portOfPage({ stderr }: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    createInterface({ input: stderr! }).on('line', (line) => {
      const port = /live page: http:\/\/[^:]+:(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

/** Memory of `lubdub live` while recordings of `seconds` stream as fast as it can take them. */
export async function measureLiveMemory(file: string, seconds: number): Promise<LiveMemory> {
  const { live, stop } = await startLive(file, 'max', ['--page-port', '0', '--seconds', String(seconds)]);
  live.stderr.resume();
  const residentMegabytes: number[] = [];
  const lines = createInterface({ input: live.stdout });
  let recordedSeconds = 0;
  let nextTenth = seconds / 10;
  for await (const line of lines) {
    const event = JSON.parse(line) as { kind: string; endSeconds?: number; durationSeconds?: number };
    if (event.kind === 'window' && event.endSeconds! >= nextTenth) {
      residentMegabytes.push(residentOf(live.pid!));
      nextTenth += seconds / 10;
    }
    if (event.kind === 'final') recordedSeconds = event.durationSeconds!;
  }
  await stop();
  return { recordedSeconds, residentMegabytes };
}

async function startLive(file: string, speed: string, words: string[]) {
  const simulator = spawn(process.execPath, [main, 'simulate', file, '--loop', '--speed', speed, '--json']);
  const path = await new Promise<string>((resolve) => {
    createInterface({ input: simulator.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as { kind: string; path: string };
      if (event.kind === 'device') resolve(event.path);
    });
  });
  const live = spawn(process.execPath, [main, 'live', '--port', path, '--json', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    await ended(live);
    await ended(simulator);
  };
  return { live, stop };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGTERM');
  });
}

/** User and system time of a process, from Linux's proc(5). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentOf(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line === null ? NaN : Number(line[1]) / 1024;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
