import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Vitals } from '../health/vitals.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';
import { HttpProblem, notFound, sendBytes, sendJson } from '../page/server/http-answers.js';
import { openPageServer } from '../page/server/open-page-server.js';
import type { PageGate } from '../page/server/page-gate.js';
import { defaultSocketLimits, PageSocket, textOf } from '../page/server/page-socket.js';
import { SHOWN_MS } from './recent-results.js';
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

const ASSETS = { '/': 'ward.html', '/ward.js': 'ward.js', '/ward.css': 'ward.css' };

/** Changes of so many bedsides go out together. */
const SEND_INTERVAL_MS = 250;
const TEND_INTERVAL_MS = 5000;
const MAX_PAGES = 16;
const DAY_MS = 24 * 3600_000;
/** What a bedside with a wrong clock found is shown, too. */
const FAR_FUTURE = new Date('9999-12-31T23:59:59.999Z');

/**
 * Serves the ward's page until it is closed.
 *
 * @throws ConfigurationError for a host without a token, or a port that cannot be had
 */
export async function startWardPage(options: WardPageOptions): Promise<RunningWardPage> {
  const { store, host, port, token, vitals, onFault } = options;
  const server = await openPageServer({
    host,
    port,
    usualPort: DEFAULT_WARD_PORT,
    token,
    assets: ASSETS,
    vitals,
    onFault,
    async route(_request, response, { pathname, searchParams }) {
      const results = /^\/api\/results\.(csv|json)$/.exec(pathname);
      if (results === null) throw notFound();
      const found = await store.list(...spanOf(searchParams));
      response.setHeader('Content-Disposition', `attachment; filename="lubdub-results.${results[1]}"`);
      if (results[1] === 'json')
        return sendJson(response, { note: DISCLAIMER, limit: MAX_LISTED, results: found });
      sendBytes(response, 'text/csv; charset=utf-8', Buffer.from(resultsCsv(found)));
    },
  });
  const pages = new WardPages(options, server.gate);
  server.http.on('upgrade', (request, socket, head) => pages.upgrade(request, socket, head));
  return {
    urls: server.urls,
    port: server.port,
    async close() {
      pages.close();
      await server.close();
    },
  };
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
    private readonly gate: PageGate,
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
    if (!this.gate.admit(request, socket, '/ward', { open: this.sockets.size, most: MAX_PAGES })) return;
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
    const results = await store.list(new Date(now - SHOWN_MS), FAR_FUTURE);
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
  return [dateOf('from', now - DAY_MS), dateOf('to', FAR_FUTURE.getTime())];
}
