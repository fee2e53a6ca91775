import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSession } from '../../src/record/stored-session.js';
import { finalOf, RunningLubdub } from '../support/run-lubdub.js';
import { inFolder } from '../support/sessions.js';

const main = fileURLToPath(new URL('../../src/present/main.js', import.meta.url));
const wav = 'test/recordings/b0416.wav';

interface Shown {
  readonly stdout: string;
  readonly stderr: string;
  /** Of `lubdub`, not of what it is piped to. */
  readonly exitCode: number;
}

/** Runs a line of shell in which `lubdub` stands for the command under test. */
function inShell(line: string): Promise<Shown> {
  const script = `lubdub() { "${process.execPath}" "${main}" "$@"; }\n${line}; echo "code \${PIPESTATUS[0]}" >&2`;
  const child = spawn('bash', ['-c', script], { env: { ...process.env, XDG_CONFIG_HOME: '/nonexistent' } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  return new Promise((resolve) =>
    child.on('close', () =>
      resolve({ stdout, stderr, exitCode: Number(/code (\d+)\s*$/.exec(stderr)?.[1]) }),
    ),
  );
}

const onlySession = async (folder: string) => openSession(join(folder, (await readdir(folder))[0]));

describe('when somebody stops listening to lubdub', function () {
  it('a recording that is stored goes on without a reader, and the exit code tells', () =>
    inFolder(async (folder) => {
      const run = await inShell(
        `lubdub replay ${wav} --speed 8 --no-page --json --out ${folder} | head -n 1`,
      );
      expect(run.exitCode, run.stderr).to.equal(6);
      const session = await onlySession(folder);
      expect(session.missing).to.deep.equal([]);
      expect(session.result?.final).to.include({ kind: 'final' });
      expect(session.durationSeconds).to.be.above(7);
    }));

  it('a recording that is not stored ends, long before it is over', async () => {
    const began = performance.now();
    const run = await inShell(`lubdub replay ${wav} --speed 0.2 --no-page --json | head -n 2`);
    expect(run.exitCode, run.stderr).to.equal(6);
    expect(run.stderr).to.not.match(/at .*\.js:\d+/);
    expect(performance.now() - began).to.be.below(35_000);
  });

  it('says that a full disk takes no results, without a stack trace', async function () {
    if (process.platform !== 'linux') this.skip();
    for (const words of [`replay ${wav} --speed max --no-page --json`, `classify ${wav}`]) {
      const run = await inShell(`lubdub ${words} > /dev/full`);
      expect(run.exitCode, run.stderr).to.equal(6);
      expect(run.stderr)
        .to.match(/stdout cannot be written: .*ENOSPC/)
        .and.not.match(/at .*\.js:\d+/);
    }
  });

  it('a closed terminal ends a recording properly, with its result', () =>
    inFolder(async (folder) => {
      const run = new RunningLubdub(['replay', wav, '--json', '--no-page', '--out', folder]);
      await run.until('window');
      run.kill('SIGHUP');
      run.kill('SIGHUP');
      const finished = await run.finished;
      expect(finished.exitCode, finished.stderr).to.equal(0);
      expect((await onlySession(folder)).result?.final).to.include({ verdict: finalOf(finished).verdict });
      expect((await onlySession(folder)).missing).to.deep.equal([]);
    }));

  it('a recording that could not be stored to its end has an exit code of its own', () =>
    inFolder(async (folder) => {
      const run = await inShell(
        `ulimit -f 16; lubdub replay ${wav} --speed max --no-page --json --out ${folder}`,
      );
      expect(run.exitCode, run.stderr).to.equal(6);
      expect(run.stdout).to.include('"kind":"final"').and.include('"state":"stopped"');
    }));
});
