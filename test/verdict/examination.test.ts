import { expect } from 'chai';
import fc from 'fast-check';
import {
  EXAMINATION_PAUSE_MS,
  examinationsOf,
  jointVerdict,
  type SiteRecording,
} from '../../src/verdict/examination.js';
import { ExaminationLog } from '../../src/bedside/examination-log.js';
import { SITES } from '../../src/verdict/site.js';

const recording = (change: Partial<SiteRecording> = {}): SiteRecording => ({
  subject: 'S-017',
  site: 'mitral',
  verdict: 'normal',
  startedAtMs: 0,
  session: null,
  ...change,
});
const verdicts = fc.constantFrom('normal' as const, 'abnormal' as const, 'inconclusive' as const);

describe('an examination of several sites', () => {
  it('is abnormal if any site is, normal only if all are, and inconclusive otherwise', () => {
    fc.assert(
      fc.property(fc.array(verdicts, { minLength: 1, maxLength: 4 }), (sites) => {
        const joint = jointVerdict(sites);
        expect(joint === 'abnormal').to.equal(sites.some((verdict) => verdict === 'abnormal'));
        expect(joint === 'normal').to.equal(sites.every((verdict) => verdict === 'normal'));
      }),
    );
  });

  it('never loses an abnormal recording to a later one of the same site', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...SITES), verdicts), { minLength: 1, maxLength: 8 }),
        (takes) => {
          const recordings = takes.map(([site, verdict], i) =>
            recording({ site, verdict, startedAtMs: i * 1000 }),
          );
          const [examination, ...others] = examinationsOf(recordings);
          expect(others).to.deep.equal([]);
          const hasAbnormal = takes.some(([, verdict]) => verdict === 'abnormal');
          expect(examination.verdict === 'abnormal').to.equal(hasAbnormal);
          expect(examination.sites.map(({ site }) => site)).to.deep.equal([
            ...new Set(takes.map(([site]) => site)),
          ]);
        },
      ),
    );
  });

  it('lets a conclusive recording replace an inconclusive one of the same site, before or after it', () => {
    for (const order of [
      ['inconclusive', 'normal'],
      ['normal', 'inconclusive'],
    ] as const) {
      const takes = order.map((verdict, i) => recording({ verdict, startedAtMs: i }));
      const [examination] = examinationsOf(takes);
      expect(examination.sites).to.deep.equal([{ site: 'mitral', verdict: 'normal', recordings: 2 }]);
    }
  });

  it('keeps subjects apart, and examinations with a long pause between them', () => {
    const found = examinationsOf([
      recording({ startedAtMs: 0 }),
      recording({ startedAtMs: EXAMINATION_PAUSE_MS, site: 'aortic' }),
      recording({ startedAtMs: 2 * EXAMINATION_PAUSE_MS + 1, session: 'later' }),
      recording({ startedAtMs: 5, subject: 'S-018' }),
    ]);
    expect(found.map(({ subject, sites }) => `${subject} ${sites.length}`)).to.deep.equal([
      'S-017 1',
      'S-018 1',
      'S-017 2',
    ]);
    expect(found[0].sessions).to.deep.equal(['later']);
  });
});

describe('ExaminationLog', () => {
  const status = { state: 'recording', subject: 'S-017', site: 'aortic', session: null } as const;

  it('joins what was stored before with this run, and forgets what is discarded', () => {
    const log = new ExaminationLog();
    log.addStored([recording({ startedAtMs: 1000, verdict: 'normal', session: 'stored' })]);
    log.begin(2000);
    log.finish(status, 'abnormal');
    expect(log.current('S-017', 3000)).to.deep.include({ verdict: 'abnormal', sessions: ['stored'] });
    log.forget();
    expect(log.current('S-017', 3000)?.verdict).to.equal('normal');
    log.forget();
    expect(log.current('S-017', 3000)?.verdict).to.equal('normal');
  });

  it('gives recordings without a subject to nobody', () => {
    const log = new ExaminationLog();
    log.begin(0);
    log.finish({ ...status, subject: null }, 'abnormal');
    expect(log.current(null, 1)).to.equal(null);
    expect(log.current('S-017', 1)).to.equal(null);
  });

  it('does not show an examination of long ago', () => {
    const log = new ExaminationLog();
    log.begin(0);
    log.finish(status, 'normal');
    expect(log.current('S-017', EXAMINATION_PAUSE_MS)).not.to.equal(null);
    expect(log.current('S-017', EXAMINATION_PAUSE_MS + 1)).to.equal(null);
  });
});
