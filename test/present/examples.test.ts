import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);

/** What each example must say; an example without an entry fails, so that none rots. */
const says: Record<string, RegExp> = {
  'screen-a-file.mjs': /e00089\.wav: (normal|inconclusive|abnormal)[\s\S]*not a diagnosis/,
  'own-source.mjs': /(7[0-4] beats a minute[\s\S]*)?40 samples lost/,
  'own-model.mjs': /heart-sound \S+ on .*e01341\.wav: (normal|inconclusive|abnormal) 0\.\d+/,
};

describe('the examples', function () {
  for (const name of readdirSync('examples').filter((file) => file.endsWith('.mjs'))) {
    it(`runs as it stands: ${name}`, async () => {
      const { stdout } = await run(process.execPath, [`examples/${name}`]);
      expect(says[name], `${name} has no expectation`).to.be.instanceOf(RegExp);
      expect(stdout).to.match(says[name]);
    });
  }
});
