import { execFile, spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { inFolder } from '../support/sessions.js';

const run = promisify(execFile);
const EXAMPLES = resolve('examples/archive');
const SHARDS = 3;

interface Job {
  readonly kind: string;
  readonly spec: {
    readonly completionMode: string;
    readonly completions: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly env: readonly { readonly name: string; readonly value: string }[];
          readonly workingDir: string;
          readonly volumeMounts: readonly { readonly mountPath: string }[];
        }[];
      };
    };
  };
}

/** The examples are run as they stand, with a `lubdub` in the path and what their engine sets. */
describe('the examples for archives', function () {
  this.timeout(600_000);

  /** @returns what one run writes, and what the merged shards of `work` are */
  const compared = (
    work: (run: (command: readonly string[], more?: object) => Promise<unknown>) => Promise<unknown>,
  ) =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'bin'));
      await mkdir(join(folder, 'parts'));
      for (const name of ['c0016', 'b0416', 'd0051']) {
        await copyFile(`test/recordings/${name}.wav`, join(folder, `${name}.wav`));
      }
      await writeFile(join(folder, 'broken.wav'), 'no recording');
      await writeFile(join(folder, 'files.txt'), 'd0051.wav\nbroken.wav\nc0016.wav\nb0416.wav\n');
      const main = resolve('dist/src/present/main.js');
      await writeFile(
        join(folder, 'bin', 'lubdub'),
        `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`,
        {
          mode: 0o755,
        },
      );
      const env = {
        ...process.env,
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        XDG_CONFIG_HOME: '/nonexistent',
      };
      const start = ([program, ...words]: readonly string[], more: object = {}) =>
        run(program, words, { cwd: folder, env: { ...env, ...more }, maxBuffer: 1e8 });
      const whole = await start(['sh', '-c', 'lubdub classify --json --list files.txt || [ $? -eq 5 ]']);
      await work(start);
      const parts = (await readdir(join(folder, 'parts'))).sort().reverse();
      expect(parts).to.have.length(SHARDS);
      const words = parts.map((part) => `parts/${part}`).join(' ');
      const merged = await start(['sh', '-c', `lubdub merge --list files.txt ${words}; [ $? -eq 5 ]`]);
      expect(whole.stdout).to.include('"kind":"error"').and.include('"kind":"final"');
      expect(merged.stdout).to.equal(whole.stdout);
      return { folder, whole: whole.stdout, read: (name: string) => readFile(join(folder, name), 'utf8') };
    });

  it('a Kubernetes Job', async () => {
    const job = parse(await readFile(join(EXAMPLES, 'kubernetes-job.yaml'), 'utf8')) as Job;
    const [container] = job.spec.template.spec.containers;
    expect(job.kind).to.equal('Job');
    expect(job.spec.completionMode).to.equal('Indexed');
    expect(container.env).to.deep.equal([{ name: 'SHARDS', value: String(job.spec.completions) }]);
    expect(container.workingDir).to.equal(container.volumeMounts[0].mountPath);
    await compared(async (start) => {
      for (let index = 0; index < SHARDS; index++) {
        await start(container.command, { JOB_COMPLETION_INDEX: String(index), SHARDS: String(SHARDS) });
      }
    });
  });

  it('a Slurm array', async () => {
    const script = join(EXAMPLES, 'slurm-array.sh');
    expect(await readFile(script, 'utf8')).to.match(/^#SBATCH --array=1-\d+$/m);
    await compared(async (start) => {
      for (let task = 1; task <= SHARDS; task++) {
        await start(['sh', script], {
          SLURM_ARRAY_TASK_ID: String(task),
          SLURM_ARRAY_TASK_COUNT: String(SHARDS),
        });
      }
    });
  });

  it('GNU parallel', async function () {
    if (!/GNU/.test(spawnSync('parallel', ['--version'], { encoding: 'utf8' }).stdout ?? '')) {
      console.log('      skipped: needs GNU parallel (apt install parallel)');
      this.skip();
    }
    await compared(async (start) => {
      // Its own merge ends with 5, as one file cannot be read.
      await start(['sh', '-c', `sh "${join(EXAMPLES, 'gnu-parallel.sh')}"; [ $? -eq 5 ]`], {
        SHARDS: String(SHARDS),
        JOBS: '1',
      });
      const same = 'lubdub classify --json --list files.txt | cmp - results.ndjson';
      await start(['sh', '-c', same]);
    });
  });
});
