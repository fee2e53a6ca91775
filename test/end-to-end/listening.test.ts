import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ProgramEvent } from '../../src/present/program-events.js';
import { PageClient } from '../support/page-client.js';
import { RunningLubdub, runLubdub } from '../support/run-lubdub.js';

const player = fileURLToPath(new URL('../../../test/support/stand-in-player.mjs', import.meta.url));
const wav = 'test/recordings/b0416.wav';

/** All that is judged; how the device and its line were is another matter. */
const judged = (events: readonly ProgramEvent[]) =>
  events.filter(({ kind }) => ['window', 'gap', 'verdict', 'final'].includes(kind));

describe('listening while it screens', function () {
  this.timeout(120_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lubdub-listening-'));
    mkdirSync(join(folder, 'bin'));
    copyFileSync(player, join(folder, 'bin', 'aplay'));
    chmodSync(join(folder, 'bin', 'aplay'), 0o755);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const environment = (plan: string) => ({
    PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
    PLAYER: plan,
    PLAYER_LOG: join(folder, 'log'),
    PLAYER_FILE: join(folder, 'played.raw'),
  });

  it('changes nothing of what is judged: a page that takes no sound, and an aplay that stalls', async () => {
    const plain = await runLubdub(['replay', wav, '--speed', 'max', '--json', '--no-page']);
    const heard = new RunningLubdub(
      ['replay', wav, '--json', '--page-port', '0', '--monitor'],
      environment('stall'),
    );
    const [, port] = await heard.untilText(/live page: http:\/\/127\.0\.0\.1:(\d+)\//);
    const page = await PageClient.opened(Number(port));
    page.send({ id: 1, command: 'listen', isOn: true, receivedSamples: 0 });
    await page.until(() => page.sounds.length > 0);
    // It says that it listens, and reads nothing more.
    page.send({ id: 2, command: 'listen', isOn: true, receivedSamples: 1 });
    await page.reply(2);
    page.socket.pause();
    const { events, exitCode, stderr } = await heard.finished;
    page.socket.terminate();
    expect(exitCode).to.equal(0);
    expect(judged(events)).to.deep.equal(judged(plain.events));
    expect(events.at(-1)).to.include({ kind: 'final', lostSamples: 0, droppedWindows: 0 });
    expect(stderr.match(/aplay does not take the sound fast enough/g)).to.have.length(1);
    expect(stderr).to.match(/\d\.\d s of sound were not played \(the screening had them\)/);
  });

  it('plays on the device that --monitor names, through the filter that is chosen', async () => {
    const { exitCode, stderr } = await runLubdub(
      [
        ...['replay', wav, '--json', '--no-page', '--seconds', '4'],
        ...['--monitor', 'plughw:1', '--monitor-filter', 'bell', '--monitor-volume', '12'],
      ],
      environment('play'),
    );
    expect(exitCode, stderr).to.equal(0);
    expect(readFileSync(join(folder, 'log'), 'utf8')).to.match(/ -D plughw:1\n$/);
    const played = readFileSync(join(folder, 'played.raw'));
    expect(played.length / 4 / 48_000).to.be.above(1);
    expect(played.some((byte) => byte !== 0)).to.equal(true);
  });

  it('refuses --monitor where there is no aplay, and says what to install', async () => {
    const { exitCode, events } = await runLubdub(['replay', wav, '--json', '--no-page', '--monitor'], {
      PATH: join(folder, 'nothing'),
    });
    expect(exitCode).to.equal(2);
    expect(events.at(-1)).to.include({ kind: 'error', code: 'LUBDUB_CONFIGURATION' });
    expect(JSON.stringify(events.at(-1))).to.include('sudo apt install alsa-utils');
  });

  it('refuses a volume and a filter that there are not', async () => {
    for (const words of [
      ['--monitor-volume', '31'],
      ['--monitor-filter', 'cone'],
    ]) {
      const { exitCode } = await runLubdub(['replay', wav, '--no-page', '--monitor', ...words]);
      expect(exitCode).to.equal(2);
    }
  });
});
