import { expect } from 'chai';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StethoscopeProfile } from '../../src/verdict/stethoscope-profile.js';
import { PageClient } from '../support/page-client.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { finalOf, RunningLubdub, runLubdub } from '../support/run-lubdub.js';

/**
 * A stethoscope is fitted over the page's own wire, as the program itself serves it: simulated stethoscopes on real
 * pseudo-terminals, bundled recordings, the model that ships.
 */
describe('the fit of a stethoscope on the page', function () {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let live: RunningLubdub;
  let stethoscope: RunningLubdub | undefined;
  let client: PageClient;
  let nextId = 0;

  before(needPseudoTerminals);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-fit-'));
    environment = { XDG_CONFIG_HOME: join(folder, 'config') };
  });
  afterEach(async () => {
    client?.socket.terminate();
    live?.kill('SIGKILL');
    stethoscope?.kill('SIGKILL');
    await Promise.all([live?.finished, stethoscope?.finished]);
    await rm(folder, { recursive: true, force: true });
  });

  async function plugIn(recording: string): Promise<void> {
    stethoscope?.kill('SIGKILL');
    await stethoscope?.finished;
    await rm(join(folder, 'tty'), { force: true });
    const file = `test/recordings/${recording}.wav`;
    const link = join(folder, 'tty');
    stethoscope = new RunningLubdub(['simulate', file, '--loop', '--speed', 'max', '--link', link, '--json']);
    await stethoscope.until('device');
  }

  async function begin(...words: string[]): Promise<void> {
    live = new RunningLubdub(
      ['live', '--port', join(folder, 'tty'), '--wait', '--page-port', '0', ...words],
      environment,
    );
    const [, port] = await live.untilText(/live page: http:\/\/127\.0\.0\.1:(\d+)/);
    client = await PageClient.opened(Number(port));
  }

  const ask = async (command: object): Promise<string | null> => {
    const id = nextId++;
    client.send({ id, ...command });
    const reply = await client.reply(id);
    return reply.type === 'reply' ? reply.message : null;
  };
  const fit = () => client.view?.stethoscope?.fit ?? null;
  const heard = () => client.until(() => client.view?.status.preview === 'listening');
  async function record(recording: string): Promise<void> {
    await plugIn(recording);
    await heard();
    const before = fit()!.recordings.length;
    expect(await ask({ command: 'fit-record' })).to.equal(null);
    await client.until(() => fit()?.stage === 'ready' && fit()!.recordings.length > before);
  }
  const sessions = async () => (await readdir(join(folder, 'out'))).sort();
  const stored = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as StethoscopeProfile;
  const profilePath = () => join(folder, 'config', 'lubdub', 'stethoscopes', 'ward-3.json');

  it('makes the very profile that calibrate makes of the recordings that were kept, and uses it at once', async () => {
    await plugIn('a0050');
    await begin('--out', join(folder, 'out'));
    await client.until(() => client.view?.stethoscope?.proposedName === 'SIM-0001');
    expect(client.view!.stethoscope!.profile).to.equal(null);
    expect(await ask({ command: 'fit', name: 'ward-3', keep: true })).to.equal(null);

    await record('a0318');
    expect(fit()!.recordings[0]).to.have.all.keys('person', 'isUsable', 'usableSeconds', 'reasons');
    // A second spot of the same colleague.
    await record('a0050');
    expect(await ask({ command: 'fit-next' })).to.equal(null);
    await record('e00622');
    expect(fit()!.recordings.at(-1)).to.deep.include({ person: 2, isUsable: false });
    expect(await ask({ command: 'fit-next' })).to.match(/colleague 2 has no usable recording yet/);
    await record('c0001');
    expect(await ask({ command: 'fit-finish' })).to.match(/3 or more healthy people, got 2/);
    expect(await ask({ command: 'fit-next' })).to.equal(null);
    await record('e01341');
    expect(fit()!.persons).to.equal(3);
    const kept = await sessions();
    expect(kept).to.have.length(5);
    expect(await ask({ command: 'fit-finish' })).to.equal(null);

    const done = await client.until(() => fit()?.result ?? undefined);
    expect(done).to.deep.include({ name: 'ward-3', persons: 3, recordings: 4, leftOut: 1 });
    const written = await stored(profilePath());
    const out = join(folder, 'again.json');
    const folders = kept.map((name) => join(folder, 'out', name));
    const again = await runLubdub(['calibrate', ...folders, '--stethoscope', 'ward-3', '--out', out]);
    expect(again.exitCode, again.stderr).to.equal(0);
    expect({ ...written, createdAt: '' }).to.deep.equal({ ...(await stored(out)), createdAt: '' });
    expect(written.device).to.deep.equal({ serialNumber: 'SIM-0001', usbId: null });

    // Nothing of the colleagues went to whoever reads results.
    expect(client.view).to.deep.include({ final: null, verdict: null, windows: [], examination: null });
    await client.until(() => client.view?.device?.stethoscope?.name === 'ward-3');
    expect(await ask({ command: 'fit-cancel' })).to.equal(null);
    expect(await ask({ command: 'start', site: null, subject: 'S-1' })).to.equal(null);
    await client.until(() => (client.view?.windows.length ?? 0) > 5);
    expect(await ask({ command: 'stop' })).to.equal(null);
    const final = await client.until(() => client.view?.final ?? undefined);
    expect(final.stethoscope).to.deep.include({ name: 'ward-3', persons: 3 });
    const [judged] = (await sessions()).filter((name) => name.includes('S-1'));
    const verified = await runLubdub(['verify', join(folder, 'out', judged)]);
    expect(verified.exitCode, verified.stdout).to.equal(0);

    expect(await ask({ command: 'remove-profile', name: 'ward-3' })).to.equal(null);
    expect(await readdir(join(folder, 'config', 'lubdub', 'stethoscopes'))).to.deep.equal([]);
    await client.until(() => client.view?.device?.stethoscope === null);
  });

  it('leaves nothing behind where it is killed half-way, and nothing is kept that nobody asked for', async () => {
    await plugIn('a0318');
    await begin('--out', join(folder, 'out'));
    await heard();
    expect(await ask({ command: 'fit', name: 'ward-3', keep: false })).to.equal(null);
    await record('a0318');
    expect(await ask({ command: 'fit-next' })).to.equal(null);
    expect(await ask({ command: 'fit-record' })).to.equal(null);
    await client.until(() => fit()?.stage === 'recording');
    live.kill('SIGKILL');
    await live.finished;
    expect(await sessions()).to.deep.equal([]);
    expect(await readdir(join(folder, 'config')).catch(() => [])).to.deep.equal([]);
    await begin();
    await heard();
    expect(fit()).to.equal(null);
    expect(client.view!.stethoscope!.mayKeep).to.equal(false);
    expect(await ask({ command: 'fit', name: 'ward-3', keep: true })).to.match(/--out FOLDER/);
  });

  it('is not there where the stethoscope cannot be listened to again', async () => {
    live = new RunningLubdub(
      ['replay', 'test/recordings/e01341.wav', '--speed', 'max', '--wait', '--page-port', '0', '--json'],
      environment,
    );
    const [, port] = await live.untilText(/live page: http:\/\/127\.0\.0\.1:(\d+)/);
    client = await PageClient.opened(Number(port));
    await client.until(() => client.view);
    expect(client.view!.stethoscope).to.equal(null);
    expect(await ask({ command: 'fit', name: 'x', keep: false })).to.match(/no stethoscope can be fitted/);
    expect(await ask({ command: 'start', site: null, subject: null })).to.equal(null);
    expect(finalOf(await live.finished).stethoscope).to.equal(null);
  });
});
