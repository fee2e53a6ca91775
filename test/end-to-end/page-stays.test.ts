import { spawn, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { LiveBench } from '../support/live-bench.js';
import { PageClient } from '../support/page-client.js';
import { until } from '../support/until.js';
import { RunningLubdub, runLubdub } from '../support/run-lubdub.js';

const main = fileURLToPath(new URL('../../src/present/main.js', import.meta.url));
const wav = 'test/recordings/b0416.wav';

/** A page that is open on a `lubdub` that was just started. */
async function pageOf(lubdub: RunningLubdub): Promise<PageClient> {
  const [, port] = await lubdub.untilText(/live page: http:\/\/127\.0\.0\.1:(\d+)\//);
  return PageClient.opened(Number(port));
}

describe('lubdub with its live page', function () {
  const bench = LiveBench.forSuite();

  const start = (...words: string[]) => {
    const lubdub = new RunningLubdub([...words, '--page-port', '0']);
    bench.afterwards(() => lubdub.kill('SIGKILL'));
    return lubdub;
  };
  const viewOf = (page: PageClient, what: (view: NonNullable<PageClient['view']>) => boolean) =>
    page.until(() => (page.view !== undefined && what(page.view) ? page.view : undefined));
  const interrupted = (lubdub: RunningLubdub) => {
    lubdub.kill('SIGINT');
    return lubdub.finished;
  };

  it('waits for a stethoscope, outlives its loss, previews the next, records it when somebody says so', async () => {
    const out = join(bench.directory, 'sessions');
    const lubdub = start('live', '--port', bench.link, '--give-up-after', '0.3', '--out', out);
    const page = await pageOf(lubdub);
    const waiting = await viewOf(page, ({ connection }) => connection.message !== null);
    expect(waiting.connection).to.deep.include({ state: 'searching' });
    expect(waiting.connection.message).to.match(/Plug it in/);

    bench.plugIn({ faults: { faults: [{ kind: 'unplug', atSeconds: 4 }] } });
    await viewOf(page, ({ status, simulated }) => status.state === 'recording' && simulated);
    const over = await viewOf(
      page,
      ({ status }) => status.state === 'stopped' && status.preview === 'searching',
    );
    expect(over.final).to.include({ durationSeconds: 4 });
    expect(over.simulated).to.equal(true);

    const framesBefore = page.frames.length;
    bench.plugIn({ loop: true });
    const preview = await viewOf(page, (view) => view.preview !== null);
    expect(preview.status).to.include({ state: 'stopped', preview: 'listening' });
    expect(preview.final, 'the result stays beside it').to.deep.equal(over.final);
    expect(page.frames.length).to.be.above(framesBefore);
    expect(page.frames.at(-1)!.recording).to.equal(preview.recording);
    expect((await readdir(out)).length, 'nothing of a preview is stored').to.equal(1);

    page.send({ id: 1, command: 'start', site: 'mitral', subject: 'S-1' });
    await viewOf(page, ({ windows, status }) => status.state === 'recording' && windows.length > 0);
    page.send({ id: 2, command: 'stop' });
    const second = await viewOf(page, ({ status, final }) => status.state === 'stopped' && final !== null);
    expect(second.status).to.include({ site: 'mitral', subject: 'S-1' });
    await viewOf(page, ({ status }) => status.preview === 'listening');
    const { exitCode, stderr } = await interrupted(lubdub);
    expect(exitCode, stderr).to.equal(0);
    const folders = await readdir(out);
    expect(folders.length).to.equal(2);
    for (const folder of folders) {
      const description = JSON.parse(await readFile(join(out, folder, 'session.json'), 'utf8')) as object;
      expect(description).to.include({ simulated: true });
    }
  });

  it('ends without a stethoscope all the same for programs, for a length that was asked for, and without a page', async () => {
    for (const words of [
      ['--json', '--page-port', '0'],
      ['--seconds', '5', '--page-port', '0'],
      ['--no-page'],
    ]) {
      const run = await runLubdub(['live', '--port', bench.link, ...words]);
      expect(run.exitCode, words.join(' ')).to.equal(3);
    }
  });

  it('cannot wait for the start button of a page that is not to be', async () => {
    const run = await runLubdub(['live', '--wait', '--no-page']);
    expect(run.exitCode).to.equal(2);
    expect(run.stderr).to.match(/leave --no-page out/);
  });

  it('a replay that nobody looks on at ends with its verdict', async () => {
    const run = await runLubdub(['replay', wav, '--speed', 'max', '--page-port', '0']);
    expect(run.exitCode, run.stderr).to.equal(0);
    expect(run.stdout)
      .to.match(/b0416\.wav: [A-Z]+/)
      .and.match(/SIMULATED stethoscope/);
  });

  it('a replay stays finished where a page is open, can be played again, and ends with Ctrl-C', async () => {
    const lubdub = start('replay', wav);
    const page = await pageOf(lubdub);
    const first = await viewOf(page, ({ status, final }) => status.state === 'stopped' && final !== null);
    expect(first.simulated).to.equal(true);
    expect(first.status.preview ?? null).to.equal(null);
    page.send({ id: 1, command: 'start', site: null, subject: null });
    await viewOf(page, ({ status }) => status.state === 'recording');
    const again = await viewOf(page, ({ status, final }) => status.state === 'stopped' && final !== null);
    expect(again.final).to.deep.equal(first.final);
    const { exitCode, stderr } = await interrupted(lubdub);
    expect(exitCode, stderr).to.equal(0);
    expect(stderr).to.match(/stays on the live page until Ctrl-C/);
  });

  it('a replay with --exit ends with its recording, whoever looks on', async () => {
    const lubdub = start('replay', wav, '--exit', '--speed', '4');
    const page = await pageOf(lubdub);
    const { exitCode, stderr } = await lubdub.finished;
    expect(exitCode, stderr).to.equal(0);
    expect(page.messages.length).to.be.above(0);
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: { demo: string } };
    expect(scripts.demo).to.include('replay --exit');
  });

  it('a replay in a terminal stays finished with its page', async function () {
    if (spawnSync('script', ['--version']).status !== 0) {
      console.warn('SKIPPED: `script` of util-linux is not there, no terminal can be had for a command');
      this.skip();
    }
    // Without exec a shell may stand in between, which dies of the same Ctrl-C.
    const command = `exec "${process.execPath}" "${main}" replay ${wav} --speed max --page-port 0`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, XDG_CONFIG_HOME: '/nonexistent', TERM: 'xterm' },
    });
    let shown = '';
    child.stdout.on('data', (data: Buffer) => (shown += data.toString()));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    try {
      await until(
        () => /stays on the live page until Ctrl-C/.test(shown),
        'the end of the recording',
        40_000,
      );
      expect(shown).to.match(/b0416\.wav: [A-Z]+[\s\S]*not a diagnosis/);
      const [, port] = /live page: http:\/\/127\.0\.0\.1:(\d+)\//.exec(shown)!;
      const page = await PageClient.opened(Number(port));
      const view = await viewOf(page, () => true);
      expect(view.final).to.not.equal(null);
      page.socket.close();
      child.stdin.write('\u0003');
      expect(await ended).to.equal(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
