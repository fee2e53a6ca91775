import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, type DefaultTreeAdapterMap, type ParserError } from 'parse5';
import type { HeartSound } from '../../src/report/heart-sound-intervals.js';
import { htmlReport } from '../../src/report/html-report.js';
import { readReportedRecording } from '../../src/report/reported-recording.js';
import { inFolder } from '../support/sessions.js';
import { jointOf, readAll, reportOf, SessionStudio, type ScreenedSession } from './screened-sessions.js';
import type { VerdictReason } from '../../src/verdict/verdict-reason.js';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

/** The page as a browser reads it; a page that is no valid HTML fails here. */
class Page {
  readonly elements: Element[] = [];

  constructor(readonly source: string) {
    const errors: ParserError[] = [];
    const document = parse(source, {
      sourceCodeLocationInfo: true,
      onParseError: (error) => errors.push(error),
    });
    expect(errors.map(({ code, startLine }) => `${code} in line ${startLine}`)).to.deep.equal([]);
    this.collect(document);
  }

  find(tagName: string, className?: string): Element[] {
    return this.elements.filter(
      (element) =>
        element.tagName === tagName &&
        (className === undefined || (attribute(element, 'class') ?? '').split(' ').includes(className)),
    );
  }

  /** What stands in the row of a table that begins with `heading`. */
  row(heading: string): string {
    const row = this.find('tr').find(({ childNodes }) =>
      childNodes.some((cell) => cell.nodeName === 'th' && text(cell) === heading),
    );
    if (row === undefined) throw new Error(`no row ${heading}`);
    return text(row.childNodes.find(({ nodeName }) => nodeName === 'td')!);
  }

  private collect(node: Node): void {
    if ('tagName' in node) this.elements.push(node);
    if ('childNodes' in node) for (const child of node.childNodes) this.collect(child);
  }
}

const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((attr) => attr.name === name)?.value;

function text(node: Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(text).join('').replace(/\s+/g, ' ').trim() : '';
}

