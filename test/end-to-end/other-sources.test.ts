import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { decodeWav } from '../../src/decode/file/wav-file.js';
import { verifySession } from '../../src/record/verify-session.js';
import { Screener } from '../../src/screen/screener.js';
import { until } from '../support/until.js';
import { finalOf, runLubdub, RunningLubdub, type Finished } from '../support/run-lubdub.js';
import { isAlive, StandInSoundCard } from '../support/stand-in-sound-card.js';

const FILE = 'test/recordings/e00089.wav';
const quote = (text: string): string => `'${text}'`;

const windowsOf = ({ events }: Finished) => events.filter(({ kind }) => kind === 'window');

describe('commands, pipes and sound cards', function () {
  let folder: string;
  let classified: Finished;
  const { samples, sampleRateHz } = decodeWav(readFileSync(FILE));
  const integers = Int16Array.from(samples, (sample) => sample * 32768);
  const rate = String(sampleRateHz);
  /** Writes the file in pieces of random length, as fast as it goes. */
  const inPieces = (file: string, seed: number) =>
    `${quote(process.execPath)} -e ` +
    quote(
      `const b=require("fs").readFileSync("${file}");let s=${seed},at=0;const go=()=>{while(at<b.length){` +
        's=(s*16807)%2147483647;const end=at+1+s%9000;const more=process.stdout.write(b.subarray(at,end));at=end;' +
        'if(!more)return process.stdout.once("drain",go)}};go()',
    );

  before(async function () {
    if (process.platform === 'win32') this.skip();
    folder = mkdtempSync(join(tmpdir(), 'lubdub-sources-'));
    writeFileSync(join(folder, 's16le'), Buffer.from(integers.buffer));
    writeFileSync(join(folder, 'f32le'), Buffer.from(Float32Array.from(samples).buffer));
    writeFileSync(
      join(folder, 's32le'),
      Buffer.from(Int32Array.from(integers, (value) => value * 65536).buffer),
    );
    const three = Buffer.alloc(3 * integers.length);
    integers.forEach((value, i) => three.writeIntLE(value * 256, 3 * i, 3));
    writeFileSync(join(folder, 's24le'), three);
    const stereo = new Int16Array(2 * integers.length);
    integers.forEach((value, i) => (stereo[2 * i + 1] = value));
    writeFileSync(join(folder, 'stereo'), Buffer.from(stereo.buffer));
    classified = await runLubdub(['classify', '--json', FILE]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function expectSame(run: Finished): void {
    expect(run.exitCode, run.stderr).to.equal(0);
    expect(windowsOf(run)).to.deep.equal(windowsOf(classified)).and.have.length.above(10);
    expect({ ...finalOf(run), file: FILE }).to.deep.equal(finalOf(classified));
  }

  for (const format of ['s16le', 's24le', 's32le', 'f32le']) {
    it(`give the windows of the file through a command that writes ${format} in pieces`, async () => {
      const words = ['live', '--json', '--no-page', '--rate', rate, '--format', format];
      expectSame(await runLubdub([...words, '--from-command', inPieces(join(folder, format), 7)]));
    });
  }

  it('give them through a pipe into stdin, and of a file as stdin', () => {
    const words = ['live', '-', '--json', '--no-page', '--rate', rate, '--format', 's16le'];
    const main = join('dist', 'src', 'present', 'main.js');
    const shell = (line: string): Finished => {
      const stdout = execFileSync('/bin/sh', ['-c', line], {
        encoding: 'utf8',
        env: { ...process.env, XDG_CONFIG_HOME: '/nonexistent' },
      });
      const events = stdout
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as ScreeningEvent);
      return { exitCode: 0, stdout, stderr: '', events };
    };
    const lubdub = `${quote(process.execPath)} ${main} ${words.join(' ')}`;
    expectSame(shell(`${inPieces(join(folder, 's16le'), 3)} | ${lubdub}`));
    expectSame(shell(`${lubdub} < ${quote(join(folder, 's16le'))}`));
  });

  it('take the channel that is not dead, and say so', async () => {
    const run = await runLubdub([
      ...['live', '--json', '--no-page', '--rate', rate, '--format', 's16le', '--channels', '2'],
      ...['--from-command', `cat ${quote(join(folder, 'stereo'))}`],
    ]);
    expectSame(run);
    const notices = run.events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
    expect(notices.join()).to.match(/2 channels: channel 2 is screened because channel 1 is flat/);
  });

  it('give the session that is the recording, which verifies', async () => {
    const out = join(folder, 'sessions');
    const run = await runLubdub([
      ...['live', '--json', '--no-page', '--rate', rate, '--format', 's16le', '--out', out],
      ...['--from-command', `cat ${quote(join(folder, 's16le'))}`],
    ]);
    expectSame(run);
    const begun = run.events.find((event) => event.kind === 'recording' && event.state === 'begun');
    const directory = begun?.kind === 'recording' ? begun.directory! : '';
    const screener = await Screener.open('models/heart-sound.json', 1);
    try {
      expect((await verifySession(directory, screener)).outcome).to.equal('same');
    } finally {
      await screener.close();
    }
    // Whatever a command holds is nobody's business.
    expect(readFileSync(join(directory, 'session.json'), 'utf8'))
      .not.to.include('s16le"\'')
      .and.not.to.include(folder);
  });

  it('say what is wrong with a command, in its own words', async () => {
    const words = ['live', '--json', '--no-page', '--rate', rate, '--format', 's16le', '--from-command'];
    const missing = await runLubdub([...words, 'lubdub-no-such-program']);
    expect(missing.exitCode).to.equal(3);
    expect(missing.stdout).to.match(/ended with status 127; its last words: .*not found/);
    const failing = await runLubdub([...words, 'echo out of memory >&2; exit 4']);
    expect(failing.stdout).to.match(/ended with status 4; its last words: out of memory/);
    const empty = await runLubdub([...words, ' ']);
    expect(empty.exitCode).to.equal(2);
  });

  for (const [what, words] of [
    ['a command without its rate', ['live', '--from-command', 'cat', '--format', 's16le']],
    ['a pipe without its format', ['live', '-', '--rate', '2000']],
    ['two sources', ['live', '-', '--sound-card', 'auto']],
    ['a file', ['live', FILE]],
    ['a channel that is not there', ['live', '-', '--rate', '2000', '--format', 's16le', '--channel', '2']],
  ] as const) {
    it(`refuse ${what}`, async () => {
      const run = await runLubdub([...words, '--no-page', '--json']);
      expect(run.exitCode, run.stdout).to.equal(2);
      expect(run.stdout).to.include('LUBDUB_CONFIGURATION');
    });
  }

  it('refuse a rate that is not the source’s, without a verdict or a session, and name the one that fits', async () => {
    const long = Int16Array.from({ length: 20 * sampleRateHz }, (_, i) => integers[i % integers.length]);
    const card = new StandInSoundCard(long, 'play');
    const out = join(folder, 'wrong-rate');
    try {
      // The stand-in plays by the clock at the rate that it is told: half of it is said here.
      const play = `arecord -D x -t raw -f S16_LE -c 1 -r ${sampleRateHz}`;
      const run = await runLubdub(
        [
          ...['live', '--json', '--no-page', '--rate', String(sampleRateHz / 2), '--format', 's16le'],
          ...['--from-command', play, '--out', out],
        ],
        card.environment,
      );
      expect(run.exitCode).to.equal(2);
      expect(run.events.map(({ kind }) => kind)).to.deep.equal(['error']);
      expect(run.stdout).to.include(`say --rate ${sampleRateHz},`);
      expect(await runLubdub(['sessions', '--json', out])).to.have.property('stdout', '');
    } finally {
      card.remove();
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`end with a result at ${signal}, and leave no process behind`, async () => {
      const card = new StandInSoundCard(
        Int16Array.from({ length: 60 * sampleRateHz }, (_, i) => integers[i % integers.length]),
        'play',
      );
      try {
        const lubdub = new RunningLubdub(
          [
            ...['live', '--json', '--no-page', '--rate', rate, '--format', 's16le', '--from-command'],
            // A shell with a child of its own: both have to go.
            `arecord -D x -t raw -f S16_LE -c 1 -r ${sampleRateHz}; echo`,
          ],
          card.environment,
        );
        await lubdub.until('window');
        lubdub.kill(signal);
        const run = await lubdub.finished;
        expect(run.exitCode, run.stderr).to.equal(0);
        expect(finalOf(run).lostSamples).to.equal(0);
        await until(() => card.pids.every((pid) => !isAlive(pid)), 'the end of the command');
      } finally {
        card.remove();
      }
    });
  }

  it('leave no process behind where lubdub itself is killed', async () => {
    const card = new StandInSoundCard(
      Int16Array.from({ length: 60 * sampleRateHz }, (_, i) => integers[i % integers.length]),
      'play',
    );
    try {
      const lubdub = new RunningLubdub(
        [
          ...['live', '--json', '--no-page', '--rate', rate, '--format', 's16le', '--from-command'],
          `arecord -D x -t raw -f S16_LE -c 1 -r ${sampleRateHz}`,
        ],
        card.environment,
      );
      await lubdub.until('device');
      lubdub.kill('SIGKILL');
      await lubdub.finished;
      await until(() => card.pids.every((pid) => !isAlive(pid)), 'the end of the command');
    } finally {
      card.remove();
    }
  });

  it('give the windows of the file through ALSA itself and arecord', async function () {
    try {
      execFileSync('arecord', ['--version'], { stdio: 'ignore' });
    } catch {
      if (process.env.LUBDUB_REQUIRE_ALL !== undefined)
        throw new Error('arecord must be there: apt install alsa-utils');
      console.log('      SKIPPED: there is no arecord (Debian: alsa-utils)');
      return this.skip();
    }
    const configuration = join(folder, 'asound.conf');
    // ALSA's own file device: what is recorded comes from a file, as fast as it is asked for, and then begins anew.
    writeFileSync(
      configuration,
      `pcm.lubdubfile { type file slave.pcm "null" file "/dev/null" infile "${join(folder, 's16le')}" format "raw" }\n`,
    );
    const seconds = String(Math.floor(integers.length / sampleRateHz));
    const run = await runLubdub(
      [
        'live',
        '--json',
        '--no-page',
        '--sound-card',
        'lubdubfile',
        '--rate',
        rate,
        '--unpaced',
        '--seconds',
        seconds,
      ],
      { ALSA_CONFIG_PATH: `/usr/share/alsa/alsa.conf:${configuration}` },
    );
    expect(run.exitCode, run.stderr + run.stdout).to.equal(0);
    const whole = Number(seconds);
    const wanted = windowsOf(classified).filter(
      (event) => event.kind === 'window' && event.endSeconds <= whole,
    );
    expect(windowsOf(run)).to.deep.equal(wanted).and.have.length.above(10);
  });
});
