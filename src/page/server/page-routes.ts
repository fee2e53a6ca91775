import type { IncomingMessage, ServerResponse } from 'node:http';
import { LubdubError } from '../../errors.js';
import type { Vitals } from '../../health/vitals.js';
import {
  answerVitals,
  CONTENT_SECURITY_POLICY,
  HttpProblem,
  notFound,
  sendText,
  setSafeHeaders,
} from './http-answers.js';
import type { AssetPath, PageAsset } from './page-assets.js';
import type { RequestGuard } from './request-guard.js';
import { LookBackRoutes } from './look-back/look-back-routes.js';
import type { LiveLookBack } from './look-back/live-look-back.js';
import { SessionRoutes } from './session-routes.js';
import type { StoredSessions } from './stored-sessions.js';

export interface PageRoutesOptions {
  readonly guard: RequestGuard;
  readonly assets: ReadonlyMap<string, PageAsset>;
  readonly sessions: StoredSessions | null;
  readonly lookBack: LiveLookBack;
  readonly vitals?: Vitals | undefined;
  /** Of lubdub, for reports. */
  readonly version: string;
  /** Told of faults of lubdub's own. */
  readonly onFault: (error: unknown) => void;
}

/** Answers the page's HTTP requests. They only read: whatever changes something comes over the WebSocket. */
export class PageRoutes {
  private readonly sessions: SessionRoutes | null;
  private readonly lookBack: LookBackRoutes;

  constructor(private readonly options: PageRoutesOptions) {
    const { sessions, version } = options;
    this.lookBack = new LookBackRoutes(options.lookBack);
    this.sessions = sessions === null ? null : new SessionRoutes(sessions, this.lookBack, version);
  }

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
    const [, api, ...path] = url.pathname.split('/');
    if (api !== 'api') throw notFound();
    if (path[0] === 'live') return this.lookBack.answerLive(response, url.searchParams, path.slice(1));
    if (this.sessions === null) throw notFound();
    return this.sessions.answer(request, response, url.searchParams, path);
  }

  private asset(path: AssetPath, response: ServerResponse, status: number): void {
    const { type, bytes } = this.options.assets.get(path)!;
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
