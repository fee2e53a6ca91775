import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { wavHeader } from '../../src/decode/file/wav-writer.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { defaultModelPath } from '../../src/package-info.js';
import { Screener } from '../../src/screen/screener.js';
import { SeededRandom } from '../../src/simulate/seeded-random.js';
import { heldMegabytes } from '../support/heap.js';
import { MemoryCurve, resourcesNow } from './resources.js';
import { soakRecording } from './soak-recording.js';

/**
 * `npm run soak`: a day of samples, as fast as the machine takes them, from a simulated stethoscope in another process
 * over a real pseudo-terminal through all of the program onto the disk, with random faults. Afterwards every stored
 * sample is compared with what the device played, and memory, open files, threads and timers with those of the
 * beginning. Ends with status 1 where anything does not add up.
 */
const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
  },
});
const hours = Number(values.hours);
const seed = Number(values.seed);
if (!(hours > 0) || !Number.isInteger(seed) || seed < 0) {
  process.stderr.write('usage: npm run soak -- [--hours N, above 0] [--seed N, a whole number]\n');
  process.exit(2);
}

const RATE_HZ = 2000;
/** Sessions of up to this length are screened a second time and compared. */
const VERIFIED_SECONDS = 120;
const MOST_GROWTH_MEGABYTES = 100;
/** Of what is held, after everything else is collected: a list of a number a second would take more in a day. */
const MOST_HELD_GROWTH_MEGABYTES = 8;
const HELD_INTERVAL_MS = 15_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const total = hours * 3600;
const random = new SeededRandom(seed);
const folder = await mkdtemp(join(tmpdir(), 'lubdub-soak-'));
const began = performance.now();
const faults: string[] = [];

