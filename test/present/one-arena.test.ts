import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

const SETTING = 'MALLOC_ARENA_MAX';

interface Said {
  readonly setting: string | null;
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
}

describe('one arena of memory', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'lubdub-arena-'))));
  after(() => rmSync(folder, { recursive: true }));

  /** What a program says that asks for it before anything else; `pid` must be that of the process that was started. */
  const run = (env: NodeJS.ProcessEnv): Said => {
    const module = new URL('../../src/present/one-arena.js', import.meta.url).href;
    const program = join(folder, 'program.mjs');
    writeFileSync(
      program,
      `import { shareOneArena } from ${JSON.stringify(module)};
      shareOneArena();
      const { pid, argv, execArgv, env } = process;
      const setting = env.${SETTING} ?? null;
      console.log(JSON.stringify({ pid, argv: argv.slice(2), execArgv, setting }));`,
    );
    const others = { ...process.env };
    delete others[SETTING];
    const { pid, stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--stack-trace-limit=7', program, 'live', 'a b'],
      { encoding: 'utf8', env: { ...others, ...env } },
    );
    expect(status, stderr).to.equal(0);
    expect(stderr).to.equal('');
    const said = JSON.parse(stdout) as Said & { readonly pid: number };
    expect(said.pid).to.equal(pid);
    return said;
  };

  it('is what the same process begins anew with, and with the same words', function () {
    if (process.platform !== 'linux' || !('execve' in process)) this.skip();
    expect(run({})).to.deep.include({
      setting: '1',
      argv: ['live', 'a b'],
      execArgv: ['--stack-trace-limit=7'],
    });
  });

  it('is not for who has chosen', () => {
    expect(run({ [SETTING]: '3' }).setting).to.equal('3');
  });
});
