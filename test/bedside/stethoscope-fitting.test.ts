import { expect } from 'chai';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bedside, type BedsideOptions } from '../../src/bedside/bedside.js';
import type { FitStatus, StethoscopeStatus } from '../../src/bedside/fit-status.js';
import { listProfiles, readProfile, writeProfile } from '../../src/calibrate/profile-store.js';
import { RunProfiles } from '../../src/calibrate/run-profiles.js';
import { PortError } from '../../src/errors.js';
import { loadRecording } from '../../src/present/load-recording.js';
import type { Screener } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { fittedModel } from '../../src/verdict/stethoscope-profile.js';
import { foundDevice, quickScreener, ScriptedDevice } from '../support/scripted-device.js';
import { inFolder } from '../support/sessions.js';
import { refusal } from '../support/refusal.js';
import { madeUpProfile } from '../support/stethoscope-profile.js';
import { until } from '../support/until.js';

describe('StethoscopeFitting', () => {
  let screener: Screener;
  let heart: Float64Array;
  before(async () => {
    screener = await quickScreener(() => Promise.resolve(1.5));
    heart = (await loadRecording('test/recordings/e01341.wav')).samples;
  });

  class Watched {
    readonly device = new ScriptedDevice();
    readonly recorded = new ScriptedDevice();
    readonly events: ScreeningEvent[] = [];
    readonly bedside: Bedside;
    readonly profiles: RunProfiles;

    constructor(
      readonly folder: string,
      options: Partial<BedsideOptions> = {},
    ) {
      const { contract } = screener.model;
      this.profiles = new RunProfiles({ chosen: () => null, contract, folder: join(folder, 'profiles') });
      this.bedside = new Bedside({
        open: this.recorded.open,
        screener,
        configuration: { test: true },
        naming: { subject: null, site: null },
        preview: { open: (stop$) => this.device.open(stop$, null as never), retryMs: 5 },
        profiles: this.profiles,
        stethoscopeFor: (device) => this.profiles.of(device),
        ...options,
      });
      this.bedside.events$.subscribe((event) => this.events.push(event));
      this.bedside.listenIn();
    }

    get fitting() {
      return this.bedside.fitting!;
    }

    get status(): StethoscopeStatus {
      let status: StethoscopeStatus | undefined;
      this.fitting.status$.subscribe((now) => (status = now)).unsubscribe();
      return status!;
    }

    get fit(): FitStatus {
      return this.status.fit!;
    }

    /** @param seconds of a heart, or of silence */
    async record(seconds = 8, samples = heart): Promise<void> {
      const before = this.fit.recordings.length;
      const { opened } = this.device;
      await this.fitting.record();
      await until(() => this.device.opened > opened, 'the device to be opened');
      this.device.say(foundDevice);
      this.device.say({ kind: 'samples', firstSample: 0, samples: samples.slice(0, 2000 * seconds) });
      this.device.end();
      await until(() => this.fit.stage === 'ready' && this.fit.recordings.length > before, 'its end');
    }

    async people(count: number): Promise<void> {
      for (let person = 1; person <= count; person++) {
        await this.record();
        if (person < count) await this.fitting.next();
      }
    }
  }

  const watched = (options: Partial<BedsideOptions>, act: (run: Watched) => Promise<void>) =>
    inFolder(async (folder) => {
      const run = new Watched(folder, options);
      try {
        await act(run);
      } finally {
        await run.bedside.close();
      }
    });

  it('goes from colleague to colleague, and tells nobody what it hears in them', () =>
    watched({}, async (run) => {
      run.device.say(foundDevice);
      expect(run.status).to.deep.include({ device: 'S-1', proposedName: 'S-1', profile: null, fit: null });
      await run.fitting.begin('ward-3', false);
      expect(run.fit).to.deep.include({
        stage: 'ready',
        person: 1,
        persons: 0,
        leastPersons: 3,
        seconds: 20,
      });
      await run.people(3);
      expect(run.fit).to.deep.include({ person: 3, persons: 3, problem: null });
      await run.fitting.finish();
      expect(run.fit.stage).to.equal('done');
      expect(run.fit.result).to.deep.include({ name: 'ward-3', persons: 3, recordings: 3, leftOut: 0 });
      expect(run.fit.result!.threshold.with).to.be.above(run.fit.result!.threshold.without);
      const kinds = new Set(run.events.map(({ kind }) => kind));
      expect([...kinds].sort()).to.deep.equal(['device', 'notice']);
      expect(JSON.stringify(run.status)).to.not.match(/verdict|probability/);
      // The next recording has it, and so has the device when it is asked again.
      await until(() => run.status.device === null, 'it to be asked anew');
      run.device.say(foundDevice);
      expect(run.events.findLast(({ kind }) => kind === 'device')).to.have.nested.property(
        'stethoscope.name',
        'ward-3',
      );
      expect(run.status.profile).to.deep.equal(run.fit.result);
      await run.fitting.cancel();
      expect(run.status.fit).to.equal(null);
    }));

  it('takes the order of its steps, and says what is wrong with another', () =>
    watched({}, async (run) => {
      expect(await refusal(run.fitting.record())).to.match(/no fit is under way/);
      expect(await refusal(run.fitting.finish())).to.match(/no fit is under way/);
      expect(await refusal(run.fitting.begin('../x', false))).to.match(/must be called by/);
      expect(await refusal(run.fitting.begin('x', true))).to.match(/--out FOLDER/);
      await run.fitting.begin('x', false);
      expect(await refusal(run.fitting.begin('y', false))).to.match(/a fit of x is under way/);
      expect(await refusal(run.fitting.next())).to.match(/colleague 1 has no usable recording yet/);
      expect(await refusal(run.fitting.finish())).to.match(/3 or more healthy people, got 0/);
      expect(await refusal(run.fitting.stop())).to.match(/nothing is being recorded/);
      await run.fitting.record();
      for (const step of ['record', 'next', 'leaveOut', 'finish'] as const)
        expect(await refusal(run.fitting[step]()), step).to.match(/is being recorded; stop that first/);
      expect(await refusal(run.bedside.start({ site: null, subject: null }))).to.match(
        /being recorded to fit the stethoscope/,
      );
      await run.fitting.stop();
      expect(run.fit).to.deep.include({ stage: 'ready', recordings: [] });
      await run.bedside.start({ site: null, subject: null });
      expect(await refusal(run.fitting.record())).to.match(/a recording is under way/);
      await run.bedside.discard();
      await run.people(2);
      expect(await refusal(run.fitting.finish())).to.match(/got 2/);
      expect(run.fit.stage).to.equal('ready');
    }));

  it('counts who is usable, and forgets who is left out', () =>
    watched({}, async (run) => {
      await run.fitting.begin('x', false);
      await run.record(8, new Float64Array(16_000));
      expect(run.fit.recordings[0]).to.deep.include({ person: 1, isUsable: false });
      expect(run.fit.recordings[0].reasons).to.include('silent');
      await run.fitting.leaveOut();
      expect(run.fit).to.deep.include({ person: 1, recordings: [] });
      await run.record();
      await run.record();
      expect(run.fit).to.deep.include({ person: 1, persons: 1 });
      expect(run.fit.recordings.map(({ reasons }) => reasons)).to.deep.equal([[], []]);
    }));

  it('keeps recordings as sessions only where that was asked for, each under a code of its own', () =>
    inFolder(async (outDirectory) => {
      await watched({ outDirectory }, async (run) => {
        await run.fitting.begin('x', false);
        await run.record();
        await run.fitting.cancel();
        expect(await readdir(outDirectory)).to.deep.equal([]);

        await run.fitting.begin('x', true);
        await run.people(2);
        const names = (await readdir(outDirectory)).sort();
        expect(names).to.have.length(2);
        expect(names[0]).to.match(/FIT-\d{8}T\d{6}-1$/);
        expect(names[1]).to.match(/FIT-\d{8}T\d{6}-2$/);
        await run.fitting.leaveOut();
        expect(await readdir(outDirectory)).to.deep.equal([names[0]]);
        // Broken off, then lost: nothing of either stays.
        for (const end of ['stop', 'fail'] as const) {
          await run.fitting.record();
          run.device.say(foundDevice, { kind: 'samples', firstSample: 0, samples: heart.slice(0, 4000) });
          await until(() => run.fit.stage === 'recording', 'the recording');
          if (end === 'stop') await run.fitting.stop();
          else run.device.fail(new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' }));
          await until(() => run.fit.stage === 'ready', 'its end');
        }
        expect(run.fit.problem).to.match(/was lost\. Nothing of this recording is used/);
        expect(await readdir(outDirectory)).to.deep.equal([names[0]]);
        await run.fitting.cancel();
        expect(await readdir(outDirectory)).to.deep.equal([names[0]]);
      });
    }));

  it('takes one stethoscope alone', () =>
    watched({}, async (run) => {
      await run.fitting.begin('x', false);
      await run.record();
      await run.fitting.next();
      await run.fitting.record();
      run.device.say({ ...foundDevice, serialNumber: 'S-2' });
      await until(() => run.fit.stage === 'ready', 'its end');
      expect(run.fit.problem).to.match(/another stethoscope answers/);
      expect(run.fit.recordings).to.have.length(1);
      await run.record();
      expect(run.fit).to.deep.include({ persons: 2, problem: null });
    }));

  it('writes over its own profile and no other, and removes what is used', () =>
    watched({}, async (run) => {
      const folder = join(run.folder, 'profiles');
      const model = fittedModel(screener.model.contract);
      const of = (serialNumber: string) => madeUpProfile({ model, device: { serialNumber, usbId: null } });
      await writeProfile({ ...of('S-2'), name: 'other' }, join(folder, 'other.json'));
      await writeProfile({ ...of('S-1'), name: 'own' }, join(folder, 'own.json'));
      run.device.say(foundDevice);
      expect(await refusal(run.fitting.begin('other', false))).to.match(
        /a profile other already, and nothing says/,
      );
      await run.fitting.begin('own', false);
      await run.people(3);
      await run.fitting.finish();
      expect((await readProfile(join(folder, 'own.json'))).persons).to.equal(3);
      await until(() => run.status.device === null, 'it to be asked anew');
      expect(await refusal(run.fitting.remove('own'))).to.match(/no stethoscope answers/);
      run.device.say(foundDevice);
      expect(await refusal(run.fitting.remove('other'))).to.match(/is not used for this stethoscope/);
      await run.fitting.remove('own');
      expect((await listProfiles(folder)).map(({ profile }) => profile?.name)).to.deep.equal(['other']);
      expect(run.profiles.of(foundDevice)).to.equal(null);
      expect(run.status.fit).to.equal(null);
    }));

  it('keeps what was recorded where the profile cannot be written', () =>
    watched({}, async (run) => {
      const folder = join(run.folder, 'profiles');
      await run.fitting.begin('x', false);
      await run.people(3);
      await writeFile(folder, 'in its way');
      expect(await refusal(run.fitting.finish())).to.match(/cannot be written.*fit again/);
      expect(run.fit).to.deep.include({ stage: 'ready', persons: 3 });
      await rm(folder);
      await run.fitting.finish();
      expect(run.fit.stage).to.equal('done');
    }));

  it('begins no fit whose profile would have no place, nor a second one beside it', () =>
    watched({}, async (run) => {
      const folder = join(run.folder, 'profiles');
      await writeFile(folder, 'in its way');
      expect(await refusal(run.fitting.begin('x', false))).to.match(
        /no profile can be written to .* is no folder/,
      );
      await rm(folder);
      const [one, other] = [run.fitting.begin('one', false), run.fitting.begin('other', false)];
      await one;
      expect(await refusal(other)).to.match(/a fit of one is under way/);
      expect(run.fit.name).to.equal('one');
    }));
});