try {
  const file = join(folder, 'day.wav');
  const played = await writeRecording(file);
  const screener = await Screener.open(defaultModelPath, 1);
  const soak = (seconds: number, number: number) =>
    soakRecording({
      seed: (seed * 100_003 + number) % 2 ** 32,
      seconds,
      folder,
      file,
      played,
      screener,
      verifies: seconds <= VERIFIED_SECONDS,
    });
  await soak(20, 0);
  const before = resourcesNow();
  const memory = new MemoryCurve();
  const sums = {
    recordings: 0,
    samples: 0,
    packets: 0,
    corruptPackets: 0,
    deviceFaults: 0,
    wireFaults: 0,
    garbageBytes: 0,
    connectionsLost: 0,
    gaps: 0,
    windows: 0,
    unknowable: 0,
  };
  const lost = { lost: 0, overrun: 0, reconnect: 0, restart: 0 };

  let done = 0;
  const sampler = setInterval(() => memory.add(done / 3600, resourcesNow().residentMegabytes), 1000);
  // In the midst of recordings, the long one above all: what one holds on to is let go at its end.
  const held: number[] = [];
  const collector = setInterval(() => held.push(heldMegabytes()), HELD_INTERVAL_MS);
  for (const seconds of lengths()) {
    const { final, line, account, ...result } = await soak(seconds, ++sums.recordings);
    for (const fault of result.faults) {
      faults.push(`recording ${sums.recordings} (${seconds} s): ${fault}`);
      process.stderr.write(`${faults.at(-1)}\n`);
    }
    // The first one is as long as all the others together.
    if (sums.recordings === 1) {
      clearInterval(collector);
      held.push(heldMegabytes());
    }
    done += seconds;
    memory.add(done / 3600, resourcesNow().residentMegabytes);
    sums.packets += line?.packets ?? 0;
    sums.corruptPackets += line?.corruptPackets ?? 0;
    sums.deviceFaults += result.deviceFaults;
    sums.wireFaults += result.wireFaults;
    sums.garbageBytes += result.garbageBytes;
    sums.connectionsLost += result.connectionsLost;
    sums.windows += final?.windows ?? 0;
    sums.samples += account?.storedSamples ?? 0;
    sums.gaps += account?.gaps ?? 0;
    sums.unknowable += account?.unknowableSamples ?? 0;
    for (const cause of Object.keys(lost) as (keyof typeof lost)[]) {
      lost[cause] += account?.lostSamples[cause] ?? 0;
    }
    const wall = (performance.now() - began) / 1000;
    process.stderr.write(
      `${sums.recordings}: ${seconds} s, ${done.toFixed(0)} of ${total} s after ${wall.toFixed(0)} s, ` +
        `${resourcesNow().residentMegabytes.toFixed(0)} MB\n`,
    );
  }
  clearInterval(sampler);
  const after = resourcesNow();
  await screener.close();

  if (after.openFiles !== before.openFiles)
    faults.push(`${before.openFiles} files were open, now ${after.openFiles}`);
  if (after.threads !== before.threads) faults.push(`${before.threads} threads ran, now ${after.threads}`);
  if (after.timers !== before.timers) faults.push(`${before.timers} timers ran, now ${after.timers}`);
  const grown = after.residentMegabytes - before.residentMegabytes;
  if (grown > MOST_GROWTH_MEGABYTES) faults.push(`memory grew by ${grown.toFixed(0)} MB`);

  const third = Math.floor(held.length / 3);
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const [heldFirst, heldLast] = [
    middle(held.slice(0, Math.max(1, third))),
    middle(held.slice(-Math.max(1, third))),
  ];
  if (heldLast - heldFirst > MOST_HELD_GROWTH_MEGABYTES) {
    faults.push(
      `a recording holds ${heldFirst.toFixed(1)} MB at first and ${heldLast.toFixed(1)} MB at last`,
    );
  }

  const wallSeconds = (performance.now() - began) / 1000;
  const seconds = (samples: number) => `${(samples / RATE_HZ).toFixed(1)} s`;
  say(`soak of ${hours} h, seed ${seed}, ${sums.recordings} recordings, in ${wallSeconds.toFixed(0)} s`);
  say(`samples   ${sums.samples} stored and compared one by one with what the device played`);
  say(
    `packets   ${sums.packets} taken (${2 * sums.samples} bytes of samples), ${sums.corruptPackets} corrupt refused`,
  );
  say(
    `faults    ${sums.wireFaults} packets struck, ${sums.deviceFaults} faults of the device, ` +
      `${sums.garbageBytes} bytes of garbage, ${sums.connectionsLost} connections lost and taken up again`,
  );
  say(
    `gaps      ${sums.gaps}; lost on the wire ${seconds(lost.lost)}, overruns ${seconds(lost.overrun)}, ` +
      `reconnects ${seconds(lost.reconnect)}, restarts ${seconds(lost.restart)}; ` +
      `away without a trace in the index ${seconds(sums.unknowable)}`,
  );
  say(`windows   ${sums.windows}`);
  say(
    `memory    ${before.residentMegabytes.toFixed(0)} MB, then ${after.residentMegabytes.toFixed(0)} MB; by tenths ` +
      `${memory.tenths.map((megabytes) => megabytes.toFixed(0)).join(' ')}; growth in the second half ` +
      `${memory.growthAnHour.toFixed(2)} MB an hour of recording`,
  );
  say(
    `held      ${heldFirst.toFixed(1)} MB in the first third of the long recording, ${heldLast.toFixed(1)} MB in the ` +
      `last, after collection (${held.length} looks)`,
  );
  say(
    `handles   ${after.openFiles} files, ${after.threads} threads, ${after.timers} timers, as after the first recording`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const fault of faults) say(`FAILED ${fault}`);
say(faults.length === 0 ? 'ok soak' : `  ${faults.length} failing`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** One long recording, then shorter ones of random lengths, together `total` seconds. */
function* lengths(): Generator<number> {
  let left = Math.round(total);
  const long = Math.max(20, Math.round(total / 2));
  yield long;
  left -= long;
  while (left > 0) {
    // As many of a minute as of an hour.
    const drawn = Math.round(60 * Math.min(60, total / 720) ** random.fraction());
    const seconds = left - drawn < 20 ? left : drawn;
    yield seconds;
    left -= seconds;
  }
}

/** All bundled recordings of the rate, one behind the other. */
async function writeRecording(path: string): Promise<Float64Array> {
  const parts: Float64Array[] = [];
  for (const name of (await readdir('test/recordings')).filter((name) => name.endsWith('.wav')).sort()) {
    const { samples, sampleRateHz } = await loadRecording(join('test/recordings', name));
    if (sampleRateHz === RATE_HZ) parts.push(samples);
  }
  const integers = Int16Array.from(
    parts.flatMap((part) => [...part].map((value) => Math.round(value * 32768))),
  );
  const header = wavHeader({ sampleRateHz: RATE_HZ, bitsPerSample: 16, dataBytes: integers.byteLength });
  await writeFile(path, Buffer.concat([header, new Uint8Array(integers.buffer)]));
  return Float64Array.from(integers, (integer) => integer / 32768);
}
