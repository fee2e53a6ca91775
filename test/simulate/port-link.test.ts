import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError } from '../../src/errors.js';
import { PortLink } from '../../src/simulate/port-link.js';

describe('PortLink', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'lubdub-link-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('points at one target after the other and is gone in the end', () => {
    const link = new PortLink(join(directory, 'stethoscope'));
    link.point('/dev/pts/one');
    expect(readlinkSync(link.path)).to.equal('/dev/pts/one');
    link.point('/dev/pts/two');
    expect(readlinkSync(link.path)).to.equal('/dev/pts/two');
    link.remove();
    expect(() => readlinkSync(link.path)).to.throw('ENOENT');
  });

  it('takes the place of a link that a killed simulator left', () => {
    const path = join(directory, 'stethoscope');
    symlinkSync('/dev/pts/gone', path);
    const link = new PortLink(path);
    link.point('/dev/pts/one');
    expect(readlinkSync(path)).to.equal('/dev/pts/one');
    link.remove();
  });

  it('never touches a file or a directory', () => {
    const path = join(directory, 'recording.wav');
    writeFileSync(path, 'precious');
    expect(() => new PortLink(path)).to.throw(ConfigurationError, /which is a file; choose another/);
    expect(() => new PortLink(directory)).to.throw(ConfigurationError, /which is a directory/);
    const link = new PortLink(join(directory, 'later'));
    writeFileSync(link.path, 'precious');
    expect(() => link.point('/dev/pts/one')).to.throw(ConfigurationError);
    link.remove();
    expect(readFileSync(path, 'utf8')).to.equal('precious');
    expect(readFileSync(link.path, 'utf8')).to.equal('precious');
  });

  it('leaves a link alone that another program has taken over', () => {
    const first = new PortLink(join(directory, 'stethoscope'));
    first.point('/dev/pts/one');
    const second = new PortLink(first.path);
    second.point('/dev/pts/two');
    first.remove();
    expect(readlinkSync(first.path)).to.equal('/dev/pts/two');
    second.remove();
  });

  it('is removed when the process ends', () => {
    const path = join(directory, 'stethoscope');
    const code = `import { PortLink } from ${JSON.stringify(new URL('../../src/simulate/port-link.js', import.meta.url).href)};
      const link = new PortLink(${JSON.stringify(path)}); link.point(process.execPath);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(child.stderr).to.equal('');
    expect(existsSync(path)).to.equal(false);
  });

  it('says what to do when the directory does not exist', () => {
    const link = new PortLink(join(directory, 'missing', 'stethoscope'));
    expect(() => link.point('/dev/pts/one')).to.throw(ConfigurationError, /directory that exists/);
  });
});
