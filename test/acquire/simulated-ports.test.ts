import { chmodSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isSimulatedPort, listSimulatedPorts, simulatedPortPath } from '../../src/acquire/simulated-ports.js';

describe('simulated ports', () => {
  before(function () {
    if (process.getuid === undefined) this.skip();
  });
  let runtime = '';
  let environment: NodeJS.ProcessEnv = {};
  beforeEach(() => {
    runtime = realpathSync(mkdtempSync(join(tmpdir(), 'lubdub-run-')));
    environment = { XDG_RUNTIME_DIR: runtime };
  });
  afterEach(() => rmSync(runtime, { recursive: true }));

  it('lists a simulator that runs', () => {
    expect(listSimulatedPorts(environment)).to.deep.equal([]);
    const path = simulatedPortPath(environment)!;
    expect(path).to.equal(join(runtime, 'lubdub', `simulator-${process.pid}`));
    symlinkSync('/dev/null', path);
    expect(listSimulatedPorts(environment)).to.deep.equal([path]);
  });

  it('knows the port of a simulator by any of its names, and no other', () => {
    expect(isSimulatedPort('/dev/null', environment)).to.equal(false);
    const path = simulatedPortPath(environment)!;
    symlinkSync('/dev/null', path);
    const other = join(runtime, 'other-name');
    symlinkSync('/dev/null', other);
    expect([path, other, '/dev/null'].map((name) => isSimulatedPort(name, environment))).to.deep.equal([
      true,
      true,
      true,
    ]);
    expect(isSimulatedPort('/dev/zero', environment)).to.equal(false);
    expect(isSimulatedPort(join(runtime, 'not-there'), environment)).to.equal(false);
  });

  it('passes over what a killed simulator left, and whatever else lies there', () => {
    const own = simulatedPortPath(environment)!;
    symlinkSync('/dev/null', own.replace(/\d+$/, '99999999'));
    symlinkSync('/dev/lubdub-not-there', own);
    symlinkSync('/dev/null', join(runtime, 'lubdub', 'other'));
    writeFileSync(join(runtime, 'lubdub', `simulator-${process.ppid}`), 'no device');
    expect(listSimulatedPorts(environment)).to.deep.equal([]);
  });

  it('trusts no directory that others may write to', () => {
    const path = simulatedPortPath(environment)!;
    symlinkSync('/dev/null', path);
    chmodSync(join(runtime, 'lubdub'), 0o777);
    expect(listSimulatedPorts(environment)).to.deep.equal([]);
    expect(simulatedPortPath(environment)).to.equal(undefined);
  });

  it('does without where the directory cannot be made', () => {
    writeFileSync(join(runtime, 'file'), '');
    expect(simulatedPortPath({ XDG_RUNTIME_DIR: join(runtime, 'file') })).to.equal(undefined);
  });
});
