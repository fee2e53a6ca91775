import type { ServerResponse } from 'node:http';
import { OPEN_METRICS_TYPE, type Vitals } from '../../health/vitals.js';

/** Nothing but what this server sends; no script, style or frame from anywhere else, none inside the page's text. */
export const CONTENT_SECURITY_POLICY = [
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

/** A request that is answered with a status and a sentence. */
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

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
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
