import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  listProfiles,
  namedProfile,
  profileOfDevice,
  profilePath,
  readProfile,
  writeProfile,
} from '../../src/calibrate/profile-store.js';
import { ConfigurationError } from '../../src/errors.js';
import type { StethoscopeProfile } from '../../src/verdict/stethoscope-profile.js';
import { validContract } from '../support/model-contract.js';
import { inFolder } from '../support/sessions.js';
import { madeUpProfile } from '../support/stethoscope-profile.js';

const contract = validContract();
const refusalOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.fail('was accepted'),
    (error: Error) => error,
  );

describe('store of profiles', () => {
  it('reads what it wrote, for the owner alone, and writes over the old one', () =>
    inFolder(async (folder) => {
      const path = profilePath('ward-3', join(folder, 'new', 'folder'));
      await writeProfile(madeUpProfile({ offset: 1 }), path);
      await writeProfile(madeUpProfile({ offset: 2 }), path);
      expect(await readProfile(path)).to.deep.equal(madeUpProfile({ offset: 2 }));
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      expect(await namedProfile('ward-3', contract, join(folder, 'new', 'folder'))).to.deep.equal(
        await namedProfile(path, contract),
      );
    }));

  it('takes no name that could lead out of its folder', () => {
    for (const name of ['', '..', '../x', 'a/b', '.hidden', 'none', 'a'.repeat(49), 'a.json', 'Ä']) {
      expect(() => profilePath(name, '/profiles'), name).to.throw(ConfigurationError, /must be called by/);
    }
  });

  it('refuses what is no profile, or one of another model, with the remedy', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'x.json');
      expect((await refusalOf(namedProfile(path, contract))).message).to.match(/lubdub stethoscopes/);
      await writeFile(path, '{"profileVersion":1}');
      expect((await refusalOf(namedProfile(path, contract))).message).to.match(/name: .*lubdub calibrate/);
      const other = { ...madeUpProfile().model, sha256: 'f'.repeat(64) };
      await writeProfile(madeUpProfile({ model: other }), path);
      const refusal = await refusalOf(namedProfile(path, contract));
      expect(refusal).to.be.instanceOf(ConfigurationError);
      expect(refusal.message).to.match(/ffffffffffff….*fit it again with `lubdub calibrate`/);
    }));

  it('opens nothing but a plain file of a profile’s size, wherever a link leads', () =>
    inFolder(async (folder) => {
      await writeProfile(madeUpProfile(), join(folder, 'real.json'));
      await symlink(join(folder, 'real.json'), join(folder, 'a.json'));
      await symlink('/dev/zero', join(folder, 'b.json'));
      execFileSync('mkfifo', [join(folder, 'c.json')]);
      await writeFile(join(folder, 'd.json'), '');
      await truncate(join(folder, 'd.json'), 2 ** 36);
      const listed = await listProfiles(folder);
      expect(listed.map(({ profile }) => profile?.name ?? null)).to.deep.equal([
        'ward-3',
        null,
        null,
        null,
        'ward-3',
      ]);
      expect(listed[1].message).to.match(/no plain file/);
      expect(listed[2].message).to.match(/no plain file/);
      expect(listed[3].message).to.match(/larger than any file of its kind/);
    }));

  it('lists what there is, and says why a file is no profile', () =>
    inFolder(async (folder) => {
      expect(await listProfiles(join(folder, 'none'))).to.deep.equal([]);
      await writeProfile(madeUpProfile(), join(folder, 'b.json'));
      await writeFile(join(folder, 'a.json'), 'no JSON');
      const listed = await listProfiles(folder);
      expect(listed.map(({ profile }) => profile?.name ?? null)).to.deep.equal([null, 'ward-3']);
      expect(listed[0].message).to.match(/must be a stethoscope profile/);
    }));
});

describe('profile of a device', () => {
  const of = (serialNumber: string | null, usbId: string | null, change: Partial<StethoscopeProfile> = {}) =>
    madeUpProfile({ device: { serialNumber, usbId }, ...change });

  it('is that of its serial number, or without one of its USB name', () => {
    const profiles = [of('LD-1', 'usb-x'), of(null, 'usb-y', { name: 'y' }), madeUpProfile()];
    const found = (serialNumber: string | null, path: string) =>
      profileOfDevice(profiles, { serialNumber, path }, contract)?.name ?? null;
    expect(found('LD-1', '/dev/ttyACM0')).to.equal('ward-3');
    expect(found('LD-2', '/dev/serial/by-id/usb-x')).to.equal(null);
    expect(found(null, '/dev/serial/by-id/usb-y')).to.equal('y');
    expect(found(null, '/dev/serial/by-id/usb-x')).to.equal(null);
    expect(found(null, '/dev/ttyACM0')).to.equal(null);
  });

  it('is the newest of this model; one of another is told of', () => {
    const model = { ...madeUpProfile().model, sha256: 'f'.repeat(64) };
    const outdated = of('LD-1', null, { name: 'outdated', model, createdAt: '2026-12-01T00:00:00.000Z' });
    const told: string[] = [];
    const find = (profiles: StethoscopeProfile[]) =>
      profileOfDevice(profiles, { serialNumber: 'LD-1', path: '' }, contract, ({ name }) => told.push(name));
    const older = of('LD-1', null, { name: 'older', createdAt: '2026-01-01T00:00:00.000Z' });
    expect(find([older, outdated, of('LD-1', null)])?.name).to.equal('ward-3');
    expect(told).to.deep.equal([]);
    expect(find([outdated])).to.equal(null);
    expect(told).to.deep.equal(['outdated']);
  });
});
