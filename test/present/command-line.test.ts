import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ProgramEvent } from '../../src/present/program-events.js';
import { finalOf, runLubdub } from '../support/run-lubdub.js';

const good = 'test/recordings/b0416.wav';
const kinds = (events: readonly ProgramEvent[]) => new Set(events.map(({ kind }) => kind));

describe('the command line', function () {
  let directory: string;
  before(async () => (directory = await mkdtemp(join(tmpdir(), 'lubdub-cli-'))));
  after(() => rm(directory, { recursive: true }));

  describe('exit codes', () => {
    const wrongUses: [string, string[]][] = [
      ['no file', ['classify']],
      ['an unknown command', ['listen']],
      ['an unknown option', ['classify', '--fast', good]],
      ['a number that is none', ['classify', '--threads', 'many', good]],
      ['a speed of nothing', ['replay', good, '--speed', '0']],
      ['a plain wire without its rate', ['live', '--wire', 'ascii', '--port', '/dev/null', '--no-page']],
      ['a fault file with an unknown key', ['replay', good, '--faults', 'package.json', '--no-page']],
      ['a page for the network without a token', ['replay', good, '--host', '0.0.0.0']],
      ['a session folder without a name', ['replay', good, '--out', '', '--no-page']],
      ['a subject that could be a path', ['replay', good, '--out', '/tmp', '--subject', '../x', '--no-page']],
    ];
    for (const [what, words] of wrongUses) {
      it(`2 for ${what}`, async () => {
        const { exitCode, stderr, stdout } = await runLubdub(words);
        expect(exitCode, stdout + stderr).to.equal(2);
        expect(stderr).to.not.equal('');
      });
    }

    it('0 for help and version', async () => {
      for (const words of [['--help'], ['live', '--help'], ['--version']]) {
        const { exitCode, stdout } = await runLubdub(words);
        expect(exitCode).to.equal(0);
        expect(stdout).to.not.equal('');
      }
    });

    it('3 where there is no stethoscope at a port', async () => {
      const run = await runLubdub(['live', '--port', join(directory, 'none'), '--json', '--no-page']);
      expect(run.exitCode).to.equal(3);
      expect(run.events.at(-1)).to.include({ kind: 'error' });
    });

    it('4 for a model that is not the one of its contract', async () => {
      await copyFile('models/heart-sound.json', join(directory, 'heart-sound.json'));
      await writeFile(join(directory, 'heart-sound.tflite'), 'something else');
      const run = await runLubdub([
        'classify',
        '--json',
        '--model',
        join(directory, 'heart-sound.json'),
        good,
      ]);
      expect(run.exitCode).to.equal(4);
      expect(run.events[0]).to.include({ kind: 'error', code: 'LUBDUB_MODEL' });
      expect((run.events[0] as { message: string }).message).to.match(/sha256 must be/);
    });

    it('5 where a file cannot be read, and the others are still done, in the order given', async () => {
      const bad = join(directory, 'bad.wav');
      await writeFile(bad, 'RIFF, but not really');
      const run = await runLubdub(['classify', '--json', good, bad, join(directory, 'none.wav'), good]);
      expect(run.exitCode).to.equal(5);
      const results = run.events.filter((event) => event.kind === 'final' || event.kind === 'error');
      expect(results.map(({ kind, file }) => [kind, file])).to.deep.equal([
        ['final', good],
        ['error', bad],
        ['error', join(directory, 'none.wav')],
        ['final', good],
      ]);
      for (const event of results)
        if (event.kind === 'error') expect(event.code).to.equal('LUBDUB_RECORDING');
    });
  });

  describe('output', () => {
    it('is nothing but JSON with --json, with the fields that others rely on', async () => {
      const run = await runLubdub(['classify', '--json', good]);
      expect(run.exitCode).to.equal(0);
      expect([...kinds(run.events)]).to.include.members(['window', 'verdict', 'final']);
      expect(finalOf(run)).to.have.keys([
        'kind',
        'file',
        'verdict',
        'probability',
        'reasons',
        'durationSeconds',
        'usableSeconds',
        'windows',
        'lostSamples',
        'droppedWindows',
        'quality',
        'heartRateBpm',
        'sampleRateHz',
        'model',
        'lossyCodec',
        'rhythm',
        'stethoscope',
      ]);
      expect(run.events.find(({ kind }) => kind === 'window')).to.include.keys([
        'index',
        'startSeconds',
        'endSeconds',
        'probability',
        'quality',
        'usable',
      ]);
    });

    it('says to people what a verdict is worth', async () => {
      const { stdout, exitCode } = await runLubdub(['classify', good]);
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/b0416\.wav: (NORMAL|ABNORMAL|INCONCLUSIVE)/);
      expect(stdout).to.match(/not a diagnosis/);
    });

    it('screens a file that was cut short for what it holds, and says so', async () => {
      const bytes = await readFile(good);
      const cut = join(directory, 'cut.wav');
      await writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * 0.8)));
      const run = await runLubdub(['classify', '--json', cut]);
      expect(run.exitCode).to.equal(0);
      expect(kinds(run.events)).to.include('notice');
      expect(finalOf(run).durationSeconds).to.be.within(6, 7);
    });
  });

  describe('settings', () => {
    it('a flag outweighs the environment, the environment the file', async () => {
      const config = join(directory, 'config.json');
      await writeFile(config, JSON.stringify({ model: join(directory, 'of-the-file.json') }));
      const complaint = async (words: string[], environment: NodeJS.ProcessEnv) => {
        const run = await runLubdub(['--config', config, 'classify', '--json', good, ...words], environment);
        expect(run.exitCode).to.equal(4);
        return (run.events[0] as { message: string }).message;
      };
      expect(await complaint([], {})).to.include('of-the-file.json');
      expect(await complaint([], { LUBDUB_MODEL: '/of-the-environment.json' })).to.include(
        '/of-the-environment',
      );
      expect(
        await complaint(['--model', '/of-the-flag.json'], { LUBDUB_MODEL: '/of-the-environment.json' }),
      ).to.include('/of-the-flag.json');
    });

    it('come from environment and file together, switches and their opposites too', async () => {
      const config = join(directory, 'no-page.json');
      await writeFile(config, JSON.stringify({ 'no-page': true, speed: 'max' }));
      const run = await runLubdub(['replay', good], {
        LUBDUB_CONFIG: config,
        LUBDUB_SECONDS: '4',
        LUBDUB_JSON: 'yes',
      });
      expect(run.exitCode, run.stderr).to.equal(0);
      expect(finalOf(run).durationSeconds).to.equal(4);
      expect(run.stderr).to.not.match(/live page/);
    });

    it('that are wrong are wrong use, said as the output was asked for', async () => {
      for (const [words, environment] of [
        [['ports', '--json'], { LUBDUB_JSON: 'perhaps', LUBDUB_CONFIG: '/nonexistent' }],
        [['replay', good], { LUBDUB_JSON: '1', LUBDUB_NO_PAGE: 'perhaps' }],
        [['evaluate'], { LUBDUB_JSON: '1' }],
      ] as const) {
        const run = await runLubdub(words, environment);
        expect(run.exitCode, words[0]).to.equal(2);
        expect(run.events, words[0]).to.have.length(1);
        expect(run.events[0]).to.include({ kind: 'error', code: 'LUBDUB_CONFIGURATION' });
      }
    });

    it('says what is wrong with a configuration file', async () => {
      const config = join(directory, 'broken.json');
      for (const [content, message] of [
        ['{', /must be JSON/],
        ['[]', /one JSON object/],
        ['{"threads": true}', /--threads in .* must be a text or a number, got true/],
        ['{"threads": 0}', /integer in 1\.\.64/],
      ] as const) {
        await writeFile(config, content);
        const { exitCode, stderr } = await runLubdub(['--config', config, 'classify', good]);
        expect(exitCode, content).to.equal(2);
        expect(stderr).to.match(message);
      }
    });
  });
});
