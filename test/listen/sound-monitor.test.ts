import { expect } from 'chai';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../src/acquire/find-program.js';
import { openRecording } from '../../src/decode/file/recording-file.js';
import { ConfigurationError } from '../../src/errors.js';
import { SoundMonitor } from '../../src/listen/sound-monitor.js';
import { locate, thinned } from '../support/sound-likeness.js';
import { isAlive } from '../support/stand-in-sound-card.js';

const script = fileURLToPath(new URL('../../../test/support/stand-in-player.mjs', import.meta.url));
const RECORDING = 'test/recordings/a0050.wav';
const RATE_HZ = 2000;
const PIECE = 64;

describe('the sound monitor', function () {
  this.timeout(60_000);
  let folder: string;
  let recording: Float64Array;
  let lines: string[];

  before(async () => {
    const opened = await openRecording(RECORDING);
    const parts: number[] = [];
    for await (const { samples } of opened.chunks()) parts.push(...samples);
    await opened.close();
    recording = Float64Array.from(parts);
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lubdub-monitor-'));
    mkdirSync(join(folder, 'bin'));
    copyFileSync(script, join(folder, 'bin', 'aplay'));
    chmodSync(join(folder, 'bin', 'aplay'), 0o755);
    lines = [];
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const environment = (plan: string): NodeJS.ProcessEnv => ({
    ...process.env,
    PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
    PLAYER: plan,
    PLAYER_LOG: join(folder, 'log'),
    PLAYER_FILE: join(folder, 'played.raw'),
  });
  const monitor = (plan: string, gainDb = 0) =>
    new SoundMonitor(
      { device: 'default', filter: 'wide', gainDb, log: (line) => lines.push(line) },
      environment(plan),
    );

  /** As a stethoscope brings it, by the clock, until the condition holds. */
  async function feed(player: SoundMonitor, until: (seconds: number) => boolean): Promise<void> {
    const begun = performance.now();
    let sent = 0;
    while (!until(sent / RATE_HZ)) {
      const due = ((performance.now() - begun) / 1000) * RATE_HZ;
      for (; sent + PIECE <= due; sent += PIECE) {
        const from = sent % (recording.length - PIECE);
        const samples = recording.slice(from, from + PIECE);
        player.push({ sampleRateHz: RATE_HZ, value: { kind: 'samples', firstSample: sent, samples } });
      }
      if (sent / RATE_HZ > 40) throw new Error('it did not happen within 40 s');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  const playedSeconds = () => {
    const file = join(folder, 'played.raw');
    return existsSync(file) ? readFileSync(file).length / 4 / 48_000 : 0;
  };

  /** A second of what was played is the recording; which one, a busy machine decides. */
  function isRecording(bytes: Buffer): boolean {
    const samples = new Float64Array(Math.floor(bytes.length / 4));
    for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(4 * i) / 32768;
    const played = thinned(samples, 48_000 / RATE_HZ);
    for (let from = 0; from + RATE_HZ <= played.length; from += RATE_HZ / 2) {
      if (locate(played.subarray(from, from + RATE_HZ), recording.subarray(0, 20 * RATE_HZ)).likeness > 0.95)
        return true;
    }
    return false;
  }

  it('plays the recording through aplay, two channels of 16 bits at 48,000 Hz, on the device that is named', async () => {
    const player = monitor('play');
    await feed(player, () => playedSeconds() > 4);
    player.close();
    expect(readFileSync(join(folder, 'log'), 'utf8')).to.match(
      /-q -t raw -f S16_LE -c 2 -r 48000 -B 200000 -D default/,
    );
    expect(isRecording(readFileSync(join(folder, 'played.raw')))).to.equal(true);
    await ended();
  });

  it('drops what a stalled aplay does not take: counted, said once, and nothing waits', async () => {
    const player = monitor('stall');
    await feed(player, () => player.droppedSeconds > 1);
    const { droppedSeconds } = player;
    player.close();
    expect(lines.filter((line) => line.includes('does not take the sound fast enough'))).to.have.length(1);
    expect(lines.at(-1)).to.equal(
      `${droppedSeconds.toFixed(1)} s of sound were not played (the screening had them)`,
    );
    await ended();
  });

  it('says why aplay ended, once, and goes on without it', async () => {
    const player = monitor('die');
    await feed(player, () => lines.length > 0);
    player.push({ sampleRateHz: RATE_HZ, value: { kind: 'samples', firstSample: 1e6, samples: recording } });
    player.close();
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(
      /^no sound any more: aplay ended with status 1; .*Device or resource busy; screening goes on/,
    );
  });

  it('names the package where there is no aplay', () => {
    const options = { device: 'default', filter: 'wide', gainDb: 0, log: () => {} } as const;
    expect(() => new SoundMonitor(options, { PATH: join(folder, 'nothing') })).to.throw(
      ConfigurationError,
      /sudo apt install alsa-utils/,
    );
  });

  it('plays through the real aplay into ALSA’s file plug-in', async function () {
    if (process.platform !== 'linux' || findProgram('aplay') === undefined) this.skip();
    const configuration = join(folder, 'asound.conf');
    const file = join(folder, 'alsa.raw');
    writeFileSync(
      configuration,
      `pcm.kept { type file; slave.pcm "null"; file "${file}"; format raw }\nctl.kept { type hw; card 0 }\n`,
    );
    const player = new SoundMonitor(
      { device: 'kept', filter: 'wide', gainDb: 0, log: (line) => lines.push(line) },
      { ...process.env, ALSA_CONFIG_PATH: `/usr/share/alsa/alsa.conf:${configuration}` },
    );
    await feed(player, () => existsSync(file) && readFileSync(file).length > 4 * 48_000 * 4);
    player.close();
    expect(lines).to.deep.equal([]);
    expect(isRecording(readFileSync(file))).to.equal(true);
  });

  /** No player is left behind. */
  async function ended(): Promise<void> {
    const pid = Number(readFileSync(join(folder, 'log'), 'utf8').split(' ')[0]);
    for (let waited = 0; isAlive(pid); waited += 20) {
      if (waited > 10_000) throw new Error('the player was left behind');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
