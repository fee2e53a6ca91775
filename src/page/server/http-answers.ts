import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { SessionAudio } from './session-audio.js';
import type { StoredSessions } from './stored-sessions.js';
import { OPEN_METRICS_TYPE, type Vitals } from '../../health/vitals.js';

/** Nothing but what this server sends; no script, style or frame from anywhere else, none inside the page's text. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** What is answered instead, for people. */
export class HttpProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function setSafeHeaders(response: ServerResponse): void {
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cache-Control', 'no-store');
}

export const notFound = (): HttpProblem => new HttpProblem(404, 'There is nothing here.');

export function found<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}

export function numberIn(query: URLSearchParams, name: string, least: number, most: number): number {
  const value = Number(query.get(name) ?? NaN);
  if (value >= least && value <= most) return value;
  throw new HttpProblem(400, `${name} must be a number in ${least}..${most}.`);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

export function sendJson(response: ServerResponse, value: object): void {
  sendBytes(response, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));
}

export function sendBytes(response: ServerResponse, type: string, bytes: Uint8Array): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.byteLength }).end(bytes);
}

/**
 * Answers `/healthz` (503 where something failed) and `/metrics`, for whoever may see the page.
 *
 * @returns whether it was one of them
 */
export async function answerVitals(
  pathname: string,
  response: ServerResponse,
  vitals: Vitals | undefined,
): Promise<boolean> {
  if (vitals === undefined) return false;
  if (pathname === '/metrics') {
    sendBytes(response, OPEN_METRICS_TYPE, Buffer.from(await vitals.metrics()));
    return true;
  }
  if (pathname !== '/healthz') return false;
  const health = await vitals.health();
  const body = Buffer.from(`${JSON.stringify(health)}\n`);
  const type = 'application/json; charset=utf-8';
  response.writeHead(health.state === 'failed' ? 503 : 200, {
    'Content-Type': type,
    'Content-Length': body.length,
  });
  response.end(body);
  return true;
}

export async function sendFile(
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
export async function sendAudio(
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
