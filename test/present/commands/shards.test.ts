import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { defaultModelPath } from '../../../src/package-info.js';
import { classify } from '../../../src/present/commands/classify.js';
import { shardOf } from '../../../src/present/option-values.js';
import { inShard, readFileList } from '../../../src/present/shards.js';
import { runLubdub } from '../../support/run-lubdub.js';

const silent = { event: () => {}, say: () => {}, log: () => {} };

const errorOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => expect.fail('must fail'),
    (error: unknown) => (error as Error).message,
  );

describe('shards of a list', function () {
  let folder: string;
  let list: string;
  let whole: string;
  let files: string[];
  const at = (name: string) => join(folder, name);

  const screen = (results: string, shard?: string) =>
    classify(
      [],
      {
        model: defaultModelPath,
        runtime: 'auto',
        list,
        threads: 1,
        results: at(results),
        ...(shard === undefined ? {} : { shard: shardOf(shard) }),
      },
      silent,
    );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-shards-'));
    for (const name of ['c0016', 'b0416']) await copyFile(`test/recordings/${name}.wav`, at(`${name}.wav`));
    await writeFile(at('broken.wav'), 'no recording');
    files = ['c0016', 'broken', 'b0416'].map((name) => at(`${name}.wav`));
    list = at('files.txt');
    await writeFile(list, `${files.join('\r\n')}\n\n`);
    expect(await screen('whole.ndjson')).to.equal(5);
    whole = await readFile(at('whole.ndjson'), 'utf8');
  });
  after(() => rm(folder, { recursive: true }));

  it('are each item once, for any list and any N', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 50 }), (items, of) => {
        const shards = Array.from({ length: of }, (_, i) => inShard(items, shardOf(`${i + 1}/${of}`)));
        const merged = items.map((_, position) => shards[position % of][Math.floor(position / of)]);
        expect(merged).to.deep.equal(items);
        expect(shards.reduce((sum, { length }) => sum + length, 0)).to.equal(items.length);
      }),
    );
    for (const text of ['0/3', '4/3', '1', '1/0', '-1/3', '1/3x', '1/1000001']) {
      expect(() => shardOf(text), text).to.throw(/I\/N/);
    }
  });

  it('give what --json says without them', async () => {
    const { stdout, exitCode } = await runLubdub(['classify', '--json', '--list', list, '--threads', '1']);
    expect(exitCode).to.equal(5);
    expect(stdout).to.equal(whole);
  });

  for (const of of [2, 5]) {
    it(`merge to the same bytes and the same exit code, N = ${of}`, async () => {
      const parts: string[] = [];
      for (let shard = 1; shard <= of; shard++) {
        await screen(`${of}-${shard}.ndjson`, `${shard}/${of}`);
        parts.unshift(at(`${of}-${shard}.ndjson`));
      }
      // One of them twice: nothing changes.
      const { stdout, exitCode } = await runLubdub(['merge', '--list', list, ...parts, parts[0]]);
      expect(stdout).to.equal(whole);
      expect(exitCode).to.equal(5);
    });
  }

  it('go on where a killed run was, wherever it was cut', async () => {
    const bytes = Buffer.byteLength(whole);
    const firstLine = whole.indexOf('\n') + 1;
    for (const cut of [1, firstLine, Math.floor(bytes / 2), bytes - 1, bytes]) {
      await writeFile(at('cut.ndjson'), whole);
      await truncate(at('cut.ndjson'), cut);
      expect(await screen('cut.ndjson'), `cut at ${cut}`).to.equal(5);
      expect(await readFile(at('cut.ndjson'), 'utf8'), `cut at ${cut}`).to.equal(whole);
    }
  });

  it('do not mix with results of another list, shard or model, or with what is none', async () => {
    await writeFile(at('other.ndjson'), whole);
    expect(await errorOf(screen('other.ndjson', '2/3'))).to.match(/another list or shard/);
    expect(await readFile(at('other.ndjson'), 'utf8')).to.equal(whole);
    await writeFile(
      at('model.ndjson'),
      whole.replace(/"sha256":"[0-9a-f]{64}"/g, `"sha256":"${'0'.repeat(64)}"`),
    );
    expect(await errorOf(screen('model.ndjson'))).to.match(/another model/);
    await writeFile(at('none.ndjson'), 'shopping list\n');
    expect(await errorOf(screen('none.ndjson'))).to.match(/line 1: must be a JSON line/);
    expect(await readFile(at('none.ndjson'), 'utf8')).to.equal('shopping list\n');
  });

  it('are not merged where a result is missing, differs, or is of another list or model', async () => {
    const lines = whole.split('\n');
    const firstFinal = lines.findIndex((line) => line.includes('"kind":"final"'));
    const merged = async (text: string, ...more: string[]) => {
      await writeFile(at('part.ndjson'), text);
      const { stdout, stderr, exitCode } = await runLubdub([
        'merge',
        '--list',
        list,
        at('part.ndjson'),
        ...more,
      ]);
      expect(stdout).to.equal('');
      expect(exitCode).to.equal(2);
      return stderr;
    };
    expect(await merged(`${lines.slice(0, firstFinal + 1).join('\n')}\n`)).to.match(
      /2 of 3 have none.*broken\.wav/,
    );
    const changed = whole.replace('"verdict":"normal"', '"verdict":"abnormal"');
    expect(changed).not.to.equal(whole);
    expect(await merged(changed, at('whole.ndjson'))).to.match(/two results that differ/);
    const renamed = whole.replaceAll('b0416.wav', 'b9999.wav');
    expect(await merged(renamed)).to.match(/b9999\.wav, which .* does not name/);
    const models = `${lines.slice(0, firstFinal + 1).join('\n')}\n${lines
      .slice(firstFinal + 1)
      .join('\n')
      .replace(/"sha256":"[0-9a-f]{64}"/g, `"sha256":"${'0'.repeat(64)}"`)}`;
    expect(await merged(models)).to.match(/one model/);
  });

  it('need a list that can be read and names each file once', async () => {
    await writeFile(at('twice.txt'), 'a.wav\nb.wav\na.wav\n');
    expect(await errorOf(readFileList(at('twice.txt')))).to.match(/line 3.*a\.wav stands in line 1 too/);
    await writeFile(at('empty.txt'), '\n\n');
    expect(await errorOf(readFileList(at('empty.txt')))).to.match(/one file or more/);
    expect(await errorOf(readFileList(at('none.txt')))).to.match(/cannot be read/);
    const both = classify(['x.wav'], { model: defaultModelPath, runtime: 'auto', list }, silent);
    expect(await errorOf(both)).to.match(/--list FILE, got both/);
    expect(await errorOf(classify([], { model: defaultModelPath, runtime: 'auto' }, silent))).to.match(
      /got neither/,
    );
  });
});
