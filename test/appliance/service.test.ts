import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync, existsSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { expect } from 'chai';
import fc from 'fast-check';
import { isServiceInstalled, runningOf, serviceChecks } from '../../src/appliance/check-service.js';
import { installService, uninstallService } from '../../src/appliance/install-service.js';
import { programOf, serviceUnit } from '../../src/appliance/units.js';
import { inFolder } from '../support/sessions.js';

const UNIT = 'etc/systemd/system/lubdub.service';
const said: string[] = [];
const say = (line: string): void => void said.push(line);

function needs(test: Context, program: string): void {
  if (spawnSync(program, ['--version']).status === 0) return;
  if (process.env.LUBDUB_REQUIRE_ALL !== undefined) throw new Error(`needs ${program}: apt install systemd`);
  console.log(`      SKIPPED: needs ${program} (apt install systemd)`);
  test.skip();
}

/** What `systemd-sysusers` and `systemd-tmpfiles` do with the files that were written. */
function makeUsersAndFolders(root: string): void {
  for (const [program, ...words] of [
    ['systemd-sysusers', `--root=${root}`],
    ['systemd-tmpfiles', `--root=${root}`, '--create', 'lubdub.conf'],
  ]) {
    const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
    expect(status, stderr).to.equal(0);
  }
}

async function findings(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, run } of serviceChecks(root)) {
    try {
      await run();
      found[name] = 'ok';
    } catch (error) {
      found[name] = (error as Error).message;
    }
  }
  return found;
}

