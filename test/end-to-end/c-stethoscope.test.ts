import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { finalOf, runLubdub } from '../support/run-lubdub.js';

const folder = 'firmware-protocol/c';
const compiler = process.env.CC ?? 'cc';

/** Firmware that is not ours to bend: the reference codec in C at the far end of a real pseudo-terminal. */
describe('lubdub live on the stethoscope in C', function () {
  let directory: string;
  let program: string;

  before(async function () {
    if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0) {
      if (process.env.LUBDUB_REQUIRE_ALL) throw new Error(`the C compiler "${compiler}" is missing`);
      console.warn(
        `      SKIPPED: the stethoscope in C is not tried, as the compiler "${compiler}" is missing`,
      );
      this.skip();
    }
    directory = await mkdtemp(join(tmpdir(), 'lubdub-c-'));
    program = join(directory, 'stethoscope');
    const sources = ['examples/stethoscope.c', 'lubdub_protocol.c', 'lubdub_device.c'];
    execFileSync(compiler, [
      '-std=c99',
      '-O2',
      '-o',
      program,
      ...sources.map((source) => join(folder, source)),
    ]);
  });
  after(() => directory === undefined || rm(directory, { recursive: true }));

  async function startDevice(words: string[]): Promise<{ child: ChildProcess; path: string }> {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const path = await new Promise<string>((resolve) =>
      createInterface({ input: child.stdout }).once('line', resolve),
    );
    return { child, path };
  }

  it('gives the windows and the verdict of classify, and loses nothing, as fast as it can', async () => {
    const file = 'test/recordings/e00089.wav';
    const { child, path } = await startDevice(['--speed', 'max', file]);
    try {
      const [live, classified] = await Promise.all([
        runLubdub(['live', '--port', path, '--json', '--no-page']),
        runLubdub(['classify', '--json', file]),
      ]);
      expect(live.exitCode, live.stderr).to.equal(0);
      const windows = (run: typeof live) => run.events.filter(({ kind }) => kind === 'window');
      expect(windows(live)).to.deep.equal(windows(classified));
      expect({ ...finalOf(live), file }).to.deep.equal(finalOf(classified));
    } finally {
      child.kill();
    }
  });

  it('loses nothing in real time', async () => {
    const { child, path } = await startDevice(['--loop', 'test/recordings/b0416.wav']);
    try {
      const live = await runLubdub(['live', '--port', path, '--seconds', '6', '--json', '--no-page']);
      expect(live.exitCode, live.stderr).to.equal(0);
      expect(finalOf(live)).to.deep.include({ lostSamples: 0, windows: 4, durationSeconds: 6 });
    } finally {
      child.kill();
    }
  });
});
