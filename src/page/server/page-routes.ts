import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { LubdubError } from '../../errors.js';
import { reportFormatOf } from '../../report/report-formats.js';
import { examinationsOf } from '../../verdict/examination.js';
import type { Vitals } from '../../health/vitals.js';
import { answerVitals } from './http-answers.js';
import type { AssetPath, PageAsset } from './page-assets.js';
import type { RequestGuard } from './request-guard.js';
import { sessionReport } from './session-report.js';
import { SessionAudio } from './session-audio.js';
import type { SessionList } from '../session-pages.js';
import { traceColumns } from './session-trace.js';
import { recordingsOf, type StoredSessions } from './stored-sessions.js';

/** Nothing but what this server sends; no script, style or frame from anywhere else, none inside the page's text. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const MOST_COLUMNS = 8000;
/** Each reads the disk and filters; more at once would take the processor from the screening. */
const HEAVY_AT_ONCE = 3;
const MOST_GAIN = 1000;
/** Making a report takes the processor for a while, which a recording under way may need. */
const LONGEST_REPORT_SECONDS = 600;

export interface PageRoutesOptions {
  readonly guard: RequestGuard;
  readonly assets: ReadonlyMap<string, PageAsset>;
  readonly sessions: StoredSessions | null;
  readonly vitals?: Vitals | undefined;
  /** Of lubdub, for reports. */
  readonly version: string;
  /** Told of faults of lubdub's own. */
  readonly onFault: (error: unknown) => void;
}

class HttpProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Answers the page's HTTP requests. They only read: whatever changes something comes over the WebSocket. */
export class PageRoutes {
  private heavy = 0;

  constructor(private readonly options: PageRoutesOptions) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setSafeHeaders(response);
    try {
      await this.route(request, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        // The browser broke off, or the disk failed midway: the length that was promised tells that it is torn.
        response.destroy();
        return;
      }
      const problem = error instanceof HttpProblem ? error : this.toProblem(error);
      sendText(response, problem.status, `${problem.message}\n`);
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      throw new HttpProblem(405, 'This server only answers GET and HEAD.');
    }
    const { guard } = this.options;
    const refusedHost = guard.refuseHost(request);
    if (refusedHost !== null) throw new HttpProblem(refusedHost.status, refusedHost.message);
    const target = request.url ?? '/';
    if (!URL.canParse(target, 'http://page')) throw new HttpProblem(400, 'The address cannot be read.');
    const url = new URL(target, 'http://page');

    const token = url.pathname === '/' ? url.searchParams.get('token') : null;
    if (token !== null && guard.isToken(token)) {
      // Out of the address bar and the history.
      response.writeHead(303, { Location: '/', 'Set-Cookie': guard.cookie }).end();
      return;
    }
    const refusal = guard.refuse(request, url.pathname === '/');
    if (refusal?.status === 401 && url.pathname === '/') return this.asset('/sign-in', response, 401);
    // The form needs its style and the page its icon before anybody has signed in.
    const isPublic = url.pathname === '/style.css' || url.pathname === '/icon.svg';
    if (refusal !== null && !(refusal.status === 401 && isPublic)) {
      throw new HttpProblem(refusal.status, refusal.message);
    }
    if (url.pathname !== '/sign-in' && this.options.assets.has(url.pathname)) {
      return this.asset(url.pathname as AssetPath, response, 200);
    }
    if (await answerVitals(url.pathname, response, this.options.vitals)) return;
    const [, api, list, name, what, file, ...rest] = url.pathname.split('/');
    if (api !== 'api' || list !== 'sessions' || rest.length > 0) throw notFound();
    return this.session(request, response, url.searchParams, { name, what, file });
  }

  private asset(path: AssetPath, response: ServerResponse, status: number): void {
    const { type, bytes } = this.options.assets.get(path)!;
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length });
    response.end(bytes);
  }

  private async session(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
    { name, what, file }: { name?: string; what?: string; file?: string },
  ): Promise<void> {
    const { sessions } = this.options;
    if (sessions === null) throw notFound();
    if (name === undefined) {
      const rows = await sessions.list();
      const list: SessionList = { sessions: rows, examinations: examinationsOf(recordingsOf(rows)) };
      return sendJson(response, list);
    }
    if (what === undefined)
      return this.heavily(async () => sendJson(response, found(await sessions.page(name))));
    if (what === 'files' && file !== undefined) return sendFile(response, sessions, name, file);
    if (what === 'report' && file !== undefined) {
      const format = found(reportFormatOf(file));
      return this.heavily(async () => {
        const session = found(await sessions.open(name));
        if (session.durationSeconds > LONGEST_REPORT_SECONDS) {
          throw new HttpProblem(413, 'This recording is long: make its report with `lubdub report`.');
        }
        const text = await sessionReport(session.directory, format, this.options.version);
        response.setHeader('Content-Disposition', `attachment; filename="${name}_${file}"`);
        sendBytes(response, format.mediaType, Buffer.from(text));
      });
    }
    if (what === 'trace' && file === undefined) {
      return this.heavily(async () => {
        const session = found(await sessions.open(name));
        const columns = numberIn(query, 'columns', 1, MOST_COLUMNS);
        const fromSeconds = numberIn(query, 'from', 0, 1e9);
        const toSeconds = numberIn(query, 'to', fromSeconds, 1e9);
        if (!Number.isInteger(columns)) throw new HttpProblem(400, 'columns must be an integer.');
        const extremes = await traceColumns(session, { fromSeconds, toSeconds, columns });
        sendBytes(response, 'application/octet-stream', new Uint8Array(extremes.buffer));
      });
    }
    if (what === 'audio.wav' && file === undefined) {
      return this.heavily(async () => {
        const session = found(await sessions.open(name));
        const gain = query.has('gain') ? numberIn(query, 'gain', 0, MOST_GAIN) : 1;
        await sendAudio(request, response, new SessionAudio(session, gain));
      });
    }
    throw notFound();
  }

  private async heavily(work: () => Promise<void>): Promise<void> {
    if (this.heavy >= HEAVY_AT_ONCE) throw new HttpProblem(503, 'Too many requests at once; try again.');
    this.heavy++;
    try {
      await work();
    } finally {
      this.heavy--;
    }
  }

  private toProblem(error: unknown): HttpProblem {
    if (error instanceof LubdubError) return new HttpProblem(500, error.message);
    this.options.onFault(error);
    return new HttpProblem(500, "The page's server has a fault; see what lubdub printed.");
  }
}

