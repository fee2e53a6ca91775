import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sampled } from '../../src/decode/samples.js';
import { readWav } from '../../src/decode/file/wav-file.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { recoverSession } from '../../src/record/recover-session.js';
import { parseLine, readLines } from '../../src/record/stored-lines.js';
import { openSession } from '../../src/record/stored-session.js';
import { CHILD_RATE_HZ, childStream } from '../support/recording-child.js';
import { canonical, collect, inFolder } from '../support/sessions.js';

/** Some hundreds in the full run. */
const KILLS = Number(process.env.LUBDUB_KILLS ?? 12);
const CHILD = fileURLToPath(new URL('../support/recording-child.js', import.meta.url));

describe('a recording whose process is killed', function () {
  this.timeout(20_000 + KILLS * 10_000);

  it(`loses at most a second, and nothing before it (${KILLS} kills at random moments)`, async () => {
    let worstSeconds = 0;
    let total = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      await inFolder(async (folder) => {
        const acknowledged = await recordUntilKilled(folder, Math.random() * 700);
        const lost = (await examine(folder, acknowledged)) / CHILD_RATE_HZ;
        worstSeconds = Math.max(worstSeconds, lost);
        total += acknowledged / CHILD_RATE_HZ;
      });
    }
    console.log(
      `      ${KILLS} kills, ${total.toFixed(1)} s recorded, at most ${worstSeconds.toFixed(3)} s lost at one`,
    );
    expect(worstSeconds).to.be.at.most(1);
  });
});

/** @returns samples that the child had pushed when it was killed, as far as it could still say so */
async function recordUntilKilled(folder: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, 'record', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const first = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString();
      resolve();
    });
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await first;
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await closed;
  const lines = said.slice(0, said.lastIndexOf('\n')).split('\n');
  return Number(lines.at(-1));
}

/** @returns how many samples are lost of those that were pushed */
async function examine(folder: string, acknowledged: number): Promise<number> {
  const [name] = await readdir(folder);
  const directory = join(folder, name ?? 'none');
  const names = name === undefined ? [] : await readdir(directory);
  // Killed before the recorder could say on disk what it records: all that was pushed is lost.
  if (!names.includes('session.json')) return acknowledged;

  const torn = await openSession(directory);
  expect(torn.state).to.equal('torn');
  expect((await checkIntegrity(torn)).damage).to.deep.equal([]);
  const { storedSamples } = torn;
  const stored = canonical(await collect(torn.sampled()));
  expect(stored).to.deep.equal(canonical(streamOf(storedSamples, stored.at(-1))));

  const { session, damage, done } = await recoverSession(directory, { lubdubVersion: 'test' });
  expect(damage).to.deep.equal([]);
  expect(done).to.not.be.empty;
  expect(session.state).to.equal('recovered');
  expect(session.storedSamples).to.equal(storedSamples);
  expect(canonical(await collect(session.sampled()))).to.deep.equal(stored);
  expect((await checkIntegrity(session)).damage).to.deep.equal([]);
  for (const part of session.files.parts.filter(({ samples }) => samples > 0)) {
    const wav = await readWav(join(directory, part.name));
    expect(wav.notices).to.deep.equal([]);
    expect(wav.totalSamples).to.equal(part.samples);
  }
  for await (const line of readLines(join(directory, 'events.ndjson')))
    expect(parseLine(line)).to.not.equal(null);

  expect((await recoverSession(directory, { lubdubVersion: 'test' })).done).to.deep.equal([]);
  return Math.max(0, acknowledged - storedSamples);
}

/** What the child had pushed when so many samples were stored; a gap behind the last one may be there or not. */
function streamOf(samples: number, last: object | undefined): Sampled[] {
  const stream: Sampled[] = [];
  let count = 0;
  for (const value of childStream()) {
    if (value.kind === 'gap') {
      if (count < samples || (last !== undefined && 'kind' in last)) stream.push(value);
      if (count >= samples) break;
      continue;
    }
    if (count >= samples) break;
    stream.push({ ...value, samples: value.samples.subarray(0, samples - count) });
    count += value.samples.length;
  }
  return stream;
}
