import { request, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import { decodeSoundFrame, isSoundFrame, type SoundFrame } from '../../src/page/sound-frame.js';
import { decodeTraceFrame, type ServerMessage, type TraceFrame } from '../../src/page/page-messages.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One HTTP request, exactly as written: nothing of the path or the headers is made right. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The WebSocket of a page, and all that came over it. */
export class PageClient {
  readonly messages: ServerMessage[] = [];
  readonly frames: TraceFrame[] = [];
  readonly sounds: SoundFrame[] = [];
  closeCode: number | undefined;
  private readonly waiting: (() => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.takeFrame(Uint8Array.from(data).buffer);
      else this.messages.push(JSON.parse(data.toString()) as ServerMessage);
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', (code) => {
      this.closeCode = code;
      this.wake();
    });
  }

  /** @returns the client, or the status that it was refused with */
  static open(port: number, headers?: Record<string, string>, path = '/live'): Promise<PageClient | number> {
    return new Promise((resolve, reject) => {
      const own = { origin: `http://127.0.0.1:${port}` };
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: headers ?? own });
      const client = new PageClient(socket);
      socket.on('open', () => resolve(client));
      socket.on('unexpected-response', (_, response) => {
        resolve(response.statusCode!);
        socket.terminate();
      });
      socket.on('error', reject);
    });
  }

  static async opened(port: number): Promise<PageClient> {
    const client = await PageClient.open(port);
    if (typeof client === 'number') throw new Error(`refused with ${client}`);
    return client;
  }

  send(command: unknown): void {
    this.socket.send(typeof command === 'string' ? command : JSON.stringify(command));
  }

  /** Resolves when the condition holds; it is asked after everything that arrives. */
  async until<T>(condition: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = condition();
      if (value !== undefined && value !== false) return value;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  get view() {
    return this.messages.findLast((message) => message.type === 'view')?.view;
  }

  reply(id: number) {
    return this.until(() => this.messages.find((message) => message.type === 'reply' && message.id === id));
  }

  private takeFrame(buffer: ArrayBuffer): void {
    if (isSoundFrame(buffer)) this.sounds.push(decodeSoundFrame(buffer));
    else this.frames.push(decodeTraceFrame(buffer));
  }

  private wake(): void {
    this.waiting.splice(0).forEach((resolve) => resolve());
  }
}
