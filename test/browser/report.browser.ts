import axe from 'axe-core';
import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Gap } from '../../src/decode/samples.js';
import { htmlReport } from '../../src/report/html-report.js';
import type { ReportedRecording } from '../../src/report/reported-recording.js';
import { jointOf, readAll, reportOf, SessionStudio } from '../report/screened-sessions.js';
import { inFolder } from '../support/sessions.js';
import { summaryOf } from '../../src/verdict/stethoscope-profile-words.js';
import { madeUpProfile } from '../support/stethoscope-profile.js';
import { findChromium, launchChromium } from './chromium.js';
import type { QualityReason } from '../../src/window/window.js';
import { SITES } from '../../src/verdict/site.js';

const executablePath = findChromium();

const joint = jointOf(
  'abnormal',
  SITES.map((site) => [site, 'abnormal'] as const),
  'A rule. '.repeat(40),
);

/** Everything at its longest: names, reasons, gaps, what is missing. */
function crowded(recording: ReportedRecording): ReportedRecording {
  const long = 'Wide names, WWWW, '.repeat(20);
  const gaps = Array.from({ length: 40 }, (_, i): Gap => ({
    kind: 'gap',
    atSample: 1000 * i,
    lostSamples: 123_456,
    cause: 'lost',
  }));
  // As another version may have stored them.
  const reasons = ['no-heartbeat', 'clipped', long as QualityReason] as const;
  return {
    ...recording,
    name: long,
    site: long,
    gaps,
    lostSamples: 40 * 123_456,
    droppedWindows: 123_456,
    device: { path: long, firmware: long, serialNumber: null },
    model: {
      name: long,
      version: long,
      sha256: 'f'.repeat(64),
      falseAlarms: { mean: 0.35, least: 0.13, most: 0.59 },
    },
    lubdubVersion: '1.2.3-prerelease.4',
    windows: recording.windows.map((window) => ({ ...window, usable: window.index % 3 > 0, reasons })),
    final: {
      ...recording.final!,
      verdict: 'inconclusive',
      reasons: ['too-little-usable-signal', 'windows-not-scored', ...reasons],
    },
    missing: Array.from({ length: 12 }, () => long),
  };
}

function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
}

