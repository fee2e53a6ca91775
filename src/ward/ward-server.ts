import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Vitals } from '../health/vitals.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';
import { defaultConnectionLimits, endRefused, limitConnections } from '../page/server/connection-limits.js';
import { readAssets, type PageAsset } from '../page/server/page-assets.js';
import {
  answerVitals,
  CONTENT_SECURITY_POLICY,
  HttpProblem,
  notFound,
  sendBytes,
  sendText,
  setSafeHeaders,
} from '../page/server/http-answers.js';
import { defaultSocketLimits, PageSocket } from '../page/server/page-socket.js';
import { RequestGuard } from '../page/server/request-guard.js';
import { listen, urlsOf } from '../page/server/start-page.js';
import { resultsCsv } from './results-csv.js';
import type { Ward } from './ward.js';
import { parseWardCommand, type ShownResult, type WardServerMessage } from './ward-page-messages.js';
import { MAX_LISTED, type StoredResult, type WardStore } from './ward-store.js';
import type { WardResult } from './ward-message.js';

export const DEFAULT_WARD_PORT = 4930;

export interface WardPageOptions {
  readonly ward: Pick<Ward, 'board' | 'results$' | 'events$' | 'isConnected' | 'refused'>;
  readonly store: WardStore;
  /** Answers `/healthz` and `/metrics`. Default: neither is there. */
  readonly vitals?: Vitals;
  /** Of lubdub. */
  readonly version: string;
  /** Default 127.0.0.1. Any other than loopback needs a token. */
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
  readonly onFault: (error: unknown) => void;
}

export interface RunningWardPage {
  readonly urls: readonly string[];
  readonly port: number;
  close(): Promise<void>;
}

