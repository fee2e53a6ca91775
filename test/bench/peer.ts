import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../src/present/main.js', import.meta.url));
const PEER = 'tools/bench/peer.py';
const MODEL = 'models/heart-sound.json';
/** What `peer.py` imports. */
const IMPORTS = 'import scipy, numpy, soundfile, ai_edge_litert.interpreter';

/** What one program took for all of the files, its start included. */
export interface Cost {
  readonly wallSeconds: number;
  /** Of all its processes and threads. */
  readonly cpuSeconds: number;
}

export interface Comparison {
  readonly recordings: number;
  readonly recordedSeconds: number;
  readonly windows: number;
  readonly ours: readonly Cost[];
  readonly peers: readonly Cost[];
  /** The largest difference of two logits of the same window. */
  readonly logitDifference: number;
  readonly peer: string;
}

/**
 * A Python that has what the peer needs: `LUBDUB_PYTHON`, else the one of `tools/.venv`.
 *
 * @returns why there is none, where there is none
 */
export async function findPython(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const named = process.env.LUBDUB_PYTHON;
  const python = named ?? 'tools/.venv/bin/python';
  if (named === undefined && !existsSync(python)) {
    return { missing: `there is no ${python}, and LUBDUB_PYTHON names no other` };
  }
  try {
    await promisify(execFile)(python, ['-c', IMPORTS]);
    return { python };
  } catch (error) {
    const last = (error as Error).message.trim().split('\n').at(-1);
    return { missing: `${python} lacks something of scipy, numpy, soundfile, ai-edge-litert: ${last}` };
  }
}

/**
 * Screens the same files with `lubdub classify` and with the peer, in turns, so that what else the machine does meets
 * both.
 */
export async function compareWithPeer(
  python: string,
  files: readonly string[],
  workers: number,
  turns: number,
): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'lubdub-bench-'));
  const logitsFile = join(folder, 'logits.ndjson');
  const ours: Cost[] = [];
  const peers: Cost[] = [];
  let found: Found | undefined;
  let peer = '';
  try {
    for (let turn = 0; turn < turns; turn++) {
      const run = await classifyFiles(files, workers);
      ours.push(run.cost);
      found = run.found;
      const words = [PEER, '--model', MODEL, '--workers', String(workers), '--logits', logitsFile, ...files];
      const { cost, output } = await timed(python, words);
      peers.push(cost);
      const said = JSON.parse(output.join('')) as { python: string; packages: Record<string, string> };
      peer = `Python ${said.python}, ${Object.entries(said.packages).flat().join(' ')}`;
    }
    const theirs = readFileSync(logitsFile, 'utf8').trim().split('\n');
    const logits = theirs.map((line) => (JSON.parse(line) as { logits: number[] }).logits);
    return {
      recordings: files.length,
      recordedSeconds: found!.recordedSeconds,
      windows: found!.logits.flat().length,
      ours,
      peers,
      logitDifference: largestDifference(found!.logits, logits),
      peer,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Found {
  readonly recordedSeconds: number;
  /** By recording. */
  readonly logits: readonly (readonly (number | null)[])[];
}

/** `lubdub classify --json` in a process of its own. */
export async function classifyFiles(
  files: readonly string[],
  workers: number,
): Promise<{ cost: Cost; found: Found }> {
  const words = [main, 'classify', '--json', '--threads', String(workers), ...files];
  const { cost, output } = await timed(process.execPath, words);
  const logits: (number | null)[][] = [];
  let recordedSeconds = 0;
  let windows: (number | null)[] = [];
  for (const line of output) {
    const event = JSON.parse(line) as {
      kind: string;
      logit: number | null;
      durationSeconds: number;
      message: string;
    };
    if (event.kind === 'error') throw new Error(`the bench could not screen a file: ${event.message}`);
    if (event.kind === 'window') windows.push(event.logit);
    if (event.kind !== 'final') continue;
    recordedSeconds += event.durationSeconds;
    logits.push(windows);
    windows = [];
  }
  return { cost, found: { recordedSeconds, logits } };
}

/** @throws Error where the program fails */
async function timed(program: string, words: readonly string[]): Promise<{ cost: Cost; output: string[] }> {
  const before = cpuSecondsOfChildren();
  const begin = performance.now();
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.on('data', (text: Buffer) => complaints.push(text.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const output: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) output.push(line);
  const exitCode = await ended;
  if (exitCode !== 0)
    throw new Error(`${program} ended with ${exitCode}: ${complaints.join('').slice(-1000)}`);
  const wallSeconds = (performance.now() - begin) / 1000;
  return { cost: { wallSeconds, cpuSeconds: cpuSecondsOfChildren() - before }, output };
}

/** User and system time of all processes that this one started and that have ended, theirs included: Linux's proc(5). */
function cpuSecondsOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function largestDifference(
  a: readonly (readonly (number | null)[])[],
  b: readonly (readonly (number | null)[])[],
): number {
  if (a.length !== b.length) throw new Error(`${a.length} recordings against ${b.length}`);
  let largest = 0;
  a.forEach((logits, recording) => {
    const others = b[recording];
    if (logits.length !== others.length) {
      throw new Error(`recording ${recording}: ${logits.length} windows against ${others.length}`);
    }
    logits.forEach((logit, i) => {
      if (logit !== null && others[i] !== null) largest = Math.max(largest, Math.abs(logit - others[i]));
    });
  });
  return largest;
}

export const least = (costs: readonly Cost[], of: keyof Cost): number =>
  Math.min(...costs.map((cost) => cost[of]));

/** What is printed: both figures, and their ratio, which is what counts. */
export function describeComparison(comparison: Comparison): string[] {
  const { recordings, recordedSeconds, windows, ours, peers, logitDifference, peer } = comparison;
  const lines = [
    `  peer: ${peer}; it computes neither quality nor heart rate`,
    `  ${recordings} recordings, ${recordedSeconds.toFixed(0)} s, ${windows} windows; the least of ${ours.length} turns`,
  ];
  for (const [name, of] of [
    ['wall', 'wallSeconds'],
    ['CPU', 'cpuSeconds'],
  ] as const) {
    const [us, them] = [least(ours, of), least(peers, of)];
    lines.push(
      `  ${name}: classify ${us.toFixed(2)} s, peer ${them.toFixed(2)} s, ratio ${(us / them).toFixed(2)}`,
    );
  }
  lines.push(
    `  classify: ${(recordedSeconds / least(ours, 'wallSeconds')).toFixed(0)} times real time, start included`,
    `  logits differ by at most ${logitDifference.toExponential(1)}`,
  );
  return lines;
}
