import type * as http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../../errors.js';
import { defaultConnectionLimits, limitConnections, type ConnectionLimits } from './connection-limits.js';
import { LivePages } from './live-pages.js';
import { readPageAssets } from './page-assets.js';
import type { Vitals } from '../../health/vitals.js';
import type { PageFacts } from '../page-messages.js';
import { PageRoutes } from './page-routes.js';
import type { PageSocketLimits } from './page-socket.js';
import { addressesToOpen, RequestGuard } from './request-guard.js';
import type { ScreeningController } from '../../bedside/screening-controller.js';
import { StoredSessions } from './stored-sessions.js';

// Imported, the module hands out all of its names, and loads a whole HTTP client (undici) for three of them.
const { createServer } = createRequire(import.meta.url)('node:http') as typeof http;

export const DEFAULT_PAGE_HOST = '127.0.0.1';
export const DEFAULT_PAGE_PORT = 4912;
/** Where no port was asked for, so many after the default one are tried. */
const FURTHER_PORTS = 9;
/** How often times are looked at; Node's own half a minute would add to every limit. */
const CHECKING_INTERVAL_MS = 1000;

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
  const { host = DEFAULT_PAGE_HOST, token = null, controller, onFault = () => {} } = options;
  const guard = new RequestGuard(host, token);
  const sessions =
    options.sessionsDirectory === undefined ? null : new StoredSessions(options.sessionsDirectory);
  const assets = await readPageAssets();
  const routes = new PageRoutes({
    guard,
    assets,
    sessions,
    version: options.version,
    vitals: options.vitals,
    onFault,
  });
  const server = createServer(
    { maxHeaderSize: 8192, connectionsCheckingInterval: CHECKING_INTERVAL_MS },
    (request, response) => void routes.answer(request, response),
  );
  limitConnections(server, { ...defaultConnectionLimits, ...options.limits });
  const port = await listen(server, host, options.port);
  guard.port = port;
  const facts: PageFacts = {
    version: options.version,
    rules: options.rules,
    model: options.model,
    falseAlarms: options.falseAlarms ?? null,
    hasSessions: sessions !== null,
  };
  const pages = new LivePages({ controller, facts, guard, sessions, onFault, limits: options.limits ?? {} });
  server.on('upgrade', (request, socket, head) => pages.upgrade(request, socket, head));
  const urls = urlsOf(host, port, token);
  return {
    url: urls[0],
    urls,
    port,
    get pageCount() {
      return pages.count;
    },
    async close() {
      pages.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** For a person to open; with the token, where there is one. */
export const urlsOf = (host: string, port: number, token: string | null): string[] =>
  addressesToOpen(host).map((name) => `http://${name}:${port}/${token === null ? '' : `?token=${token}`}`);

/**
 * @param port 0 for any; where it is not given, `usual` or one of the next few
 * @returns the port
 * @throws ConfigurationError where none can be had
 */
export async function listen(
  server: http.Server,
  host: string,
  port: number | undefined,
  usual = DEFAULT_PAGE_PORT,
): Promise<number> {
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new ConfigurationError(`the page's port must be an integer in 0..65535, got ${port}`);
  }
  const first = port ?? usual;
  const last = port ?? usual + FURTHER_PORTS;
  for (let candidate = first; ; candidate++) {
    try {
      return await listenOn(server, host, candidate);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && candidate < last) continue;
      const ports = first === last ? `port ${first}` : `ports ${first} to ${last}`;
      const why =
        code === 'EADDRINUSE'
          ? 'taken; close what uses them, or name another port'
          : `not to be had (${(cause as Error).message}); name another host or port`;
      throw new ConfigurationError(`the live page cannot be served on ${host}, ${ports}: ${why}`, { cause });
    }
  }
}

function listenOn(server: http.Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(error);
    server.once('error', fail);
    server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
