import { expect } from 'chai';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeProfile } from '../../src/calibrate/profile-store.js';
import { RunProfiles } from '../../src/calibrate/run-profiles.js';
import type { StethoscopeProfile } from '../../src/verdict/stethoscope-profile.js';
import { validContract } from '../support/model-contract.js';
import { inFolder } from '../support/sessions.js';
import { refusal } from '../support/refusal.js';
import { madeUpProfile } from '../support/stethoscope-profile.js';

const contract = validContract();
const device = { serialNumber: 'A', path: '/dev/ttyACM0' };
const other = { serialNumber: 'B', path: '/dev/ttyACM1' };
const of = (serialNumber: string, change: Partial<StethoscopeProfile> = {}) =>
  madeUpProfile({ device: { serialNumber, usbId: null }, ...change });

describe('RunProfiles', () => {
  it('uses what was chosen when the program began until another one is fitted, for that device alone', () =>
    inFolder(async (folder) => {
      const profiles = new RunProfiles({ chosen: () => of('X', { name: 'chosen' }), contract, folder });
      expect(profiles.of(device)?.name).to.equal('chosen');
      await profiles.write(of('A', { name: 'new' }), device);
      expect(profiles.of(device)?.name).to.equal('new');
      expect(profiles.of({ ...device, path: '/dev/elsewhere' })?.name).to.equal('new');
      expect(profiles.of(other)?.name).to.equal('chosen');
      expect(await readdir(folder)).to.deep.equal(['new.json']);
    }));

  it('uses that of a device that does not tell who it is at its port, while the program runs', () =>
    inFolder(async (folder) => {
      const profiles = new RunProfiles({ chosen: () => null, contract, folder });
      const nameless = { serialNumber: null, path: '/dev/ttyUSB0' };
      await profiles.write(madeUpProfile({ name: 'board' }), nameless);
      expect(profiles.of(nameless)?.name).to.equal('board');
      expect(profiles.of({ ...nameless, path: '/dev/ttyUSB1' })).to.equal(null);
      await profiles.write(madeUpProfile({ name: 'board', offset: 2 }), nameless);
      expect(profiles.of(nameless)?.offset).to.equal(2);
      // Nothing says that a board without a name is that one when the program begins anew.
      const next = new RunProfiles({ chosen: () => null, contract, folder });
      expect(await refusal(next.checkName('board', nameless))).to.match(/nothing says that it is of this/);
    }));

  it('writes over nothing but a profile of the same device', () =>
    inFolder(async (folder) => {
      const profiles = new RunProfiles({ chosen: () => null, contract, folder });
      const path = join(folder, 'ward-3.json');
      await writeProfile(of('B'), path);
      const before = await readFile(path, 'utf8');
      expect(await refusal(profiles.write(of('A'), device))).to.match(/choose another name/);
      expect(await refusal(profiles.checkName('ward-3', null))).to.match(/choose another name/);
      expect(profiles.of(device)).to.equal(null);
      await profiles.write(of('B', { offset: 1 }), other);
      expect(await readFile(path, 'utf8')).to.not.equal(before);
      await writeFile(path, 'somebody’s notes');
      expect(await refusal(profiles.write(of('B'), other))).to.match(/must be a stethoscope profile/);
      expect(await readFile(path, 'utf8')).to.equal('somebody’s notes');
    }));

  it('removes what is used and nothing else; an older one of the device takes its place', () =>
    inFolder(async (folder) => {
      const older = of('A', { name: 'older', createdAt: '2026-01-01T00:00:00.000Z' });
      await writeProfile(older, join(folder, 'older.json'));
      await writeProfile(of('B', { name: 'b' }), join(folder, 'b.json'));
      const profiles = new RunProfiles({ chosen: () => older, contract, folder });
      await profiles.write(of('A', { name: 'newer' }), device);
      for (const name of ['b', 'older', '../b', ''])
        expect(await refusal(profiles.remove(name, device)), name).to.match(
          /is not used for this stethoscope/,
        );
      await profiles.remove('newer', device);
      expect(profiles.of(device)).to.deep.equal(older);
      await profiles.remove('older', device);
      expect(profiles.of(device)).to.equal(null);
      expect(await readdir(folder)).to.deep.equal(['b.json']);
    }));

  it('removes no file that it does not use: one that was named on the command line may be elsewhere', () =>
    inFolder(async (folder) => {
      const profiles = new RunProfiles({ chosen: () => of('A'), contract, folder });
      expect(await refusal(profiles.remove('ward-3', device))).to.match(/named when lubdub began/);
      await writeProfile(of('A', { offset: 3 }), join(folder, 'ward-3.json'));
      expect(await refusal(profiles.remove('ward-3', device))).to.match(/named when lubdub began/);
      expect(await readdir(folder)).to.deep.equal(['ward-3.json']);
    }));
});
