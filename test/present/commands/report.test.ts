import { expect } from 'chai';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ReportCommandOptions } from '../../../src/present/command-options.js';
import { report } from '../../../src/present/commands/report.js';
import type { Output } from '../../../src/present/output.js';
import type { Bundle, Observation } from '../../../src/report/fhir-types.js';
import { SessionStudio } from '../../report/screened-sessions.js';
import { inFolder } from '../../support/sessions.js';

class Said implements Output {
  readonly lines: string[] = [];
  event(): void {}
  log(): void {}
  say(line: string): void {
    this.lines.push(line);
  }
}

async function failureOf(directories: readonly string[], options: Partial<ReportCommandOptions>) {
  try {
    await report(directories, { samples: true, ...options }, new Said());
  } catch (error) {
    return error as Error & { code: string };
  }
  throw new Error('nothing failed');
}

describe('lubdub report', function () {
  let studio: SessionStudio;
  before(async () => {
    studio = await SessionStudio.open();
  });
  after(() => studio.close());

  const jointOf = async (root: string, directories: readonly string[]) => {
    const fhir = join(root, 'joint.json');
    await report(directories, { fhir, samples: false }, new Said());
    const { entry } = JSON.parse(await readFile(fhir, 'utf8')) as Bundle;
    return entry
      .map(({ resource }) => resource as Observation)
      .find(({ code }) => code?.text.startsWith('Heart sound screening of several sites') === true);
  };

  it('writes the files that were asked for, for their owner alone, and says so', () =>
    inFolder(async (root) => {
      const session = await studio.record(root, { recording: 'b0416', subject: 'S-1', site: 'mitral' });
      const [html, fhir, csv] = ['r.html', 'r.json', 'r.csv'].map((name) => join(root, name));
      const output = new Said();
      expect(await report([session], { html, fhir, csv, samples: true }, output)).to.equal(0);
      expect(output.lines).to.deep.equal([
        ...[html, fhir, csv].map((path) => `wrote ${path}`),
        'Screening aid for research, not a diagnosis.',
      ]);
      expect(await readFile(html, 'utf8')).to.match(/^<!doctype html>/i);
      expect(JSON.parse(await readFile(fhir, 'utf8'))).to.deep.include({ resourceType: 'Bundle' });
      expect(await readFile(csv, 'utf8')).to.match(/^session,subject,/);
      for (const path of [html, fhir, csv]) expect((await stat(path)).mode & 0o077, path).to.equal(0);
    }));

  it('takes the folder of an examination for the sessions in it', () =>
    inFolder(async (root) => {
      await studio.record(root, { recording: 'b0416', subject: 'S-1', site: 'aortic' });
      await studio.record(root, { recording: 'b0344', subject: 'S-1', site: 'mitral', minute: 1 });
      const csv = join(root, 'r.csv');
      expect(await report([root], { csv, samples: true }, new Said())).to.equal(0);
      const sites = (await readFile(csv, 'utf8'))
        .split('\r\n')
        .slice(1, -1)
        .map((row) => row.split(',')[2]);
      expect(new Set(sites)).to.deep.equal(new Set(['aortic', 'mitral']));
    }));

  it('names the page after the session where nothing was asked for', () =>
    inFolder(async (root) => {
      const session = await studio.record(root, { recording: 'b0416' });
      const folder = join(root, 'elsewhere');
      await mkdir(folder);
      const home = process.cwd();
      process.chdir(folder);
      try {
        await report([session], { samples: true }, new Said());
      } finally {
        process.chdir(home);
      }
      expect(await readdir(folder)).to.deep.equal([`${basename(session)}.html`]);
    }));

  it('joins the sites of one examination as the live page does', () =>
    inFolder(async (root) => {
      const normal = await studio.record(root, {
        recording: 'c0016',
        as: 'normal',
        subject: 'S-1',
        site: 'aortic',
      });
      const abnormal = {
        recording: 'e01341',
        as: 'abnormal' as const,
        subject: 'S-1',
        site: 'mitral',
        minute: 2,
      };
      const joint = await jointOf(root, [normal, await studio.record(root, abnormal)]);
      expect(joint!.valueCodeableConcept!.coding![0].code).to.equal('123824001');
      expect(joint!.hasMember).to.have.length(2);
      const other = {
        recording: 'c0016',
        as: 'normal' as const,
        subject: 'S-1',
        site: 'pulmonic',
        minute: 3,
      };
      const both = await jointOf(root, [normal, await studio.record(root, other)]);
      expect(both!.valueCodeableConcept!.text).to.match(/^No abnormal/);
    }));

  it('takes no evidence from a site without a result, and says so', () =>
    inFolder(async (root) => {
      const sessions = [
        await studio.record(root, { recording: 'c0016', as: 'normal', subject: 'S-1', site: 'aortic' }),
        await studio.record(root, {
          recording: 'c0016',
          as: 'normal',
          subject: 'S-1',
          site: 'mitral',
          minute: 1,
          isUnfinished: true,
        }),
      ];
      const joint = await jointOf(root, sessions);
      expect(joint!.valueCodeableConcept!.text).to.match(/^No abnormal/);
      expect(joint!.note![0].text).to.match(/Mitral area \(apex\): inconclusive/);
    }));

  it('joins nothing over more than an hour', () =>
    inFolder(async (root) => {
      const sessions = [
        await studio.record(root, { recording: 'b0416', subject: 'S-1', site: 'aortic' }),
        await studio.record(root, { recording: 'b0416', subject: 'S-1', site: 'mitral', minute: 61 }),
      ];
      expect(await jointOf(root, sessions)).to.equal(undefined);
    }));

  it('refuses to write over what a session consists of, before it writes anything', () =>
    inFolder(async (root) => {
      const session = await studio.record(root, { recording: 'b0416' });
      const html = join(root, 'r.html');
      for (const name of ['recording.wav', 'session.json', 'events.ndjson', 'result.json']) {
        const before = await readFile(join(session, name));
        const failure = await failureOf([session], { html, csv: join(session, name) });
        expect(failure.code).to.equal('LUBDUB_CONFIGURATION');
        expect(failure.message).to.include('choose another name');
        expect((await readFile(join(session, name))).equals(before)).to.equal(true);
      }
      expect(await readdir(root)).to.deep.equal([basename(session)]);
      expect((await failureOf([session], { html, csv: html })).message).to.match(/different files/);
    }));

  it('says in a sentence why a file cannot be written or a session not be read', () =>
    inFolder(async (root) => {
      const session = await studio.record(root, { recording: 'b0416' });
      const nowhere = await failureOf([session], { html: join(root, 'no', 'r.html') });
      expect(nowhere.code).to.equal('LUBDUB_CONFIGURATION');
      expect(nowhere.message).to.match(/there is no folder .*make it/);
      await mkdir(join(root, 'folder'));
      await writeFile(join(root, 'folder', 'x'), '');
      const folder = await failureOf([session], { html: join(root, 'folder') });
      expect(folder.message).to.match(/cannot be written to/);
      const none = await failureOf([session, join(root, 'folder')], {});
      expect(none.code).to.equal('LUBDUB_SESSION');
      expect(none.message).to.match(/is no session/);
    }));
});
