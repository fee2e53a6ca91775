import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listSimulatedPorts, simulatedPortPath } from '../../src/acquire/simulated-ports.js';
import { LinkFolder } from '../../src/simulate/link-folder.js';
import { inFolder } from '../support/sessions.js';

/** A process number that is free now. */
const deadProcess = (): number => spawnSync('true').pid;

describe('what killed processes leave behind', () => {
  it('is tidied away by the next one, and nothing else is', () =>
    inFolder(async (parent) => {
      const old = new Date(Date.now() - 2 * 3_600_000);
      const dead = deadProcess();
      const leave = async (name: string, when: Date, more?: string) => {
        await mkdir(join(parent, name));
        await symlink('/dev/pts/99', join(parent, name, 'stethoscope'));
        if (more !== undefined) await writeFile(join(parent, name, more), '');
        await utimes(join(parent, name), when, when);
      };
      await leave(`lubdub-replay-${dead}-AbCdEf`, old);
      await leave(`lubdub-replay-${dead}-young`, new Date());
      await leave(`lubdub-replay-${dead}-others`, old, 'thesis.txt');
      await leave(`lubdub-replay-${process.pid}-living`, old);
      await symlink('/', join(parent, `lubdub-replay-${dead}-link`));
      const made = await LinkFolder.make(parent);
      const left = (await readdir(parent)).map((name) => name.replace(/^lubdub-replay-\d+-/, '')).sort();
      expect(left).to.include.members(['link', 'living', 'others', 'young']).and.not.include('AbCdEf');
      expect(left).to.have.length(5);
      expect(existsSync(join(parent, `lubdub-replay-${dead}-others`, 'thesis.txt'))).to.equal(true);
      await made.remove();
      expect((await readdir(parent)).length).to.equal(4);
    }));

  it('goes for links of simulators as well', () =>
    inFolder(async (runtime) => {
      const environment = { XDG_RUNTIME_DIR: runtime };
      simulatedPortPath(environment);
      const dead = join(runtime, 'lubdub', `simulator-${deadProcess()}`);
      await symlink('/dev/null', dead);
      expect(listSimulatedPorts(environment)).to.deep.equal([]);
      simulatedPortPath(environment);
      expect(await readdir(join(runtime, 'lubdub'))).to.deep.equal([]);
    }));
});
