import { expect } from 'chai';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openModel } from '../../../src/classify/model.js';
import { ModelError } from '../../../src/errors.js';
import { readTrainedRecordings } from '../../../src/evaluate/trained-recordings.js';
import { evaluate } from '../../../src/present/commands/evaluate.js';
import { shardOf } from '../../../src/present/option-values.js';
import type { Output } from '../../../src/present/output.js';
import { defaultModelPath } from '../../../src/package-info.js';
import { FileScreeningPool } from '../../../src/screen/file-screening-pool.js';
import { readSignalQualityModel } from '../../../src/window/signal-quality-model.js';
import type { ProgramEvent } from '../../../src/present/program-events.js';

class Remembering implements Output {
  readonly events: ProgramEvent[] = [];
  readonly said: string[] = [];
  readonly logged: string[] = [];
  event(event: ProgramEvent): void {
    this.events.push(event);
  }
  say(line: string): void {
    this.said.push(line);
  }
  log(line: string): void {
    this.logged.push(line);
  }
}

describe('lubdub evaluate', function () {
  let folder: string;
  let audio: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-evaluate-command-'));
    audio = join(folder, 'audio');
    await mkdir(audio);
    for (const record of ['a0050', 'a0318']) {
      await copyFile(`test/recordings/${record}.wav`, join(audio, `${record}.wav`));
    }
    await copyFile('test/golden/flac/b0416.flac', join(audio, 'b0416.flac'));
    await writeFile(join(audio, 'd0007.wav'), 'no recording at all');
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  async function run(
    out: string,
    table: string,
    more: { prevalences?: number[]; shard?: string; shards?: string } = {},
  ) {
    const records = join(folder, 'records.csv');
    await writeFile(records, table);
    const output = new Remembering();
    const options = {
      model: defaultModelPath,
      runtime: 'auto' as const,
      records,
      audio,
      out: join(folder, out),
      threads: 1,
      replicates: 50,
    };
    const prevalence = more.prevalences === undefined ? {} : { prevalence: more.prevalences };
    const sharding = {
      ...(more.shard === undefined ? {} : { shard: shardOf(more.shard) }),
      ...(more.shards === undefined ? {} : { shards: join(folder, more.shards) }),
    };
    const exitCode = await evaluate({ ...options, ...prevalence, ...sharding, split: 'bundled' }, output);
    return { exitCode, output };
  }

  it('gives the verdicts of classify, from WAV and FLAC, and does the others when one cannot be read', async () => {
    const table = 'a0050,-1\na0318,1\nb0416,-1\nd0007,-1\n';
    const { exitCode, output } = await run('out', table);
    expect(exitCode).to.equal(5);

    const start = {
      model: await openModel(defaultModelPath),
      signalQuality: readSignalQualityModel(),
      stethoscope: null,
      used: null,
      runtime: 'auto' as const,
    };
    const pool = await FileScreeningPool.open(Promise.resolve(start), 1);
    const { events } = await pool.screen(join(audio, 'a0050.wav'));
    const expected = events.find((event) => event.kind === 'final')!;
    await pool.close();
    expect(output.events[0]).to.deep.equal(expected);
    expect(output.events.map(({ kind }) => kind)).to.deep.equal(['final', 'final', 'final', 'error']);

    const predictions = await readFile(join(folder, 'out', 'predictions.csv'), 'utf8');
    expect(predictions.trim().split('\n')).to.have.lengthOf(4);
    expect(predictions).to.include(`a0050,normal,${expected.verdict},${expected.probability},`);
    expect(await readFile(join(folder, 'out', 'answers.txt'), 'utf8')).to.match(
      /^a0050,-?\d\na0318,-?\d\nb0416,-?\d\nd0007,0\n$/,
    );
    expect(output.logged[0]).to.match(/4 recordings; ALL 4 RECORDINGS ARE TRAINING DATA/);
    expect(output.said[0]).to.match(/^!!! .*TRAINING DATA/);
    expect(output.said.join('\n')).to.match(/^could not be read: 1 recording;/m);

    const again = await run('out', table);
    expect(again.output.events.map(({ kind }) => kind)).to.deep.equal(['error']);
    expect(again.output.logged.join('\n')).to.match(/3 of them from an earlier run/);
  });

  it('gives the same files to the byte from shards, whose scores are made of all together', async () => {
    const table = 'a0318,1\nd0007,-1\nb0416,-1\na0050,-1\n';
    const one = await run('one-run', table);
    for (const shard of ['3/3', '1/3', '2/3']) {
      const { output, exitCode } = await run(join('shards', shard[0]), table, { shard });
      expect(exitCode).to.equal(shard === '2/3' ? 5 : 0);
      expect(output.said.join('\n'))
        .to.match(/scores need all shards/)
        .and.not.match(/MAcc/);
      await readFile(join(folder, 'shards', shard[0], 'metrics.json')).then(
        () => expect.fail('a shard has no scores'),
        () => {},
      );
    }
    const merged = await run('merged', table, { shards: 'shards' });
    expect(merged.exitCode).to.equal(one.exitCode).and.equal(5);
    expect(merged.output.logged.join('\n')).to.match(/3 of them from an earlier run/);
    const names = (await readdir(join(folder, 'one-run'))).sort();
    expect((await readdir(join(folder, 'merged'))).sort()).to.deep.equal(names);
    expect(names).to.include.members(['predictions.csv', 'windows.csv', 'metrics.json']);
    for (const name of names) {
      const [expected, got] = await Promise.all(
        ['one-run', 'merged'].map((out) => readFile(join(folder, out, name), 'utf8')),
      );
      expect(got, name).to.equal(expected);
    }
    const refused: unknown = await run('other', table, { shards: 'audio' }).catch((error: unknown) => error);
    expect((refused as Error).message).to.match(/--shards must name a folder/);
  });

  it('knows what it was trained on by samples: copies under other names, and none that only bears a name', async () => {
    await copyFile('test/recordings/b0344.wav', join(audio, 'ward-7.wav'));
    await copyFile('test/golden/flac/b0416.flac', join(audio, 'ward-8.flac'));
    // A namesake: other samples in a file that is called as a training recording.
    const bytes = await readFile('test/recordings/b0323.wav');
    bytes.writeInt16LE(bytes.readInt16LE(1000) ^ 1, 1000);
    await writeFile(join(audio, 'b0323.wav'), bytes);
    const { output } = await run('by-samples', 'ward-7,1\nward-8,0\nb0323,0\n');
    expect(output.logged[0]).to.match(/2 OF 3 RECORDINGS ARE TRAINING DATA/);
    expect(output.said.join('\n')).to.match(/such as ward-7, which is b0344; 1 bear the name/);
    const namesake = await run('namesake', 'b0323,0\n');
    expect(namesake.output.logged[0]).to.match(/trained on none of the 1 recordings/);
  });

  it('refuses a model whose list of training recordings is not the one that was released with it', async () => {
    const models = join(folder, 'models');
    await cp(dirname(defaultModelPath), models, { recursive: true });
    const model = {
      contractPath: join(models, 'heart-sound.json'),
      contract: (await openModel(defaultModelPath)).contract,
    };
    const list = join(models, 'heart-sound.trained-on.txt');
    const trained = await readTrainedRecordings(model);
    expect(trained?.size).to.be.greaterThan(2000);
    await truncate(list, 100);
    for (const message of [/must have the SHA-256/, /cannot be read/]) {
      const error: unknown = await readTrainedRecordings(model).catch((refused: unknown) => refused);
      expect(error).to.be.instanceOf(ModelError);
      expect((error as Error).message).to.match(message);
      await rm(list, { force: true });
    }
  });

  it('says what a call means at a prevalence that is asked for', async () => {
    const { output } = await run('prevalence', 'a0050,-1\na0318,1\nb0416,-1\n', { prevalences: [0.1] });
    expect(output.said.join('\n')).to.match(
      /^where 10 % are ill \(pooled\): \S+ of those called abnormal are ill, /m,
    );
    const metrics = JSON.parse(await readFile(join(folder, 'prevalence', 'metrics.json'), 'utf8')) as {
      predictiveValues: { scope: string; prevalence: number; threshold: number; split: string }[];
    };
    expect(metrics.predictiveValues[0]).to.include({ scope: 'pooled', prevalence: 0.1, split: 'bundled' });
  });

  it("stores windows' logits, which calibration makes probabilities of", async () => {
    const { calibration } = JSON.parse(await readFile(defaultModelPath, 'utf8')) as {
      calibration: { scale: number; offset: number };
    };
    const [, ...rows] = (await readFile(join(folder, 'out', 'windows.csv'), 'utf8')).trim().split('\n');
    expect(rows.length).to.be.greaterThan(40);
    for (const row of rows) {
      const [, , , , logit, probability] = row.split(',');
      const evidence = calibration.scale * Number(logit) + calibration.offset;
      expect(Number(probability)).to.be.closeTo(1 / (1 + Math.exp(-evidence)), 1e-12);
    }
  });
});
