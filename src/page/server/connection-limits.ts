import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  readonly connections: number;
  /** From one address: fewer than all, so that nobody alone can lock the page for others. */
  readonly connectionsAPeer: number;
  /** From being connected to the end of the first request's head. */
  readonly headMs: number;
  /** Without a byte in either direction, while an answer is being read. */
  readonly idleMs: number;
  /** In all, for what never becomes a page's socket. A file that is read slower is asked for again. */
  readonly lifetimeMs: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  connections: 64,
  connectionsAPeer: 24,
  headMs: 10_000,
  idleMs: 60_000,
  lifetimeMs: 30 * 60_000,
};

/** How long a refusal may take to reach whoever does not read it. */
const REFUSAL_MS = 1000;

/**
 * Sees to it that every state of a connection ends: head, request, answer, and what is kept alive between two requests.
 * What becomes a page's socket is tended by `PageSocket`, what is refused by {@link endRefused}.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  server.maxConnections = limits.connections;
  server.headersTimeout = limits.headMs;
  server.requestTimeout = 2 * limits.headMs;
  server.keepAliveTimeout = limits.headMs;
  server.setTimeout(limits.idleMs);
  const peers = new Map<string, number>();
  const lifetimes = new Map<Socket, NodeJS.Timeout>();
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    const count = (peers.get(peer) ?? 0) + 1;
    if (count > limits.connectionsAPeer) {
      socket.destroy();
      return;
    }
    peers.set(peer, count);
    lifetimes.set(socket, setTimeout(() => socket.destroy(), limits.lifetimeMs).unref());
    socket.once('close', () => {
      const left = peers.get(peer)! - 1;
      if (left > 0) peers.set(peer, left);
      else peers.delete(peer);
      clearTimeout(lifetimes.get(socket));
      lifetimes.delete(socket);
    });
  });
  server.on('upgrade', (_request, socket) => clearTimeout(lifetimes.get(socket as Socket)));
}

/** Sends a last word and lets go, also of who neither reads it nor hangs up. */
export function endRefused(socket: NodeJS.WritableStream & { destroy(): unknown }, text: string): void {
  const timer = setTimeout(() => socket.destroy(), REFUSAL_MS).unref();
  socket.end(text, () => {
    clearTimeout(timer);
    socket.destroy();
  });
}
