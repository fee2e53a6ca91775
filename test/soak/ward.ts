import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import type { WardServerMessage } from '../../src/ward/ward-page-messages.js';
import { openWardStore } from '../../src/ward/open-ward-store.js';
import { MqttListener } from '../support/mqtt-listener.js';
import { Mosquitto, freePort, noMosquitto } from '../support/mosquitto.js';

/*
 * Many bedsides at one broker and one ward: `npm run soak:ward -- --bedsides 200 --seconds 180 --hop-ms 1000`. In the middle
 * the broker is restarted, and every few seconds a process of bedsides is killed and begun anew. Counts what was lost or
 * came twice; prints processor and memory, and how long a window takes to the ward's page.
 */

const { values } = parseArgs({
  options: {
    bedsides: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '180' },
    'hop-ms': { type: 'string', default: '1000' },
    processes: { type: 'string', default: '4' },
  },
});
if (noMosquitto !== undefined) throw new Error(noMosquitto);
const bedsides = Number(values.bedsides);
const seconds = Number(values.seconds);
const processes = Number(values.processes);
const folder = mkdtempSync(join(tmpdir(), 'lubdub-ward-soak-'));
const script = fileURLToPath(new URL('./ward-bedsides.js', import.meta.url));
const main = fileURLToPath(new URL('../../src/present/main.js', import.meta.url));

const broker = await Mosquitto.start(folder, {
  lines: ['allow_anonymous true', 'max_inflight_messages 100'],
});
const listener = new MqttListener(broker.url);
await listener.ready;
const pagePort = await freePort();
const store = join(folder, 'ward.sqlite');
const ward = spawn(
  process.execPath,
  [main, 'ward', '--broker', broker.url, '--store', store, '--page-port', String(pagePort), '--name', 'soak'],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
const delays: number[] = [];
let shown = 0;
await followPage();

const groups = Array.from({ length: processes }, (_, index) => ({
  first: Math.floor((bedsides * index) / processes),
  last: Math.floor((bedsides * (index + 1)) / processes) - 1,
}));
const start = ({ first, last }: (typeof groups)[number]): ChildProcess =>
  fork(script, [broker.url, folder, String(first), String(last), values['hop-ms']], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
const children = groups.map(start);
const cpuBefore = cpuSeconds(ward.pid!);
const brokerCpuBefore = cpuSeconds(broker.pid);
const beganAt = performance.now();
let brokerCpu = 0;
let kills = 0;
for (let second = 1; second <= seconds; second++) {
  await sleep(1000);
  if (second === Math.floor(seconds / 2)) {
    brokerCpu += cpuSeconds(broker.pid) - brokerCpuBefore;
    await broker.stop();
    await sleep(5000);
    await broker.startAgain();
  }
  if (second % 15 === 10 && second < seconds - 20) {
    const victim = Math.floor(Math.random() * processes);
    const ended = new Promise((resolve) => children[victim].once('exit', resolve));
    children[victim].kill('SIGKILL');
    await ended;
    children[victim] = start(groups[victim]);
    kills += 1;
  }
}
const elapsed = (performance.now() - beganAt) / 1000;
const wardCpu = cpuSeconds(ward.pid!) - cpuBefore;
brokerCpu += cpuSeconds(broker.pid);
const memory = { ward: megabytes(ward.pid!), broker: megabytes(broker.pid) };
for (const child of children) child.kill('SIGTERM');
await sleep(1000);
const promised = new Map<string, string>();
for (const name of readdirSync(folder).filter((file) => file.startsWith('promised-'))) {
  for (const line of readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)) {
    const [kind, id] = line.split(' ');
    promised.set(id, kind);
  }
}
const heard = () => new Set(listener.heard.flatMap(({ id }) => id ?? []));
// The ward has a connection of its own, which comes back when it does.
const opened = await openWardStore(store);
const results = () => opened.list(new Date(0), new Date(Date.now() + 1e9));
for (let tries = 0; tries < 60; tries++) {
  const arrived = heard();
  const kept = new Set((await results()).map(({ id }) => id));
  if ([...promised].every(([id, kind]) => arrived.has(id) && (kind !== 'final' || kept.has(id)))) break;
  await sleep(1000);
}
for (const child of children) child.kill('SIGKILL');
const stored = (await results()).map(({ id }) => id);
await opened.close();
const unique = heard();
const repeatedOnWire = listener.heard.filter(({ id }) => id !== undefined).length - unique.size;
const lost = [...promised.keys()].filter((id) => !unique.has(id));
const finals = [...promised].filter(([, kind]) => kind === 'final').map(([id]) => id);
const storedIds = new Set(stored);
delays.sort((a, b) => a - b);
const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))];
console.log(
  JSON.stringify(
    {
      bedsides,
      seconds: Math.round(elapsed),
      kills,
      promised: promised.size,
      lost: lost.length,
      repeatedOnWire,
      results: finals.length,
      resultsNotStored: finals.filter((id) => !storedIds.has(id)).length,
      resultsStoredTwice: stored.length - new Set(stored).size,
      wardCpuPercent: percent(wardCpu / elapsed),
      brokerCpuPercent: percent(brokerCpu / elapsed),
      wardMegabytes: memory.ward,
      brokerMegabytes: memory.broker,
      windowsShown: shown,
      toPageMs: { median: at(0.5), p99: at(0.99), max: at(1) },
    },
    null,
    2,
  ),
);
await listener.close();
ward.kill('SIGKILL');
await broker.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(lost.length > 0 || finals.some((id) => !storedIds.has(id)) ? 1 : 0);

/** From when a window was said at a bedside to when a page has it. */
async function followPage(): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = new WebSocket(`ws://127.0.0.1:${pagePort}/ward`, {
      origin: `http://127.0.0.1:${pagePort}`,
    });
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.on('open', () => resolve(true));
      socket.on('error', () => resolve(false));
    });
    if (!isOpen && tries < 100) {
      await sleep(100);
      continue;
    }
    if (!isOpen) throw new Error('the ward serves no page');
    const seen = new Map<string, number>();
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as WardServerMessage;
      if (message.type !== 'changes') return;
      for (const { bedside, heardAtMs, windowDelayMs } of message.rows) {
        if (windowDelayMs === null || seen.get(bedside) === heardAtMs - windowDelayMs) continue;
        seen.set(bedside, heardAtMs - windowDelayMs);
        shown += 1;
        delays.push(Date.now() - (heardAtMs - windowDelayMs));
      }
    });
    return;
  }
}

/** Processor time of a process so far, from `/proc/PID/stat`, in seconds. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function megabytes(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1]) / 1024);
}

function percent(share: number): number {
  return Math.round(1000 * share) / 10;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
