import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import { Backoff } from '../device/backoff.js';
import type { BrokerAddress } from './broker-address.js';
import { describeBrokerFault, isTakenOver, type BrokerRole } from './broker-fault.js';

export type ConnectionChange =
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly message: string; readonly inMs: number };

export interface BrokerConnectionOptions {
  readonly address: BrokerAddress;
  readonly role: BrokerRole;
  /** What a client of this role says of itself: identifier, session, will. */
  readonly client: Pick<IClientOptions, 'clientId' | 'clean' | 'properties' | 'will'>;
  readonly longestDelayMs: number;
  /** A client before it connects, for what must be set by then. */
  readonly onClient?: (client: MqttClient) => void;
  /** It is connected; what it throws, or rejects with, ends this connection. Then `connected` is told. */
  readonly onConnect: (client: MqttClient, packet: IConnackPacket) => Promise<unknown> | void;
  readonly onChange: (change: ConnectionChange) => void;
}

const FIRST_DELAY_MS = 500;
const KEEP_ALIVE_SECONDS = 15;
const CONNECT_TIMEOUT_MS = 10_000;

/** A connection that the broker ends sooner, and so again and again, is not one that broke by chance. */
const SHORT_CONNECTION_MS = 10_000;
const SUSPICIOUS = 3;

/** A connection to an MQTT 5 broker that is made anew, for ever, with growing pauses. */
export class BrokerConnection {
  private readonly backoff: Backoff;
  private current: MqttClient | undefined;
  private retry: NodeJS.Timeout | undefined;
  /** Since when; undefined while there is none. */
  private connectedAtMs: number | undefined;
  /** Connections one after the other that did not last. */
  private shortOnes = 0;
  private isClosed = false;

  constructor(private readonly options: BrokerConnectionOptions) {
    this.backoff = new Backoff({
      firstDelayMs: FIRST_DELAY_MS,
      longestDelayMs: options.longestDelayMs,
      giveUpAfterMs: Infinity,
    });
    this.connect();
  }

  /** While it is connected. Another one after every loss. */
  get client(): MqttClient | undefined {
    return this.connectedAtMs === undefined ? undefined : this.current;
  }

  /** Ends the connection of this client, if it is still the one, and makes another after a pause. */
  fail(client: MqttClient, fault: unknown): void {
    if (client !== this.current || this.isClosed) return;
    const wasConnected = this.connectedAtMs !== undefined;
    const isShort = wasConnected && performance.now() - this.connectedAtMs! < SHORT_CONNECTION_MS;
    this.shortOnes = isShort ? this.shortOnes + 1 : 0;
    // Two that throw each other out must not do so twice a second for ever.
    if (wasConnected && !isShort) this.backoff.reset();
    this.current = undefined;
    this.connectedAtMs = undefined;
    client.removeAllListeners();
    // Whatever it still has to say is of no interest.
    client.on('error', () => undefined);
    client.end(true);
    const { role, longestDelayMs } = this.options;
    const { inMs: delayMs } = this.backoff.next(performance.now())!;
    const inMs = isTakenOver(fault) ? Math.max(delayMs, longestDelayMs) : delayMs;
    const hint = this.shortOnes < SUSPICIOUS ? '' : `; where it ends again and again, ${role.sameName}`;
    this.retry = setTimeout(() => this.connect(), inMs);
    this.options.onChange({ state: 'lost', message: describeBrokerFault(fault, role) + hint, inMs });
  }

  /**
   * Ends it for good.
   *
   * @param graceMs how long each of both may take: last words, and an end in good order, which keeps the will from being told
   */
  async close(graceMs = 0, lastWords?: (client: MqttClient) => Promise<unknown>): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    const { current, client } = this;
    if (client !== undefined && graceMs > 0) {
      if (lastWords !== undefined) await within(graceMs, lastWords(client));
      await within(graceMs, client.endAsync());
    }
    current?.end(true);
    this.current = undefined;
    this.connectedAtMs = undefined;
  }

  private connect(): void {
    const { address, client: own, onClient, onConnect, onChange } = this.options;
    const { url, ...secrets } = address;
    const client = mqtt.connect(url, {
      ...secrets,
      ...own,
      protocolVersion: 5,
      keepalive: KEEP_ALIVE_SECONDS,
      // An own way back: the library would send from memory what is on disk as well.
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      timerVariant: 'native',
    });
    this.current = client;
    onClient?.(client);
    let fault: unknown;
    client.on('error', (error) => {
      fault = error;
    });
    client.on('disconnect', ({ reasonCode }) => {
      fault = { code: reasonCode };
    });
    client.on('connect', (packet) => {
      this.connectedAtMs = performance.now();
      new Promise((resolve) => resolve(onConnect(client, packet))).then(
        () => {
          if (client === this.client && !this.isClosed) onChange({ state: 'connected' });
        },
        (error: unknown) => this.fail(client, error),
      );
    });
    client.on('close', () => this.fail(client, fault ?? new Error('the connection to the broker broke')));
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
