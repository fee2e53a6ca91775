import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { LubdubError } from '../../errors.js';
import type { Vitals } from '../../health/vitals.js';
import { endRefused } from './connection-limits.js';
import {
  answerVitals,
  CONTENT_SECURITY_POLICY,
  HttpProblem,
  found,
  sendText,
  setSafeHeaders,
} from './http-answers.js';
import { isOpenToAll, SIGN_IN, type PageAsset } from './page-assets.js';
import type { RequestGuard } from './request-guard.js';

/** Answers what is behind the gate. Throws (or rejects with) `HttpProblem` for what it does not answer. */
export type BehindGate = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export interface PageGateOptions {
  readonly guard: RequestGuard;
  /** The page itself, by path. */
  readonly assets: ReadonlyMap<string, PageAsset>;
  /** Answers `/healthz` and `/metrics`. Default: neither is there. */
  readonly vitals?: Vitals | undefined;
  /** What is neither the page nor its health. */
  readonly route: BehindGate;
  /** Told of faults of lubdub's own. */
  readonly onFault: (error: unknown) => void;
}

/**
 * What every request to a page passes, the bedside's and the ward's: method, host, token, safe headers. HTTP requests only
 * read: whatever changes something comes over a WebSocket.
 */
export class PageGate {
  constructor(private readonly options: PageGateOptions) {}

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

  /**
   * Looks at a request for a WebSocket, and answers it where it may not have one.
   *
   * @param path the only one that sockets are at
   * @param pages that are open, and may be
   * @returns whether it may
   */
  admit(
    request: IncomingMessage,
    socket: Duplex,
    path: string,
    pages: { readonly open: number; readonly most: number },
  ): boolean {
    // An upgrade that breaks off is no fault.
    socket.on('error', () => socket.destroy());
    const refusal = this.options.guard.refuseSocket(request);
    if (refusal !== null) refuse(socket, refusal.status, refusal.message);
    else if (request.url !== path) refuse(socket, 404, 'There is nothing here.');
    else if (pages.open >= pages.most)
      refuse(socket, 503, `${pages.most} pages are open already; close one.`);
    else return true;
    return false;
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      throw new HttpProblem(405, 'This server only answers GET and HEAD.');
    }
    const { guard, assets, vitals } = this.options;
    const refusedHost = guard.refuseHost(request);
    if (refusedHost !== null) throw new HttpProblem(refusedHost.status, refusedHost.message);
    const target = request.url ?? '/';
    if (!URL.canParse(target, 'http://page')) throw new HttpProblem(400, 'The address cannot be read.');
    const url = new URL(target, 'http://page');
    const { pathname } = url;

    const token = pathname === '/' ? url.searchParams.get('token') : null;
    if (token !== null && guard.isToken(token)) {
      // Out of the address bar and the history.
      response.writeHead(303, { Location: '/', 'Set-Cookie': guard.cookie }).end();
      return;
    }
    const refusal = guard.refuse(request, pathname === '/');
    if (refusal?.status === 401 && pathname === '/') return this.asset(SIGN_IN, response, 401);
    if (refusal !== null && !(refusal.status === 401 && isOpenToAll(pathname))) {
      throw new HttpProblem(refusal.status, refusal.message);
    }
    if (pathname !== SIGN_IN && assets.has(pathname)) return this.asset(pathname, response, 200);
    if (await answerVitals(pathname, response, vitals)) return;
    return this.options.route(request, response, url);
  }

  private asset(path: string, response: ServerResponse, status: number): void {
    const { type, bytes } = found(this.options.assets.get(path));
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length });
    response.end(bytes);
  }

  private toProblem(error: unknown): HttpProblem {
    if (error instanceof LubdubError) return new HttpProblem(500, error.message);
    this.options.onFault(error);
    return new HttpProblem(500, "The page's server has a fault; see what lubdub printed.");
  }
}

function refuse(socket: Duplex, status: number, message: string): void {
  const body = `${message}\n`;
  endRefused(
    socket,
    `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