(executablePath === undefined ? describe.skip : describe)('the report in a browser', function () {
  let browser: Browser;
  let studio: SessionStudio;
  before(async () => {
    browser = await launchChromium(executablePath!);
    studio = await SessionStudio.open();
  });
  after(async () => {
    await browser?.close();
    await studio?.close();
  });

  const show = async (html: string, use: (page: Page) => Promise<void>, bypassCSP = false) => {
    const context = await browser.newContext({ bypassCSP });
    try {
      const page = await context.newPage();
      await page.setContent(html);
      await use(page);
    } finally {
      await context.close();
    }
  };

  const recorded = (recording: string, use: (recorded: ReportedRecording) => Promise<void>) =>
    inFolder(async (root) => {
      const gaps = [{ atSample: 8000, lostSamples: 2000 }];
      const session = { recording, subject: 'S-017', site: 'mitral', gaps };
      await use((await readAll([await studio.record(root, session)]))[0]);
    });

  it('takes exactly one sheet of A4 and of Letter for one recording, however crowded', () =>
    recorded('e01341', async (recording) => {
      const full = crowded(recording);
      const profile = { ...summaryOf(madeUpProfile()), name: 'W'.repeat(48) };
      const { name, persons } = profile;
      const fitted = { ...full.final!, stethoscope: { name, persons, sha256: 'f'.repeat(64) } };
      const alarming = { ...full.final!, verdict: 'abnormal' as const };
      const crowds = [full, { ...full, final: alarming }, { ...full, profile, final: fitted }];
      for (const one of [recording, ...crowds]) {
        await show(await htmlReport(reportOf([one])), async (page) => {
          for (const format of ['A4', 'Letter']) {
            expect(pagesOf(await page.pdf({ format, preferCSSPageSize: false })), format).to.equal(1);
          }
        });
      }
    }));

  it('takes one sheet more for an examination of four sites', () =>
    inFolder(async (root) => {
      const directories: string[] = [];
      for (const [minute, site] of ['aortic', 'pulmonic', 'tricuspid', 'mitral'].entries()) {
        const recording = ['e01341', 'c0016', 'e00622', 'a0050'][minute];
        // As many sentences of profiles as the first sheet holds.
        const stethoscope = minute > 1 ? studio.profile({ name: 'W'.repeat(48) }) : undefined;
        const fitted = stethoscope === undefined ? {} : { stethoscope };
        directories.push(await studio.record(root, { recording, subject: 'S-017', site, minute, ...fitted }));
      }
      const falseAlarms = { mean: 0.35, least: 0.13, most: 0.59 };
      const recordings = (await readAll(directories)).map((one) => ({
        ...one,
        model: { ...one.model, falseAlarms },
      }));
      const html = await htmlReport(reportOf(recordings, { join: () => joint }));
      await show(html, async (page) => {
        for (const format of ['A4', 'Letter']) expect(pagesOf(await page.pdf({ format }))).to.equal(5);
      });
    }));

  it('has nothing that axe finds wrong, on screen and in print', () =>
    recorded('e00622', async (recording) => {
      const normal = { ...recording, final: { ...recording.final!, verdict: 'normal' as const } };
      const second = Object.create(recording.session, {
        directory: { value: 'b' },
      }) as typeof recording.session;
      const both = [recording, { ...normal, session: second }];
      const html = await htmlReport(reportOf(both, { join: () => joint }));
      await show(
        html,
        async (page) => {
          await page.evaluate(axe.source);
          for (const media of ['screen', 'print'] as const) {
            await page.emulateMedia({ media });
            const { violations } = await page.evaluate(() =>
              (globalThis as unknown as { axe: typeof axe }).axe.run(),
            );
            expect(
              violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
              media,
            ).to.deep.equal([]);
          }
        },
        true,
      );
    }));

  it('loads nothing and breaks no rule of its own', () =>
    inFolder(async (root) => {
      const directory = await studio.record(root, { recording: 'e01341', as: 'abnormal' });
      const path = join(root, 'report.html');
      await writeFile(path, await htmlReport(reportOf(await readAll([directory]))));
      const page = await browser.newPage();
      const said: string[] = [];
      const asked: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => asked.push(request.url()));
      const url = pathToFileURL(path).href;
      await page.goto(url);
      await page.close();
      expect(said).to.deep.equal([]);
      expect(asked.filter((address) => !address.startsWith('data:'))).to.deep.equal([url]);
    }));

  it('shows a spectrogram that the browser can decode', () =>
    recorded('e01341', async (recording) => {
      await show(await htmlReport(reportOf([recording])), async (page) => {
        // Page code as text: this project's types know no document.
        const image = await page.evaluate<number[]>(`(async () => {
          const picture = new Image();
          picture.src = document.querySelector('image').getAttribute('href');
          await picture.decode();
          return [picture.naturalWidth, picture.naturalHeight];
        })()`);
        expect(image).to.deep.equal([900, 48]);
      });
    }));

  it('cuts no word of a figure and lets no two times run together, whatever font there is', () =>
    recorded('c0001', async (recording) => {
      await show(await htmlReport(reportOf([recording])), async (page) => {
        const fonts = ['sans-serif', 'serif', 'monospace', 'cursive', 'fantasy', 'system-ui'];
        // What is set a fifth larger stands for fonts that are wider and taller than any at hand.
        for (const [font, share] of fonts.flatMap((name) =>
          [1, 1.2].map((scale) => [name, scale] as const),
        )) {
          const style = await page.addStyleTag({
            content: `svg text { font: ${13 * share}px ${font} !important; } svg .label { font-weight: bold !important; }
              svg .scale, svg .time { font-size: ${12 * share}px !important; }`,
          });
          const wrong = await page.evaluate<
            string[]
          >(`[...document.querySelectorAll('svg.figure')].flatMap((svg) => {
            const view = svg.viewBox.baseVal;
            const words = [...svg.querySelectorAll('text:not(.mark)')];
            const boxes = words.map((word) => word.getBBox());
            const cut = words.filter((_, i) => {
              const { x, y, width, height } = boxes[i];
              return x < 0 || y < 0 || x + width > view.width || y + height > view.height;
            });
            const sideways = (a, b) => Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
            const upright = (a, b) => Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
            const covered = words.filter((word, i) =>
              word.matches('.time') && boxes.some((box, j) =>
                j < i && words[j].matches('.time') && sideways(box, boxes[i]) > 0 && upright(box, boxes[i]) > 0));
            return [...cut, ...covered].map(({ textContent }) => textContent);
          })`);
          expect(wrong, `${font} at ${share}`).to.deep.equal([]);
          await style.evaluate((element) => (element as unknown as { remove(): void }).remove());
        }
      });
    }));
});
