import type { ConnectionLimits } from './connection-limits.js';
import { notFound } from './http-answers.js';
import { LivePages } from './live-pages.js';
import { LiveLookBack } from './look-back/live-look-back.js';
import { LookBackRoutes } from './look-back/look-back-routes.js';
import type { Vitals } from '../../health/vitals.js';
import type { PageFacts } from '../page-messages.js';
import { openPageServer } from './open-page-server.js';
import type { PageSocketLimits } from './page-socket.js';
import type { ScreeningController } from '../../bedside/screening-controller.js';
import { SessionRoutes } from './session-routes.js';
import { StoredSessions } from './stored-sessions.js';

export const DEFAULT_PAGE_PORT = 4912;

const ASSETS = { '/': 'index.html', '/main.js': 'main.js', '/listen-worklet.js': 'listen-worklet.js' };

export interface PageOptions {
  readonly controller: ScreeningController;
  /** Of lubdub. */
  readonly version: string;
  /** From the model contract: when there is a verdict, and where it is uncertain. */
  readonly rules: PageFacts['rules'];
  readonly model: PageFacts['model'];
  /** Default: not known. */
  readonly falseAlarms?: PageFacts['falseAlarms'];
  /** Default 127.0.0.1. Any other than loopback needs a token. */
  readonly host?: string;
  /** Exactly this port, 0 for any free one. Default 4912 or, where that is taken, the next free one up to 4921. */
  readonly port?: number;
  /** 16 to 128 letters, digits, - or _. */
  readonly token?: string;
  /** Where sessions are stored; the page lists them. */
  readonly sessionsDirectory?: string;
  /** Answers `/healthz` and `/metrics`. Default: neither is there. */
  readonly vitals?: Vitals;
  /** Told of faults of the server's own; the page goes on. Default: nobody. */
  readonly onFault?: (error: unknown) => void;
  readonly limits?: Partial<PageSocketLimits & ConnectionLimits> & {
    readonly pages?: number;
  };
}

export interface RunningPage {
  /** For a person to open; with the token, where there is one. */
  readonly url: string;
  /** Under every address of this machine that it is served on; {@link url} is the first. */
  readonly urls: readonly string[];
  readonly port: number;
  /** Pages that are open now. */
  readonly pageCount: number;
  close(): Promise<void>;
}

/**
 * Serves the live page until it is closed. The screening is only looked at: nothing of it waits for a page.
 *
 * @throws ConfigurationError for a host without a token, or a port that cannot be had
 */
export async function startPage(options: PageOptions): Promise<RunningPage> {
  const { controller, version, host, port, token, vitals, onFault = () => {}, limits = {} } = options;
  const sessions =
    options.sessionsDirectory === undefined ? null : new StoredSessions(options.sessionsDirectory);
  const lookBack = new LiveLookBack(sessions);
  const lookBackRoutes = new LookBackRoutes(lookBack);
  const routes = sessions === null ? null : new SessionRoutes(sessions, lookBackRoutes, version);
  const server = await openPageServer({
    host,
    port,
    usualPort: DEFAULT_PAGE_PORT,
    token,
    assets: ASSETS,
    vitals,
    limits,
    onFault,
    async route(request, response, { pathname, searchParams }) {
      const [, api, ...path] = pathname.split('/');
      if (api !== 'api') throw notFound();
      if (path[0] === 'live') return lookBackRoutes.answerLive(response, searchParams, path.slice(1));
      if (routes === null) throw notFound();
      await routes.answer(request, response, searchParams, path);
    },
  });
  const facts: PageFacts = {
    version,
    rules: options.rules,
    model: options.model,
    falseAlarms: options.falseAlarms ?? null,
    hasSessions: sessions !== null,
  };
  const pages = new LivePages({
    controller,
    facts,
    gate: server.gate,
    sessions,
    lookBack,
    onFault,
    limits,
  });
  server.http.on('upgrade', (request, socket, head) => pages.upgrade(request, socket, head));
  const { urls } = server;
  return {
    url: urls[0],
    urls,
    port: server.port,
    get pageCount() {
      return pages.count;
    },
    async close() {
      pages.close();
      await server.close();
    },
  };
}
