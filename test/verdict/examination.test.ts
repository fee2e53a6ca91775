import { expect } from 'chai';
import fc from 'fast-check';
import { EXAMINATION_PAUSE_MS, examinationsOf, type SiteRecording } from '../../src/verdict/examination.js';
import { ExaminationLog } from '../../src/bedside/examination-log.js';
import { SITES } from '../../src/verdict/site.js';
import { joinEvidence, type JoinedRecording } from '../../src/verdict/joint-evidence.js';

const rules = { minimumUsableSeconds: 5, minimumQuality: 0.35, uncertain: { from: 0.45, to: 0.55 } };
const result = (probability: number): JoinedRecording => ({
  probability,
  reasons: [],
  durationSeconds: 10,
  usableSeconds: 8,
  quality: 0.9,
  model: { sha256: 'a' },
});
const recording = (change: Partial<SiteRecording> = {}): SiteRecording => ({
  subject: 'S-017',
  site: 'mitral',
  result: result(0.2),
  rules,
  startedAtMs: 0,
  session: null,
  ...change,
});

describe('an examination of several sites', () => {
  it('joins the recordings of each site, and all of them', () => {
    const takes = fc.tuple(fc.constantFrom(...SITES), fc.double({ min: 0.01, max: 0.99, noNaN: true }));
    fc.assert(
      fc.property(fc.array(takes, { minLength: 1, maxLength: 8 }), (all) => {
        const recordings = all.map(([site, probability], i) =>
          recording({ site, result: result(probability), startedAtMs: i * 1000 }),
        );
        const [examination, ...others] = examinationsOf(recordings);
        expect(others).to.deep.equal([]);
        const joint = joinEvidence(
          all.map(([, probability]) => result(probability)),
          rules,
        );
        expect(examination).to.deep.include(joint);
        expect(examination.sites.map(({ site }) => site)).to.deep.equal([
          ...new Set(all.map(([site]) => site)),
        ]);
        for (const { site, ...ofSite } of examination.sites) {
          const own = all.filter(([where]) => where === site).map(([, probability]) => result(probability));
          expect(ofSite).to.deep.equal(joinEvidence(own, rules));
        }
      }),
    );
  });

  it('counts a recording that was begun and has no result, and takes no evidence from it', () => {
    const [examination] = examinationsOf([
      recording(),
      recording({ site: 'aortic', result: null, startedAtMs: 1 }),
    ]);
    expect(examination).to.deep.include({ verdict: 'normal', recordings: 2, usableSeconds: 8 });
    expect(examination.sites[1]).to.deep.include({
      site: 'aortic',
      verdict: 'inconclusive',
      probability: null,
    });
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
    const log = new ExaminationLog(rules);
    log.addStored([recording({ startedAtMs: 1000, session: 'stored' })]);
    log.begin(2000);
    log.finish(status, result(0.9));
    expect(log.current('S-017', 3000)).to.deep.include({ recordings: 2, sessions: ['stored'] });
    log.forget();
    expect(log.current('S-017', 3000)).to.deep.include({ verdict: 'normal', recordings: 1 });
    log.forget();
    expect(log.current('S-017', 3000)).to.deep.include({ verdict: 'normal', recordings: 1 });
  });

  it('gives recordings without a subject to nobody', () => {
    const log = new ExaminationLog(rules);
    log.begin(0);
    log.finish({ ...status, subject: null }, result(0.9));
    expect(log.current(null, 1)).to.equal(null);
    expect(log.current('S-017', 1)).to.equal(null);
  });

  it('does not show an examination of long ago', () => {
    const log = new ExaminationLog(rules);
    log.begin(0);
    log.finish(status, result(0.1));
    expect(log.current('S-017', EXAMINATION_PAUSE_MS)).not.to.equal(null);
    expect(log.current('S-017', EXAMINATION_PAUSE_MS + 1)).to.equal(null);
  });
});
