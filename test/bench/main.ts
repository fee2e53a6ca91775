import { readdirSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { defaultModelPath } from '../../src/package-info.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { Screener } from '../../src/screen/screener.js';
import { describePage, measurePage } from './page.js';
import { measureLiveCost, measureLiveMemory } from './live.js';
import { timeClassify, timeInference, timeLatency } from './screening.js';
import { timeStages } from './stages.js';

/**
 * `npm run bench`: what screening costs on this machine. Compare figures of one run with each other; the machine may
 * be busy with something else in the next.
 */
const { values } = parseArgs({
  options: {
    // An hour of recording for the memory; less for a quick look.
    'hour-seconds': { type: 'string', default: '3600' },
    'live-seconds': { type: 'string', default: '20' },
  },
});

const FILE = 'test/recordings/e01341.wav';
const files = readdirSync('test/recordings')
  .filter((name) => name.endsWith('.wav'))
  .map((name) => `test/recordings/${name}`);
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`Node ${process.versions.node}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}`);
say(`load before the run: ${loadavg()[0].toFixed(1)} (anything above 0.5 spoils the figures)`);

const recording = await loadRecording(FILE);
const screener = await Screener.open(defaultModelPath, 1);

say('\nStages, nanoseconds a sample of a 2,000 Hz source');
for (const { stage, nsPerSample } of timeStages(screener.model, recording.samples, recording.sampleRateHz)) {
  say(`  ${stage.padEnd(32)} ${nsPerSample.toFixed(1)}`);
}

const inference = await timeInference(screener);
say(
  `\nInference, there and back: median ${inference.median.toFixed(2)} ms, p99 ${inference.p99.toFixed(2)} ms`,
);

const latency = await timeLatency(screener, recording.samples, recording.sampleRateHz);
say(
  `Last sample of a window to its verdict: median ${latency.median.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms, ` +
    `worst ${latency.worst.toFixed(1)} ms`,
);
await screener.close();

const many = Array.from({ length: 20 }, () => files).flat();
for (const threads of [1, availableParallelism()]) {
  const multiple = await timeClassify(defaultModelPath, many, threads);
  say(`classify, ${threads} worker${threads === 1 ? '' : 's'}: ${multiple.toFixed(0)} times real time`);
}

if (process.platform === 'linux') {
  const cost = await measureLiveCost(FILE, Number(values['live-seconds']));
  say(
    `live, real time: ${(100 * cost.cpuShare).toFixed(1)} % of a core, ${cost.residentMegabytes.toFixed(0)} MB resident`,
  );
  const memory = await measureLiveMemory(FILE, Number(values['hour-seconds']));
  say(
    `live, ${memory.recordedSeconds.toFixed(0)} s of recording as fast as possible, MB resident by tenths: ` +
      memory.residentMegabytes.map((megabytes) => megabytes.toFixed(0)).join(' '),
  );
}

const page = await measurePage(FILE);
if (page === undefined) say('page: not measured, there is no Chromium here');
else for (const line of describePage(page)) say(line);