describe('htmlReport', function () {
  let studio: SessionStudio;
  before(async () => {
    studio = await SessionStudio.open();
  });
  after(() => studio.close());

  const pageOf = (session: ScreenedSession, findHeartSounds?: () => Promise<readonly HeartSound[]>) =>
    inFolder(async (root) => {
      const directory = await studio.record(root, session);
      return new Page(await htmlReport(reportOf([await readReportedRecording(directory, findHeartSounds)])));
    });

  it('runs nothing, loads nothing, and forbids the browser both', async () => {
    const page = await pageOf({ recording: 'e01341', as: 'abnormal', subject: 'S-017', site: 'mitral' });
    const forbidden = [
      'script',
      'iframe',
      'object',
      'embed',
      'link',
      'form',
      'input',
      'base',
      'a',
      'foreignObject',
    ];
    for (const tagName of forbidden) expect(page.find(tagName), tagName).to.deep.equal([]);
    for (const element of page.elements) {
      for (const { name, value } of element.attrs) {
        expect(name, element.tagName).not.to.match(/^on/);
        if (['href', 'src', 'srcset', 'action', 'data'].includes(name)) {
          expect(value.slice(0, 22)).to.equal('data:image/png;base64,');
        }
      }
    }
    expect(page.source).not.to.match(/https?:|@import|url\((?!#)/);
    const policy = page.find('meta').find((meta) => attribute(meta, 'http-equiv') !== undefined)!;
    expect(attribute(policy, 'content')).to.match(
      /^default-src 'none'; img-src data:; style-src 'unsafe-inline'/,
    );
    expect(attribute(page.find('html')[0], 'lang')).to.equal('en');
  });

  it('says what was found, of whom, where, with which device and model', async () => {
    const page = await pageOf({ recording: 'e01341', as: 'abnormal', subject: 'S-017', site: 'mitral' });
    expect(text(page.find('h1')[0])).to.equal('Subject S-017 · Mitral area (apex)');
    expect(text(page.find('section', 'verdict')[0])).to.match(
      /Abnormal.*Probability of abnormal: \d+ %, from \d+\.\d s/,
    );
    expect(page.row('Heart rate')).to.match(/^\d+ beats a minute$/);
    expect(page.row('Windows')).to.equal('18 of 18 count');
    expect(page.row('Lost samples')).to.equal('none');
    expect(page.row('Stethoscope')).to.equal('serial number T-1, firmware 1.2.0');
    expect(page.row('Stethoscope profile')).to.match(/^none: .* is not known$/);
    expect(page.row('Model')).to.match(/^heart-sound, version /);
    expect(page.row('Model SHA-256')).to.match(/^[0-9a-f]{64}$/);
    expect(page.row('lubdub')).to.equal('9.8.7, report by 9.9.9');
    expect(page.row('Systole, diastole')).to.equal('not measured');
    expect(page.source).not.to.include('secret');
  });

  it('has the disclaimer at every verdict, whatever it is', async () => {
    for (const as of ['abnormal', 'normal', 'inconclusive', 'unusable'] as const) {
      const page = await pageOf({ recording: 'b0416', as });
      const verdicts = page.find('section', 'verdict');
      expect(verdicts.length).to.equal(1);
      for (const verdict of verdicts)
        expect(text(verdict)).to.include('Screening aid for research, not a diagnosis.');
      expect(text(page.find('section', 'limits')[0])).to.include(
        'Screening aid for research, not a diagnosis.',
      );
    }
  });

  it('calls an inconclusive recording so, with the reasons, and lets nobody rest on a figure', async () => {
    const page = await pageOf({ recording: 'e00622', as: 'unusable' });
    const verdict = text(page.find('section', 'verdict')[0]);
    expect(verdict).to.include('Inconclusive');
    expect(verdict).to.match(/Too little of it is a usable heart sound/);
    expect(verdict).to.match(/No result can rest on/);
    expect(page.row('Heart rate')).to.equal('not known');
    expect(page.row('Windows')).to.match(/^0 of 18 count \(not usable, /);
    expect(page.find('rect', 'window')).to.deep.equal([]);
    expect(page.find('rect', 'unused').length).to.be.at.least(18);
  });

  it('marks gaps, counts what was lost, and draws nothing there', async () => {
    const whole = await pageOf({ recording: 'e01341', as: 'abnormal' });
    const page = await pageOf({
      recording: 'e01341',
      as: 'abnormal',
      gaps: [{ atSample: 16_000, lostSamples: 4_000 }],
    });
    expect(page.row('Lost samples')).to.equal('4,000 samples (2.00 s) in 1 gap');
    expect(page.find('rect', 'gap').length).to.be.at.least(3);
    expect(whole.find('rect', 'gap').length).to.equal(0);
    const outlines = (of: Page) => (attribute(of.find('path', 'trace')[0], 'd')!.match(/M/g) ?? []).length;
    expect(outlines(whole)).to.equal(1);
    expect(outlines(page)).to.equal(2);
    expect(text(page.find('desc')[0])).to.match(/1 gap in the samples/);
  });

  it('says of a profile whom and when it was fitted on and how far the threshold moves, on every first page', () =>
    inFolder(async (root) => {
      const stethoscope = studio.profile();
      const record = (minute: number, name: string, profile = stethoscope) =>
        studio.record(root, {
          recording: name,
          subject: 'S-017',
          site: 'mitral',
          minute,
          stethoscope: profile,
        });
      const directories = [await record(0, 'b0416'), await record(1, 'b0323')];
      const recordings = await readAll(directories);
      // From logits: -1.1 of offset moves a threshold of .5 to 1 / (1 + e^-1.1).
      const told =
        'ward-3, fitted on 5 healthy people on 2026-11-01; the threshold for abnormal moves from 50 % to 75 % of the ' +
        'model’s own scale';
      const options = { timeZone: 'UTC' };
      const single = new Page(await htmlReport(reportOf(recordings.slice(0, 1), options)));
      expect(single.row('Stethoscope profile')).to.equal(told);
      const sheets = new Page(await htmlReport(reportOf(recordings, options)));
      expect(sheets.find('p', 'profile').map(text)).to.deep.equal([`Stethoscope profile ${told}.`]);

      const third = await record(2, 'b0344', studio.profile({ name: 'other', offset: 0 }));
      const fourth = await studio.record(root, { recording: 'b0344', subject: 'S-017', minute: 3 });
      const mixed = await readAll([...directories, third, fourth]);
      const page = new Page(await htmlReport(reportOf(mixed, options)));
      expect(text(page.find('p', 'profile')[0])).to.match(/^The stethoscope profiles differ/);
      const two = new Page(await htmlReport(reportOf(mixed.slice(2), options)));
      expect(text(two.find('p', 'profile')[0])).to.match(
        /profile other, .* stays at 50 %\. Unknown stethoscope without a profile: how often/,
      );
    }));

  it('says what is wrong with a stored profile, and takes nothing from it', () =>
    inFolder(async (root) => {
      const directory = await studio.record(root, { recording: 'b0416', stethoscope: studio.profile() });
      const path = join(directory, 'session.json');
      const whole = await readFile(path, 'utf8');
      for (const [change, complaint] of [
        [(profile: Record<string, unknown>) => (profile.persons = 0), /stethoscope profile cannot be read/],
        [(profile: Record<string, unknown>) => (profile.offset = 3), /not the one that the result names/],
      ] as const) {
        const description = JSON.parse(whole) as { configuration: { stethoscope: Record<string, unknown> } };
        change(description.configuration.stethoscope);
        await writeFile(path, JSON.stringify(description));
        const [recording] = await readAll([directory]);
        expect(recording.missing.join()).to.match(complaint);
        const page = new Page(await htmlReport(reportOf([recording])));
        expect(page.row('Stethoscope profile')).to.equal('ward-3, fitted on 5 healthy people');
      }
    }));

  it('warns beside an abnormal result of a stethoscope without a profile, and nowhere else', () =>
    inFolder(async (root) => {
      const boxOf = async (session: Partial<ScreenedSession>, minute: number) => {
        const [recording] = await readAll([
          await studio.record(root, { recording: 'b0416', minute, ...session }),
        ]);
        const model = { ...recording.model, falseAlarms: { mean: 0.35, least: 0.13, most: 0.59 } };
        const page = new Page(await htmlReport(reportOf([{ ...recording, model }])));
        return text(page.find('section', 'verdict')[0]);
      };
      expect(await boxOf({ as: 'abnormal' }, 0)).to.match(
        /The stethoscope has no profile: on stethoscopes new to the model 35 % .* abnormal \(13 to 59 % by database\)\./,
      );
      expect(await boxOf({ as: 'normal' }, 1)).to.not.match(/profile/);
      expect(await boxOf({ as: 'abnormal', stethoscope: studio.profile() }, 2)).to.not.match(/profile/);
    }));

  it('says which stethoscope profile the result rests on, or what it means that there is none', async () => {
    await inFolder(async (root) => {
      const [recording] = await readAll([await studio.record(root, { recording: 'b0416' })]);
      const rowOf = async (change: Partial<typeof recording>) =>
        new Page(await htmlReport(reportOf([{ ...recording, ...change }]))).row('Stethoscope profile');
      const stethoscope = { name: 'ward-3', persons: 5, sha256: '0'.repeat(64) };
      expect(await rowOf({ final: { ...recording.final!, stethoscope } })).to.equal(
        'ward-3, fitted on 5 healthy people',
      );
      const falseAlarms = { mean: 0.35, least: 0.13, most: 0.59 };
      expect(await rowOf({ model: { ...recording.model, falseAlarms } })).to.equal(
        'none: on stethoscopes new to the model 35 % of healthy recordings were called abnormal (13 to 59 % by database)',
      );
    });
  });

  it('escapes everything that comes from outside', async () => {
    const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&amp;`;
    await inFolder(async (root) => {
      const device = { serialNumber: evil, firmware: evil };
      const directory = await studio.record(root, { recording: 'b0416', site: evil, device });
      const [recording] = await readAll([directory]);
      const model = { ...recording.model, name: evil, version: evil };
      const dirty = { ...recording, model, name: evil, lubdubVersion: evil, missing: [evil] };
      const final = {
        ...recording.final!,
        reasons: [evil as VerdictReason],
        verdict: 'inconclusive' as const,
      };
      const joint = jointOf('inconclusive', [[evil, 'inconclusive']], evil);
      const other = { ...dirty, session: { ...recording.session, directory: 'other' } as never };
      other.session = Object.create(recording.session, { directory: { value: 'other' } }) as never;
      const named = [dirty, other].map((one) => ({ ...one, final, subject: 'S-1' }));
      const page = new Page(await htmlReport(reportOf(named, { lubdubVersion: evil, join: () => joint })));
      expect(page.find('script')).to.deep.equal([]);
      expect(page.find('img')).to.deep.equal([]);
      expect(page.source).not.to.include('<script');
      expect(text(page.find('h1')[1])).to.include(evil.slice(0, 30));
    });
  });

  it('measures systole and diastole where heart sounds are found, and marks them', async () => {
    const sounds = Array.from({ length: 50 }, (_, i): HeartSound => ({
      timeSeconds: 0.4 * i,
      sound: i % 2 === 0 ? 'S1' : 'S2',
    }));
    const page = await pageOf({ recording: 'e01341', as: 'abnormal' }, () => Promise.resolve(sounds));
    expect(page.row('Systole, diastole')).to.equal('400 ms, 400 ms (median of 24 beats)');
    expect(page.find('path', 's1').length).to.be.within(6, 9);
    const none = await pageOf({ recording: 'e01341', as: 'abnormal' }, () => Promise.resolve([]));
    expect(none.row('Systole, diastole')).to.match(/^not known/);
  });

  it('puts the joint result of an examination before its recordings', () =>
    inFolder(async (root) => {
      const recordings = await readAll([
        await studio.record(root, {
          recording: 'e01341',
          as: 'abnormal',
          subject: 'S-017',
          site: 'mitral',
          minute: 1,
        }),
        await studio.record(root, { recording: 'c0016', as: 'normal', subject: 'S-017', site: 'aortic' }),
      ]);
      const joint = jointOf(
        'abnormal',
        [
          ['aortic', 'normal'],
          ['mitral', 'abnormal'],
        ],
        'As the rule has it.',
      );
      const page = new Page(await htmlReport(reportOf(recordings, { join: () => joint })));
      expect(page.find('h1').map(text)).to.deep.equal([
        'Subject S-017 · 2 recordings',
        'Subject S-017 · Aortic area',
        'Subject S-017 · Mitral area (apex)',
      ]);
      const verdicts = page.find('section', 'verdict').map(text);
      expect(verdicts[0]).to.match(
        /Abnormal.*Joint result of 2 recordings.*Aortic area: normal; Mitral area \(apex\): abnormal/,
      );
      for (const verdict of verdicts) expect(verdict).to.include('not a diagnosis');
      const ids = page.elements.map((element) => attribute(element, 'id')).filter((id) => id !== undefined);
      expect(new Set(ids).size, 'ids are unique').to.equal(ids.length);

      const apart = new Page(
        await htmlReport(reportOf(recordings, { join: () => 'hours lie between them' })),
      );
      expect(text(apart.find('section', 'verdict')[0])).to.match(
        /No result.*No joint result: hours lie between them/,
      );
    }));

  it('says what is missing in a torn or changed session, and gives it no verdict that it has not', () =>
    inFolder(async (root) => {
      const directory = await studio.record(root, { recording: 'c0016', as: 'normal', isUnfinished: true });
      const unfinished = new Page(await htmlReport(reportOf(await readAll([directory]))));
      expect(text(unfinished.find('section', 'verdict')[0])).to.match(/No result.*has no final result/);

      const changed = await studio.record(root, { recording: 'c0016', as: 'normal', minute: 1 });
      const path = join(changed, 'recording.wav');
      const bytes = await readFile(path);
      bytes[9_000] ^= 1;
      await writeFile(path, bytes);
      const page = new Page(await htmlReport(reportOf(await readAll([changed]))));
      expect(text(page.find('section', 'notice')[0])).to.match(/recording\.wav/);
    }));

  it('takes a recording that is shorter than a window, and one that is empty', () =>
    inFolder(async (root) => {
      for (const [minute, samples] of [
        [0, 900],
        [1, 3],
        [2, 0],
      ]) {
        const directory = await studio.record(root, { recording: 'c0016', samples, minute });
        const page = new Page(await htmlReport(reportOf(await readAll([directory]))));
        expect(page.source).not.to.match(/NaN|Infinity|undefined/);
        expect(text(page.find('section', 'verdict')[0])).to.match(/Inconclusive.*recording is too short/);
      }
    }));
});

describe('makeReport', function () {
  let studio: SessionStudio;
  before(async () => {
    studio = await SessionStudio.open();
  });
  after(() => studio.close());

  it('refuses no recording, one twice, and several subjects; without a subject it joins nothing', () =>
    inFolder(async (root) => {
      const short = { recording: 'b0416', samples: 3000 };
      const [a, b, c, d] = await readAll([
        await studio.record(root, { ...short, subject: 'S-1' }),
        await studio.record(root, { ...short, subject: 'S-2' }),
        await studio.record(root, { ...short, minute: 1 }),
        await studio.record(root, { ...short, minute: 2 }),
      ]);
      expect(() => reportOf([])).to.throw('at least one recording');
      expect(() => reportOf([a, a])).to.throw('named twice');
      expect(() => reportOf([a, b])).to.throw('must be of one subject, got recordings of S-1, S-2');
      expect(() => reportOf([a, c])).to.throw('S-1, no subject');
      expect(reportOf([d, c]).noJoint).to.match(/name no subject/);
      expect(reportOf([d, c]).recordings.map(({ name }) => name)).to.deep.equal([c.name, d.name]);
    }));
});