function setSafeHeaders(response: ServerResponse): void {
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cache-Control', 'no-store');
}

const notFound = (): HttpProblem => new HttpProblem(404, 'There is nothing here.');

function found<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}

function numberIn(query: URLSearchParams, name: string, least: number, most: number): number {
  const value = Number(query.get(name) ?? NaN);
  if (value >= least && value <= most) return value;
  throw new HttpProblem(400, `${name} must be a number in ${least}..${most}.`);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

function sendJson(response: ServerResponse, value: object): void {
  sendBytes(response, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));
}

function sendBytes(response: ServerResponse, type: string, bytes: Uint8Array): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.byteLength }).end(bytes);
}

async function sendFile(
  response: ServerResponse,
  sessions: StoredSessions,
  name: string,
  file: string,
): Promise<void> {
  const opened = found(await sessions.openFile(name, file));
  const { size } = opened;
  try {
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': size,
      // Both names are of letters, digits, dots and dashes by now.
      'Content-Disposition': `attachment; filename="${name}_${file}"`,
    });
    if (response.req.method === 'HEAD' || size === 0) return void response.end();
    // A session under way grows; what was promised is what is sent.
    await pipeline(Readable.from(opened.blocks(size), { objectMode: false }), response);
  } finally {
    await opened.close();
  }
}

/** Players ask for parts, to seek. */
async function sendAudio(
  request: IncomingMessage,
  response: ServerResponse,
  audio: SessionAudio,
): Promise<void> {
  response.setHeader('Content-Type', 'audio/wav');
  response.setHeader('Accept-Ranges', 'bytes');
  const range = parseRange(request.headers.range, audio.bytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${audio.bytes}` }).end();
    return;
  }
  const { begin, end } = range ?? { begin: 0, end: audio.bytes };
  if (range !== null) response.setHeader('Content-Range', `bytes ${begin}-${end - 1}/${audio.bytes}`);
  response.writeHead(range === null ? 200 : 206, { 'Content-Length': end - begin });
  if (request.method === 'HEAD') return void response.end();
  await pipeline(Readable.from(audio.range(begin, end), { objectMode: false }), response);
}

/** One range of RFC 9110, 14.2; several, or what is no range, count as none, as it allows. */
export function parseRange(
  header: string | undefined,
  bytes: number,
): { begin: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const last = Math.min(Number(match[2]), bytes);
    return last === 0 ? 'unsatisfiable' : { begin: bytes - last, end: bytes };
  }
  const begin = Number(match[1]);
  const end = match[2] === '' ? bytes : Math.min(Number(match[2]) + 1, bytes);
  if (begin >= bytes) return 'unsatisfiable';
  return end <= begin ? null : { begin, end };
}