describe('lubdub service', function () {
  beforeEach(() => said.splice(0));

  it('writes units that systemd takes without a word', async function () {
    needs(this, 'systemd-analyze');
    await inFolder((root) => {
      installService({ root, say });
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(root, UNIT)], {
        encoding: 'utf8',
      });
      expect(stderr).to.equal('');
      expect(status).to.equal(0);
      return Promise.resolve();
    });
  });

  it('exposes little, by systemd’s own reckoning', async function () {
    needs(this, 'systemd-analyze');
    await inFolder((root) => {
      installService({ root, say });
      const words = ['security', '--offline=true', '--threshold=20', '--no-pager', join(root, UNIT)];
      const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
      expect(status, `${stdout}${stderr}`).to.equal(0);
      return Promise.resolve();
    });
  });

  it('has its user, groups and folders, and says what is wrong with them', async function () {
    needs(this, 'systemd-sysusers');
    if (process.getuid?.() !== 0) {
      console.log('      SKIPPED: needs root, to make folders of another user');
      this.skip();
    }
    await inFolder(async (root) => {
      installService({ root, kiosk: true, say });
      makeUsersAndFolders(root);
      expect(new Set(Object.values(await findings(root)))).to.deep.equal(new Set(['ok']));

      const sessions = join(root, 'var/lib/lubdub/sessions');
      chmodSync(sessions, 0o755);
      writeFileSync(join(root, UNIT), readFileSync(join(root, UNIT), 'utf8').replace('PrivateTmp=yes', ''));
      writeFileSync(
        join(root, 'etc/group'),
        readFileSync(join(root, 'etc/group'), 'utf8').replace(/^(audio:.*:).*$/m, '$1'),
      );
      writeFileSync(join(root, 'etc/udev/rules.d/60-lubdub-stethoscope.rules'), '# mine\n');
      const found = await findings(root);
      expect(found['service: unit']).to.include('sudo lubdub service install');
      expect(found['service: user']).to.include('usermod -a -G audio lubdub');
      expect(found['service: recordings']).to.include('chmod o-rwx');
      expect(found['service: udev rule']).to.include('not the one of this version');
      installService({ root, kiosk: true, say });
      makeUsersAndFolders(root);
      expect(new Set(Object.values(await findings(root)))).to.deep.equal(new Set(['ok']));
    });
  });

  it('keeps recordings, profiles and settings over an update and an uninstallation', () =>
    inFolder((root) => {
      installService({ root, kiosk: true, say });
      const persons = {
        'etc/lubdub/config.json': '{"wait": true, "page-port": 5000}\n',
        'etc/lubdub/stethoscopes/ward-3.json': '{"a": "profile"}\n',
        'etc/lubdub/environment': 'LUBDUB_TOKEN=secret\n',
        'var/lib/lubdub/sessions/2026-11-26T10-00-00Z/final.json': '{}\n',
        'var/lib/lubdub/outbox/ward-3.sqlite': 'waits',
        'etc/systemd/system/lubdub.service.d/override.conf': '[Service]\nMemoryMax=1G\n',
      };
      for (const [path, text] of Object.entries(persons)) {
        mkdirSync(join(root, path, '..'), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      const areKept = () => {
        for (const [path, text] of Object.entries(persons)) {
          expect(readFileSync(join(root, path), 'utf8'), path).to.equal(text);
        }
      };
      // What an older version left.
      writeFileSync(join(root, UNIT), '[Service]\nExecStart=/old\n');
      installService({ root, kiosk: true, say });
      areKept();
      expect(readFileSync(join(root, UNIT), 'utf8')).to.include('ProtectSystem=strict');
      // A profile that is fitted on the page is written there.
      expect(readFileSync(join(root, UNIT), 'utf8')).to.include('ReadWritePaths=-/etc/lubdub/stethoscopes\n');
      expect(readFileSync(join(root, 'etc/tmpfiles.d/lubdub.conf'), 'utf8')).to.include(
        'd /etc/lubdub/stethoscopes 0750 lubdub lubdub -\n',
      );
      uninstallService({ root, say });
      areKept();
      expect(isServiceInstalled(root)).to.equal(false);
      for (const path of ['etc/udev/rules.d', 'etc/sysusers.d', 'etc/tmpfiles.d']) {
        const { stdout } = spawnSync('find', [join(root, path), '-type', 'f'], { encoding: 'utf8' });
        expect(stdout).to.equal('');
      }
      return Promise.resolve();
    }));

  it('changes nothing in a dry run, and shows all of it', () =>
    inFolder((root) => {
      installService({ root, kiosk: true, dryRun: true, say });
      expect(existsSync(join(root, 'etc'))).to.equal(false);
      const all = said.join('\n');
      for (const part of [
        'NoNewPrivileges=yes',
        'WatchdogSec=30',
        'm lubdub dialout',
        '--kiosk',
        'systemctl enable',
      ]) {
        expect(all).to.include(part);
      }
      return Promise.resolve();
    }));

  it('writes files that others can read and nobody else can write', () =>
    inFolder((root) => {
      installService({ root, say });
      expect(statSync(join(root, UNIT)).mode & 0o777).to.equal(0o644);
      return Promise.resolve();
    }));

  it('is not begun again where its settings are wrong, and says why it stopped', () => {
    const unit = serviceUnit({ node: '/node', main: '/main.js' }, false);
    expect(unit).to.include('Restart=always\nRestartPreventExitStatus=2\n');
    expect(unit).to.not.include('RestartSteps');
    const shown = (state: string, status: number, restarts = 0, text = '') =>
      `ActiveState=${state}\nSubState=${state}\nNRestarts=${restarts}\nExecMainCode=1\nExecMainStatus=${status}\nStatusText=${text}\n`;
    expect(runningOf(shown('active', 0))).to.equal('active');
    expect(runningOf(shown('active', 0, 3))).to.equal('active, begun anew 3 times');
    const reason = 'the page-port must be a number, got "x=1"';
    expect(() => runningOf(shown('failed', 2, 0, reason))).to.throw(
      `settings are wrong: ${reason}; mend /etc`,
    );
    expect(() => runningOf(shown('activating', 70, 5))).to.throw(
      'is activating, activating, begun anew 5 times;',
    );
    expect(() => runningOf('')).to.throw('not known');
  });

  it('lets the pause between two starts grow where systemd can', () => {
    const program = { node: '/node', main: '/main.js' };
    expect(serviceUnit(program, true)).to.match(/RestartSteps=\d+\nRestartMaxDelaySec=\d+\n/);
    expect(programOf(serviceUnit(program, true))).to.deep.equal(program);
  });

  it('finds in a unit what it runs, whatever its path', () => {
    const path = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((text) => !/["\n]/.test(text));
    fc.assert(
      fc.property(path, path, (node, main) => {
        const program = programOf(serviceUnit({ node: `/${node}`, main: `/${main}` }, true));
        return program?.node === `/${node}` && program.main === `/${main}`;
      }),
    );
  });
});
