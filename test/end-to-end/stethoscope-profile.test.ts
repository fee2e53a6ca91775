import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalOf, runLubdub, RunningLubdub } from '../support/run-lubdub.js';

const healthy = ['a0050', 'b0416', 'c0016', 'd0007'];
const ill = 'f0029';
const fileOf = (record: string) => `test/recordings/${record}.wav`;

describe('a stethoscope profile, from healthy people to a verdict', function () {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let table: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-profile-'));
    environment = { XDG_CONFIG_HOME: join(folder, 'config') };
    table = join(folder, 'subjects.csv');
    await writeFile(
      table,
      `file,subject\n${healthy.map((record) => `${record}.wav,P-${record}\n`).join('')}`,
    );
  });
  after(() => rm(folder, { recursive: true }));
  const run = (...words: string[]) => runLubdub([...words, '--json'], environment);
  const calibrate = (records: readonly string[], ...words: string[]) =>
    run('calibrate', ...records.map(fileOf), '--subjects', table, ...words);

  it('is fitted, listed and used by name and by file; classify and replay agree', async () => {
    const fitted = await calibrate(healthy, '--stethoscope', 'ward-3');
    expect(fitted.exitCode, fitted.stderr).to.equal(0);
    expect(fitted.events.at(-1)).to.deep.include({ kind: 'stethoscope', name: 'ward-3', persons: 4 });
    expect((await run('stethoscopes')).events).to.deep.equal([fitted.events.at(-1)]);

    const path = join(folder, 'config', 'lubdub', 'stethoscopes', 'ward-3.json');
    const [plain, byName, byFile, replayed] = await Promise.all([
      run('classify', fileOf(ill)),
      run('classify', fileOf(ill), '--stethoscope', 'ward-3'),
      run('classify', fileOf(ill), '--stethoscope', path),
      run('replay', fileOf(ill), '--speed', 'max', '--no-page', '--stethoscope', 'ward-3'),
    ]);
    expect(finalOf(plain).stethoscope).to.equal(null);
    expect(finalOf(byName).stethoscope).to.deep.include({ name: 'ward-3', persons: 4 });
    expect(finalOf(byFile)).to.deep.equal(finalOf(byName));
    expect(finalOf(replayed)).to.deep.equal(finalOf(byName));
    const { offset } = JSON.parse(await readFile(path, 'utf8')) as { offset: number };
    const logitOf = (probability: number | null) => Math.log(probability! / (1 - probability!));
    expect(logitOf(finalOf(byName).probability)).to.be.closeTo(
      logitOf(finalOf(plain).probability) + offset,
      1e-9,
    );
  });

  it('says in words which one was used, or what it means that there is none', async () => {
    const plain = await runLubdub(['classify', fileOf(ill)], environment);
    expect(plain.stdout).to.match(
      /Unknown stethoscope: on such, .* of healthy recordings were called abnormal; fit a profile/,
    );
    const used = await runLubdub(['classify', fileOf(ill), '--stethoscope', 'ward-3'], environment);
    expect(used.stdout).to.match(/Stethoscope profile ward-3, fitted on 4 healthy people/);
  });

  it('is refused for fewer than three people, and for a recording of nobody', async () => {
    const few = await calibrate(healthy.slice(0, 2), '--stethoscope', 'few');
    expect(few.exitCode).to.equal(2);
    expect(few.events.at(-1))
      .to.have.property('message')
      .that.matches(/3 or more healthy people, got 2.*record more/);
    const nobody = await run('calibrate', fileOf(ill), '--stethoscope', 'nobody');
    expect(nobody.exitCode).to.equal(2);
    expect(nobody.events.at(-1))
      .to.have.property('message')
      .that.matches(/whom it is of.*--subjects/);
    expect(await readdir(join(folder, 'config', 'lubdub', 'stethoscopes'))).to.deep.equal(['ward-3.json']);
  });

  it('is refused by another model, before anything is screened', async () => {
    const path = join(folder, 'other.json');
    await calibrate(healthy, '--stethoscope', 'other', '--out', path);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/[0-9a-f]{64}/, 'f'.repeat(64)));
    for (const words of [
      ['classify', fileOf(ill)],
      ['replay', fileOf(ill), '--no-page'],
    ]) {
      const refused = await run(...words, '--stethoscope', path);
      expect(refused.exitCode).to.equal(2);
      expect(refused.events.at(-1))
        .to.have.property('message')
        .that.matches(/lubdub calibrate/);
    }
  });

  it('evaluates with it, and does not mix the results with those without', async () => {
    const out = join(folder, 'evaluation');
    const evaluate = (...words: string[]) => {
      const records = ['--records', join(folder, 'records.csv'), '--audio', 'test/recordings'];
      return run('evaluate', ...records, '--out', out, '--replicates', '0', ...words);
    };
    await writeFile(join(folder, 'records.csv'), `record,label\n${ill},abnormal\na0050,normal\n`);
    const used = await evaluate('--stethoscope', 'ward-3');
    expect(used.exitCode, used.stderr).to.equal(0);
    expect(finalOf(used).stethoscope).to.have.property('name', 'ward-3');
    const metrics = JSON.parse(await readFile(join(out, 'metrics.json'), 'utf8')) as object;
    expect(metrics).to.have.nested.property('stethoscope.name', 'ward-3');
    const mixed = await evaluate();
    expect(mixed.exitCode).to.equal(2);
    expect(mixed.events.at(-1))
      .to.have.property('message')
      .that.matches(/stethoscopeSha256/);
  });

  it('is found by live for the device that made the sessions; the session verifies without it', async () => {
    const sessions = join(folder, 'sessions');
    await mkdir(sessions);
    for (const [i, record] of healthy.slice(0, 3).entries()) {
      const words = ['--speed', 'max', '--no-page', '--out', sessions, '--subject', `P${i}`];
      expect((await run('replay', fileOf(record), ...words)).exitCode).to.equal(0);
    }
    const folders = (await readdir(sessions)).map((name) => join(sessions, name));
    const fitted = await run('calibrate', ...folders, '--stethoscope', 'own');
    expect(fitted.exitCode, fitted.stderr).to.equal(0);
    expect(fitted.events.at(-1)).to.have.nested.property('device.serialNumber', 'SIM-0001');

    const simulator = new RunningLubdub(['simulate', fileOf(ill), '--speed', 'max', '--json'], environment);
    const { path } = await simulator.until('device');
    const kept = join(folder, 'kept');
    const live = await run('live', '--port', path, '--no-page', '--out', kept);
    simulator.kill('SIGTERM');
    await simulator.finished;
    expect(live.exitCode, live.stderr).to.equal(0);
    expect(finalOf(live).stethoscope).to.have.property('name', 'own');

    await rm(join(folder, 'config', 'lubdub', 'stethoscopes', 'own.json'));
    const [session] = await readdir(kept);
    const verified = await run('verify', join(kept, session));
    expect(verified.events.at(-1)).to.include({ kind: 'verification', outcome: 'same' });
  });
});
