import type { Browser, Page } from 'playwright-core';
import { startPage } from '../../src/page/server/start-page.js';
import { findChromium, launchChromium } from '../browser/chromium.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { quantile } from './quantile.js';

const VIEWPORT = { width: 800, height: 480 };
const WARM_UP_MS = 3000;

export interface FrameFigures {
  /** From one frame to the next. */
  readonly intervalMs: { readonly median: number; readonly p95: number; readonly p99: number };
  /** Intervals longer than two frames of 60 a second. */
  readonly lateShare: number;
  /** The page's own work for one frame. */
  readonly workMs: { readonly median: number; readonly p99: number; readonly worst: number };
}

export interface PageFigures {
  /** From the request to a page that shows the present; the median of several. */
  readonly loadMs: number;
  readonly loadBytes: number;
  readonly realTime: FrameFigures;
  /** The same with a processor slowed down to a quarter, as a small computer's would be. */
  readonly slowed: FrameFigures;
  /** Ten minutes of trace in one: what the page holds before and after, garbage collected. */
  readonly heapMegabytes: readonly [before: number, after: number];
  /** Of one core, of the process that serves it, by number of pages; the trace's own making included. */
  readonly serverShare: readonly { readonly pages: number; readonly share: number }[];
}

/**
 * What the live page costs: in the browser, which is Chromium without a graphics card, and in the process that serves it.
 *
 * @param seconds of real-time trace for each of the figures
 * @returns `undefined` without a Chromium
 */
export async function measurePage(wavPath: string, seconds = 20): Promise<PageFigures | undefined> {
  const executablePath = findChromium();
  if (executablePath === undefined) return undefined;
  const controller = await FakeController.playing(wavPath);
  const server = await startPage({
    controller,
    version: '0.0.0',
    rules: validContract().verdict,
    model: null,
    port: 0,
  });
  const browser = await launchChromium(executablePath);
  const windows = setInterval(() => controller.window(Math.floor(controller.seconds)), 1000);
  try {
    await controller.start({ site: 'mitral', subject: 'S-017' });
    controller.run();
    const { loadMs, loadBytes } = await measureLoad(browser, server.url);
    const serverShare: PageFigures['serverShare'][number][] = [];
    const pages: Page[] = [];
    for (const count of [0, 1, 4]) {
      while (pages.length < count) pages.push(await openPage(browser, server.url));
      await sleep(1000);
      serverShare.push({ pages: count, share: await measureServer(seconds / 2) });
    }
    for (const page of pages.slice(1)) await page.context().close();
    const realTime = await measureFrames(pages[0], seconds);
    const devtools = await pages[0].context().newCDPSession(pages[0]);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    const slowed = await measureFrames(pages[0], seconds);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize / 1e6;
    };
    const before = await heap();
    controller.run(10);
    await sleep(60_000);
    controller.run(1);
    await sleep(1000);
    return { loadMs, loadBytes, realTime, slowed, heapMegabytes: [before, await heap()], serverShare };
  } finally {
    clearInterval(windows);
    controller.pause();
    await browser.close();
    await server.close();
  }
}

export function describePage(figures: PageFigures): string[] {
  const { loadMs, loadBytes, realTime, slowed, heapMegabytes, serverShare } = figures;
  const frames = ({ intervalMs, lateShare, workMs }: FrameFigures) =>
    `every ${intervalMs.median.toFixed(1)} ms (p95 ${intervalMs.p95.toFixed(1)}, p99 ${intervalMs.p99.toFixed(1)}; ` +
    `${(100 * lateShare).toFixed(2)} % over 33.4 ms), work ${workMs.median.toFixed(2)} ms ` +
    `(p99 ${workMs.p99.toFixed(2)}, worst ${workMs.worst.toFixed(1)})`;
  return [
    `page, 800x480, no graphics card: shown after ${loadMs.toFixed(0)} ms, ${(loadBytes / 1000).toFixed(0)} kB`,
    `  a frame ${frames(realTime)}`,
    `  at a quarter of the processor ${frames(slowed)}`,
    `  heap before and after ten minutes of trace: ${heapMegabytes.map((mb) => mb.toFixed(1)).join(' and ')} MB`,
    `  server's share of a core: ${serverShare.map(({ pages, share }) => `${(100 * share).toFixed(2)} % with ${pages}`).join(', ')} pages`,
  ];
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  await page.addInitScript(`
    window.frameWork = []; window.frameTimes = [];
    const real = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => real((now) => {
      const begun = performance.now();
      callback(now);
      window.frameWork.push(performance.now() - begun);
      window.frameTimes.push(now);
    });`);
  await page.goto(url);
  await page.waitForSelector('body[data-connected=true]');
  return page;
}

async function measureLoad(browser: Browser, url: string): Promise<{ loadMs: number; loadBytes: number }> {
  const times: number[] = [];
  let loadBytes = 0;
  for (let run = 0; run < 7; run++) {
    const context = await browser.newContext({ viewport: VIEWPORT });
    const page = await context.newPage();
    const begun = performance.now();
    await page.goto(url);
    await page.waitForFunction(
      () => (globalThis as never as Screen).document.body.dataset.connected === 'true',
    );
    times.push(performance.now() - begun);
    loadBytes = await page.evaluate<number>(
      `performance.getEntries().reduce((sum, { transferSize = 0 }) => sum + transferSize, 0)`,
    );
    await context.close();
  }
  return { loadMs: quantile(times, 0.5), loadBytes };
}

async function measureFrames(page: Page, seconds: number): Promise<FrameFigures> {
  await page.waitForTimeout(WARM_UP_MS);
  await page.evaluate('frameWork.length = frameTimes.length = 0');
  await page.waitForTimeout(seconds * 1000);
  const { work, times } = await page.evaluate<{ work: number[]; times: number[] }>(
    '({ work: frameWork, times: frameTimes })',
  );
  const intervals = times.slice(1).map((time, i) => time - times[i]);
  return {
    intervalMs: {
      median: quantile(intervals, 0.5),
      p95: quantile(intervals, 0.95),
      p99: quantile(intervals, 0.99),
    },
    lateShare: intervals.filter((interval) => interval > 33.4).length / intervals.length,
    workMs: { median: quantile(work, 0.5), p99: quantile(work, 0.99), worst: Math.max(...work) },
  };
}

async function measureServer(seconds: number): Promise<number> {
  const before = process.cpuUsage();
  await sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (seconds * 1e6);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the page's functions see of the browser. */
interface Screen {
  readonly document: { readonly body: { readonly dataset: { readonly connected?: string } } };
}