const ASSETS = {
  '/': ['ward.html', 'text/html; charset=utf-8'],
  '/ward.js': ['ward.js', 'text/javascript; charset=utf-8'],
  '/ward.css': ['ward.css', 'text/css; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/sign-in': ['sign-in.html', 'text/html; charset=utf-8'],
} as const;

/** Changes of so many bedsides go out together. */
const SEND_INTERVAL_MS = 250;
const TEND_INTERVAL_MS = 5000;
const MAX_PAGES = 16;
const DAY_MS = 24 * 3600_000;

/**
 * Serves the ward's page until it is closed.
 *
 * @throws ConfigurationError for a host without a token, or a port that cannot be had
 */
export async function startWardPage(options: WardPageOptions): Promise<RunningWardPage> {
  const { host = '127.0.0.1', port: wanted, token = null } = options;
  const guard = new RequestGuard(host, token);
  const assets = await readAssets(ASSETS);
  const routes = new WardRoutes(options, guard, assets);
  const server = createServer(
    { maxHeaderSize: 8192, connectionsCheckingInterval: 1000 },
    (request, response) => void routes.answer(request, response),
  );
  limitConnections(server, defaultConnectionLimits);
  const port = await listen(server, host, wanted, DEFAULT_WARD_PORT);
  guard.port = port;
  const pages = new WardPages(options, guard);
  server.on('upgrade', (request, socket, head) => pages.upgrade(request, socket, head));
  return {
    urls: urlsOf(host, port, token),
    port,
    async close() {
      pages.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The ward's HTTP answers; they only read. */
class WardRoutes {
  constructor(
    private readonly options: WardPageOptions,
    private readonly guard: RequestGuard,
    private readonly assets: ReadonlyMap<string, PageAsset>,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setSafeHeaders(response);
    try {
      await this.route(request, response);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      if (error instanceof HttpProblem) return sendText(response, error.status, `${error.message}\n`);
      this.options.onFault(error);
      sendText(response, 500, 'The results cannot be read; see what lubdub printed.\n');
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      throw new HttpProblem(405, 'This server only answers GET and HEAD.');
    }
    const { guard } = this;
    const refusedHost = guard.refuseHost(request);
    if (refusedHost !== null) throw new HttpProblem(refusedHost.status, refusedHost.message);
    const target = request.url ?? '/';
    if (!URL.canParse(target, 'http://page')) throw new HttpProblem(400, 'The address cannot be read.');
    const { pathname, searchParams } = new URL(target, 'http://page');
    const token = pathname === '/' ? searchParams.get('token') : null;
    if (token !== null && guard.isToken(token)) {
      response.writeHead(303, { Location: '/', 'Set-Cookie': guard.cookie }).end();
      return;
    }
    const refusal = guard.refuse(request, pathname === '/');
    if (refusal?.status === 401 && pathname === '/') return this.asset('/sign-in', response, 401);
    const isPublic = pathname === '/style.css' || pathname === '/icon.svg';
    if (refusal !== null && !(refusal.status === 401 && isPublic)) {
      throw new HttpProblem(refusal.status, refusal.message);
    }
    if (pathname !== '/sign-in' && this.assets.has(pathname)) return this.asset(pathname, response, 200);
    if (await answerVitals(pathname, response, this.options.vitals)) return;
    const results = /^\/api\/results\.(csv|json)$/.exec(pathname);
    if (results === null) throw notFound();
    const found = await this.options.store.list(...spanOf(searchParams));
    response.setHeader('Content-Disposition', `attachment; filename="lubdub-results.${results[1]}"`);
    if (results[1] === 'csv')
      return sendBytes(response, 'text/csv; charset=utf-8', Buffer.from(resultsCsv(found)));
    const json = JSON.stringify({ note: DISCLAIMER, limit: MAX_LISTED, results: found });
    sendBytes(response, 'application/json; charset=utf-8', Buffer.from(json));
  }

  private asset(path: string, response: ServerResponse, status: number): void {
    const { type, bytes } = this.assets.get(path)!;
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length });
    response.end(bytes);
  }
}

/** The open pages; each gets all there is, then what changes. */
class WardPages {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: 4096,
    perMessageDeflate: true,
  });
  private readonly sockets = new Map<WebSocket, PageSocket>();
  private readonly timers: NodeJS.Timeout[];
  private readonly subscription;

  constructor(
    private readonly options: WardPageOptions,
    private readonly guard: RequestGuard,
  ) {
    const { ward } = options;
    this.timers = [
      setInterval(() => this.sendChanges(), SEND_INTERVAL_MS),
      setInterval(() => this.sockets.forEach((socket) => socket.tend()), TEND_INTERVAL_MS),
    ];
    this.subscription = ward.results$.subscribe((result) =>
      this.send({ type: 'result', result: shown(result) }),
    );
    this.subscription.add(ward.events$.subscribe(({ message }) => this.send(this.wardMessage(message))));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.guard.refuseSocket(request);
    if (refusal !== null) return refuse(socket, refusal.status, refusal.message);
    if (request.url !== '/ward') return refuse(socket, 404, 'There is nothing here.');
    if (this.sockets.size >= MAX_PAGES) return refuse(socket, 503, `${MAX_PAGES} pages are open already.`);
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      this.welcome(webSocket).catch((error: unknown) => {
        this.options.onFault(error);
        webSocket.close(1011, 'the results cannot be read');
      });
    });
  }

  close(): void {
    this.subscription.unsubscribe();
    this.timers.forEach((timer) => clearInterval(timer));
    for (const webSocket of this.sockets.keys()) {
      webSocket.close(1001, 'lubdub ends');
      webSocket.terminate();
    }
    this.server.close();
  }

  private async welcome(webSocket: WebSocket): Promise<void> {
    const { ward, store, version } = this.options;
    const socket = new PageSocket(webSocket, { ...defaultSocketLimits, maxBufferedBytes: 8 * 2 ** 20 });
    webSocket.on('close', () => this.sockets.delete(webSocket));
    webSocket.on('message', (data, isBinary) => {
      const command = isBinary ? null : parseWardCommand(textOf(data));
      if (command === null || !socket.takeCommand())
        return webSocket.close(1008, 'not a command, or too many');
      ward.board.dismiss(command.bedside);
    });
    // From here on nothing is missed; what comes before all that is there is in it once more.
    this.sockets.set(webSocket, socket);
    const now = Date.now();
    const results = await store.list(new Date(now - DAY_MS), new Date(now + DAY_MS));
    socket.sendText(
      JSON.stringify({
        type: 'all',
        version,
        rows: ward.board.rows,
        results: results.map(shown),
      } satisfies WardServerMessage),
    );
    socket.sendText(
      JSON.stringify(this.wardMessage(ward.isConnected ? '' : 'no connection to the broker yet')),
    );
  }

  private sendChanges(): void {
    const changes = this.options.ward.board.takeChanges();
    if (changes.rows.length + changes.gone.length > 0) this.send({ type: 'changes', ...changes });
  }

  private wardMessage(message: string): WardServerMessage {
    const { isConnected, refused } = this.options.ward;
    return { type: 'ward', isConnected, message, refused };
  }

  private send(message: WardServerMessage): void {
    if (this.sockets.size === 0) return;
    const text = JSON.stringify(message);
    for (const [webSocket, socket] of this.sockets) {
      // A page that does not follow begins anew rather than showing what is no longer so.
      if (!socket.sendText(text)) webSocket.terminate();
    }
  }
}

const shown = ({ at, ...result }: WardResult | StoredResult): ShownResult => ({
  ...result,
  at: at.toISOString(),
});

const textOf = (data: Buffer | ArrayBuffer | Buffer[]): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)).toString('utf8');

function refuse(socket: Duplex, status: number, message: string): void {
  endRefused(
    socket,
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${message}\n`,
  );
}

/** `from` and `to`, ISO 8601; by default the last 24 hours. */
function spanOf(query: URLSearchParams): [Date, Date] {
  const dateOf = (name: string, otherwise: number) => {
    const text = query.get(name);
    const date = new Date(text ?? otherwise);
    if (Number.isNaN(date.getTime()))
      throw new HttpProblem(400, `${name} must be a date and time in ISO 8601.`);
    return date;
  };
  const now = Date.now();
  return [dateOf('from', now - DAY_MS), dateOf('to', now + DAY_MS)];
}
