import { decodeSoundFrame, isSoundFrame, type SoundFrame } from '../sound-frame.js';
import { decodeTraceFrame, type PageCommand, type ServerMessage, type TraceFrame } from '../page-messages.js';

export interface ConnectionListener {
  onMessage(message: Exclude<ServerMessage, { type: 'reply' }>): void;
  onTrace(frame: TraceFrame): void;
  onSound(frame: SoundFrame): void;
  /** Whether lubdub can be heard. */
  onState(isConnected: boolean): void;
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

const RETRY_MS = [500, 1000, 2000, 5000];
/** The server sends at least a ping every few seconds, but a page does not see pings; a command is answered at once. */
const REPLY_TIMEOUT_MS = 10_000;

/** The page's line to its server. It comes back by itself. */
export class Connection {
  private socket: WebSocket | undefined;
  private attempts = 0;
  private nextId = 0;
  private readonly waiting = new Map<number, (message: string | null) => void>();

  constructor(private readonly listener: ConnectionListener) {
    this.open();
    window.addEventListener('pagehide', () => this.socket?.close());
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) this.open();
    });
  }

  /** @returns why it was refused, `null` where it was done */
  send(command: WithoutId<PageCommand>): Promise<string | null> {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN)
      return Promise.resolve('lubdub cannot be reached at the moment');
    const id = this.nextId++;
    return new Promise((resolve) => {
      const settle = (message: string | null) => {
        if (!this.waiting.delete(id)) return;
        clearTimeout(timer);
        resolve(message);
      };
      const timer = window.setTimeout(() => settle('lubdub does not answer'), REPLY_TIMEOUT_MS);
      this.waiting.set(id, settle);
      socket.send(JSON.stringify({ id, ...command }));
    });
  }

  private open(): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/live`);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      this.attempts = 0;
      this.listener.onState(true);
    });
    socket.addEventListener('message', ({ data }) => {
      if (!(data instanceof ArrayBuffer)) this.take(JSON.parse(String(data)) as ServerMessage);
      else if (isSoundFrame(data)) this.listener.onSound(decodeSoundFrame(data));
      else this.listener.onTrace(decodeTraceFrame(data));
    });
    socket.addEventListener('close', () => {
      if (this.socket !== socket) return;
      this.listener.onState(false);
      for (const settle of [...this.waiting.values()]) settle('the connection to lubdub broke');
      const delay = RETRY_MS[Math.min(this.attempts++, RETRY_MS.length - 1)];
      window.setTimeout(() => this.open(), delay);
    });
  }

  private take(message: ServerMessage): void {
    if (message.type === 'reply') this.waiting.get(message.id)?.(message.message);
    else this.listener.onMessage(message);
  }
}
