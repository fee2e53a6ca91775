import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { validate } from 'dockerfile-utils';
import { packageDirectory } from '../../src/package-info.js';
import { startPage } from '../../src/page/server/start-page.js';
import type { Health, Vitals } from '../../src/health/vitals.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';

const TOKEN = 'a-token-of-enough-letters';
const text = readFileSync(join(packageDirectory, 'Containerfile'), 'utf8');
/** Instructions of the last stage, with their continued lines. */
const instructions = text
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line !== '');
const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `)) ?? '';

describe('the Containerfile', function () {
  it('is well-formed', () => {
    expect(validate(text).map(({ message }) => message)).to.deep.equal([]);
    // The check can fail.
    expect(validate(text.replace('USER lubdub', 'USSR lubdub'))).not.to.deep.equal([]);
  });

  it('runs as nobody’s root, from the packed tarball, without scripts of packages', () => {
    expect(last('USER')).to.equal('USER lubdub');
    for (const line of instructions.filter((one) => /npm (ci|install)/.test(one))) {
      expect(line).to.include('--ignore-scripts');
    }
  });

  it('has a health check that tells health from illness, with and without a token', async () => {
    const [program, ...words] = JSON.parse(last('HEALTHCHECK').replace(/^.*CMD /, '')) as string[];
    expect(program).to.equal('node');
    for (const token of [undefined, TOKEN]) {
      const controller = new FakeController(new Float64Array(4000));
      let health: Health = { state: 'ok', message: '', version: '1', parts: {} };
      const vitals: Vitals = { health: () => Promise.resolve(health), metrics: () => Promise.resolve('') };
      const rules = validContract().verdict;
      const about = { controller, vitals, version: '1', rules, model: null, port: 0 };
      const page = await startPage({ ...about, ...(token === undefined ? {} : { token }) });
      const check = async (port: number) => {
        const env = { ...process.env, LUBDUB_PAGE_PORT: `${port}`, LUBDUB_TOKEN: token ?? '' };
        const [code] = (await once(spawn(process.execPath, words, { env, stdio: 'ignore' }), 'exit')) as [
          number,
        ];
        return code;
      };
      try {
        expect(await check(page.port)).to.equal(0);
        health = { ...health, state: 'failed' };
        expect(await check(page.port)).to.equal(1);
      } finally {
        controller.pause();
        await page.close();
      }
      expect(await check(page.port)).to.equal(1);
    }
  });
});
