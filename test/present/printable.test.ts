import { expect } from 'chai';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { printable, printableJson, withPrintableText } from '../../src/printable.js';
import { checksumText } from '../../src/record/session-layout.js';
import { recordSession } from '../support/recorded-session.js';
import { runLubdub } from '../support/run-lubdub.js';
import { inFolder } from '../support/sessions.js';

const wav = 'test/recordings/b0416.wav';
/** Clears the screen, rings, forges a line, in both sets of control characters and right to left. */
const HOSTILE = '\u001b[2J\u0007\u009b1m\u202ex\nNORMAL: forged\u007f';
const STEERS = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;

describe('text of others', () => {
  it('is written out where it would steer a terminal', () => {
    expect(printable(HOSTILE)).to.equal('\\u001b[2J\\u0007\\u009b1m\\u202ex\nNORMAL: forged\\u007f');
    expect(printable('dépôt ♥ 心音\tx')).to.equal('dépôt ♥ 心音\tx');
  });

  it('never begins a line of its own, at any depth', () => {
    const event = { kind: 'notice', list: [{ [HOSTILE]: HOSTILE }], count: 1, none: null };
    const { list, ...rest } = withPrintableText(event);
    expect(rest).to.deep.equal({ kind: 'notice', count: 1, none: null });
    expect(JSON.stringify(list)).to.not.match(STEERS);
    expect(Object.values(list[0])[0]).to.include('\n  NORMAL');
  });

  it('is the same JSON, all of it printable', () => {
    fc.assert(
      fc.property(
        fc.object({ key: fc.string({ unit: 'binary' }), values: [fc.string({ unit: 'binary' })] }),
        (value) => {
          const text = printableJson(value);
          expect(text).to.not.match(STEERS);
          expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });
});

describe('a terminal', function () {
  it('is not steered by the names of files', () =>
    inFolder(async (folder) => {
      const name = join(folder, `${HOSTILE}.wav`);
      await copyFile(wav, name);
      for (const words of [
        ['classify', name, `${name}.none`],
        ['classify', '--json', name, `${name}.none`],
        ['sessions', name],
        ['verify', name],
        [`--${HOSTILE}`],
      ]) {
        const { stdout, stderr } = await runLubdub(words);
        expect(stdout + stderr, words.join(' ')).to.not.match(STEERS);
        expect(stdout + stderr).to.not.match(/^NORMAL: forged/m);
      }
    }));

  it('is not steered by a stored result', () =>
    inFolder(async (root) => {
      await recordSession({ wav, root, startedAt: new Date('2026-01-31T10:00:00Z') });
      const path = join(root, (await readdir(root))[0], 'result.json');
      const result = JSON.parse(await readFile(path, 'utf8')) as { final: object };
      const text = JSON.stringify({ ...result, final: { ...result.final, verdict: HOSTILE } });
      await writeFile(path, text);
      await writeFile(`${path}.sha256`, checksumText(text));
      const { stdout } = await runLubdub(['sessions', root]);
      expect(stdout).to.include('FORGED').and.not.match(STEERS);
      expect(stdout).to.not.match(/^NORMAL: forged/im);
    }));
});
