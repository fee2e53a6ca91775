import { readdirSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultModelPath } from '../../src/package-info.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { Screener } from '../../src/screen/screener.js';
import { noMosquitto } from '../support/mosquitto.js';
import { describePage, measurePage } from './page.js';
import { measureKernel } from './kernel.js';
import { measureLiveCost, measureLiveMemory, measurePublishing } from './live.js';
import { classifyFiles, compareWithPeer, describeComparison, findPython } from './peer.js';
import { timeInference, timeLatency } from './screening.js';
import { timeStages } from './stages.js';

/**
 * `npm run bench`: what screening costs on this machine, and what the same screening costs in Python. Compare figures of
 * one run with each other; the machine may be busy with something else in the next. Some ten minutes on two cores.
 */
const { values } = parseArgs({
  options: {
    // An hour of recording for the memory; less for a quick look.
    'hour-seconds': { type: 'string', default: '3600' },
    // Of each of four stretches in real time; of two while it publishes.
    'live-seconds': { type: 'string', default: '60' },
    turns: { type: 'string', default: '3' },
    // Any of: stages, classify, live, memory, publish, page.
    only: { type: 'string', multiple: true },
  },
});
const isWanted = (part: string) => values.only === undefined || values.only.includes(part);

const FILE = 'test/recordings/e01341.wav';
/** Recordings that are compared at least. */
const ENOUGH = 500;
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`Node ${process.versions.node}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}`);
say(`load before the run: ${loadavg()[0].toFixed(1)} (anything above 0.5 spoils the figures)`);

if (isWanted('stages')) await benchStages();
if (isWanted('classify')) await benchClassify();
if (isWanted('live') && process.platform === 'linux') await benchLive();
if ((isWanted('live') || isWanted('memory')) && process.platform === 'linux') await benchMemory();
if (isWanted('publish') && process.platform === 'linux') await benchPublishing();
if (isWanted('page')) {
  const page = await measurePage(FILE);
  if (page === undefined) say('page: not measured, there is no Chromium here');
  else for (const line of describePage(page)) say(line);
}

async function benchStages(): Promise<void> {
  const recording = await loadRecording(FILE);
  const screener = await Screener.open(defaultModelPath, 1);
  say('\nStages, nanoseconds a sample of a 2,000 Hz source');
  for (const { stage, nsPerSample } of timeStages(
    screener.model,
    recording.samples,
    recording.sampleRateHz,
  )) {
    say(`  ${stage.padEnd(32)} ${nsPerSample.toFixed(1)}`);
  }
  say('\nCompute module');
  for (const line of await measureKernel(screener.model)) say(line);

  const inference = await timeInference(screener);
  say(`\nInference: median ${inference.median.toFixed(2)} ms, p99 ${inference.p99.toFixed(2)} ms`);
  const latency = await timeLatency(screener, recording.samples, recording.sampleRateHz);
  say(
    `Last sample of a window to its verdict: median ${latency.median.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms, ` +
      `worst ${latency.worst.toFixed(1)} ms`,
  );
  await screener.close();
}

async function benchClassify(): Promise<void> {
  if (process.platform !== 'linux') {
    say('\nclassify: not measured, CPU time of other processes is read from /proc');
    return;
  }
  const turns = Number(values.turns);
  const starts = [];
  for (let turn = 0; turn < 5; turn++) starts.push((await classifyFiles([FILE], 1)).cost);
  say(
    `\nclassify, one file of 8 s: ${Math.min(...starts.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)} s of CPU, ` +
      `${Math.min(...starts.map(({ wallSeconds }) => wallSeconds)).toFixed(2)} s (least of ${starts.length})`,
  );
  const found = await findPython();
  const workers = availableParallelism();
  for (const { name, files } of collections()) {
    say(`\nclassify ${name} on ${workers} worker${workers === 1 ? '' : 's'}`);
    if ('python' in found) {
      const comparison = await compareWithPeer(found.python, files, workers, turns);
      for (const line of describeComparison(comparison)) say(line);
      continue;
    }
    say(`  NOT COMPARED WITH PYTHON: ${found.missing}`);
    say('  python3 -m venv tools/.venv && tools/.venv/bin/pip install -r tools/bench/requirements.txt');
    const costs = [];
    let recorded = 0;
    for (let turn = 0; turn < turns; turn++) {
      const { cost, found: screened } = await classifyFiles(files, workers);
      costs.push(cost);
      recorded = screened.recordedSeconds;
    }
    const wall = Math.min(...costs.map(({ wallSeconds }) => wallSeconds));
    const cpu = Math.min(...costs.map(({ cpuSeconds }) => cpuSeconds));
    say(
      `  ${files.length} recordings, ${recorded.toFixed(0)} s: wall ${wall.toFixed(2)} s, CPU ${cpu.toFixed(2)} s, ` +
        `${(recorded / wall).toFixed(0)} times real time, start included`,
    );
  }
}

/** The bundled recordings, over and over; where the data set is, different ones of it. */
function collections(): { readonly name: string; readonly files: readonly string[] }[] {
  const bundled = filesOf('test/recordings', '.wav');
  const times = Math.ceil(ENOUGH / bundled.length);
  const all = [{ name: 'the bundled WAV files', files: Array.from({ length: times }, () => bundled).flat() }];
  const data = process.env.LUBDUB_DATA;
  if (data === undefined) {
    say('\nLUBDUB_DATA is not set: FLAC files of the data set are not measured');
    return all;
  }
  const stored = filesOf(join(data, 'audio'), '.flac');
  const step = Math.max(1, Math.floor(stored.length / ENOUGH));
  all.push({ name: 'FLAC files of the data set', files: stored.filter((_, i) => i % step === 0) });
  return all;
}

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

async function benchPublishing(): Promise<void> {
  if (noMosquitto !== undefined) {
    say(`publish: not measured; ${noMosquitto}`);
    return;
  }
  const { without, publishing } = await measurePublishing(FILE, Number(values['live-seconds']));
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  say(
    `\nlive, real time: ${percent(without)} of a core, ${percent(publishing)} while it publishes to Mosquitto`,
  );
}

async function benchLive(): Promise<void> {
  const cost = await measureLiveCost(FILE, Number(values['live-seconds']));
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  say(
    `\nlive, real time, stretches of ${values['live-seconds']} s: ${cost.withPage.map(percent).join(', ')} of a core with a page ` +
      `open, then ${percent(cost.withoutPage)} without; ${cost.residentMegabytes.toFixed(0)} MB resident, ` +
      `first window ${cost.startSeconds.toFixed(1)} s late`,
  );
}

async function benchMemory(): Promise<void> {
  const memory = await measureLiveMemory(FILE, Number(values['hour-seconds']));
  say(
    `\nlive, ${memory.recordedSeconds.toFixed(0)} s of recording as fast as possible, MB resident by tenths: ` +
      memory.residentMegabytes.map((megabytes) => megabytes.toFixed(0)).join(' '),
  );
}
