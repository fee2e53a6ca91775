import type * as http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../../errors.js';
import { defaultConnectionLimits, limitConnections, type ConnectionLimits } from './connection-limits.js';
import { readAssets } from './page-assets.js';
import { PageGate, type PageGateOptions } from './page-gate.js';
import { addressesToOpen, RequestGuard } from './request-guard.js';

// Imported, the module hands out all of its names, and loads a whole HTTP client (undici) for three of them.
const { createServer } = createRequire(import.meta.url)('node:http') as typeof http;

export const DEFAULT_PAGE_HOST = '127.0.0.1';
/** Where no port was asked for, so many after the usual one are tried. */
const FURTHER_PORTS = 9;
/** How often times are looked at; Node's own half a minute would add to every limit. */
const CHECKING_INTERVAL_MS = 1000;

export interface PageServerOptions extends Pick<PageGateOptions, 'vitals' | 'route' | 'onFault'> {
  /** Default 127.0.0.1. Any other than loopback needs a token. */
  readonly host?: string | undefined;
  /** Exactly this port, 0 for any free one. Default `usualPort` or, where that is taken, the next free one of ten. */
  readonly port?: number | undefined;
  readonly usualPort: number;
  /** 16 to 128 letters, digits, - or _. */
  readonly token?: string | undefined;
  /** The page's own files, by path. */
  readonly assets: Readonly<Record<string, string>>;
  readonly limits?: Partial<ConnectionLimits>;
}

export interface PageServer {
  readonly gate: PageGate;
  /** For a person to open, under every address of this machine; with the token, where there is one. */
  readonly urls: readonly string[];
  readonly port: number;
  /** Emits `upgrade`. */
  readonly http: http.Server;
  close(): Promise<void>;
}

/**
 * Opens a page's port, with the gate before it. WebSockets are the caller's: `gate.admit` says who may have one.
 *
 * @throws ConfigurationError for a host without a token, or a port that cannot be had
 */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const { host = DEFAULT_PAGE_HOST, token = null, usualPort, vitals, route, onFault } = options;
  const guard = new RequestGuard(host, token);
  const gate = new PageGate({ guard, assets: await readAssets(options.assets), vitals, route, onFault });
  const http = createServer(
    { maxHeaderSize: 8192, connectionsCheckingInterval: CHECKING_INTERVAL_MS },
    (request, response) => void gate.answer(request, response),
  );
  limitConnections(http, { ...defaultConnectionLimits, ...options.limits });
  const port = await listen(http, host, options.port, usualPort);
  guard.port = port;
  const query = token === null ? '' : `?token=${token}`;
  return {
    gate,
    urls: addressesToOpen(host).map((name) => `http://${name}:${port}/${query}`),
    port,
    http,
    async close() {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
    },
  };
}

async function listen(
  server: http.Server,
  host: string,
  port: number | undefined,
  usual: number,
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
      throw new ConfigurationError(`the page cannot be served on ${host}, ${ports}: ${why}`, { cause });
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
