import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { Backoff } from '../device/backoff.js';
import type { BrokerAddress } from '../publish/broker-address.js';
import { describeBrokerFault } from '../publish/broker-fault.js';
import type { ReceivedMessage } from './ward-message.js';

export interface SubscriptionOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  /** What is subscribed to, with its QoS. */
  readonly topics: Readonly<Record<string, 0 | 1>>;
  /** How long the broker keeps what arrives while this is away; 0 for not at all. */
  readonly keptSeconds: number;
  /** The broker learns that a message has arrived once this has resolved; the next one waits until then. */
  readonly take: (message: ReceivedMessage) => Promise<void> | void;
  readonly onChange: (change: SubscriptionChange) => void;
}

export type SubscriptionChange =
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly message: string; readonly inMs: number };

const KEEP_ALIVE_SECONDS = 15;

/** A broker sends no more before the first are taken. */
const RECEIVE_MAXIMUM = 64;

/** Topics of an MQTT 5 broker, listened to for ever: connects again, and takes each message before it confirms it. */
export class Subscription {
  private readonly backoff = new Backoff({
    firstDelayMs: 500,
    longestDelayMs: 15_000,
    giveUpAfterMs: Infinity,
  });
  private client: MqttClient | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: SubscriptionOptions) {
    this.connect();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    const { client } = this;
    this.client = undefined;
    // What was not confirmed comes again.
    if (client !== undefined) await client.endAsync(true).catch(() => undefined);
  }

  private connect(): void {
    const { address, clientId, keptSeconds } = this.options;
    const { url, ...secrets } = address;
    const connection: IClientOptions = {
      ...secrets,
      protocolVersion: 5,
      clientId,
      clean: keptSeconds === 0,
      keepalive: KEEP_ALIVE_SECONDS,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      timerVariant: 'native',
      properties: { sessionExpiryInterval: keptSeconds, receiveMaximum: RECEIVE_MAXIMUM },
    };
    const client = mqtt.connect(url, connection);
    this.client = client;
    let fault: unknown;
    client.handleMessage = (packet, done) => {
      Promise.resolve(this.options.take(receivedOf(packet))).then(
        () => done(),
        (error: Error) => done(error),
      );
    };
    client.on('error', (error) => {
      fault = error;
    });
    client.on('disconnect', ({ reasonCode }) => {
      fault = { code: reasonCode };
    });
    client.on('connect', () => {
      const topics = Object.fromEntries(
        Object.entries(this.options.topics).map(([topic, qos]) => [topic, { qos }]),
      );
      client.subscribe(topics, (error) => {
        if (client !== this.client) return;
        if (error) {
          fault = error;
          client.end(true);
          return;
        }
        this.backoff.reset();
        this.options.onChange({ state: 'connected' });
      });
    });
    client.on('close', () => {
      if (client !== this.client || this.isClosed) return;
      this.client = undefined;
      client.removeAllListeners();
      client.on('error', () => undefined);
      client.end(true);
      const { inMs } = this.backoff.next(performance.now())!;
      const message = describeBrokerFault(fault ?? new Error('the connection to the broker broke'));
      this.options.onChange({ state: 'lost', message, inMs });
      this.retry = setTimeout(() => this.connect(), inMs);
    });
  }
}

function receivedOf({ topic, payload, properties }: IPublishPacket): ReceivedMessage {
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    userProperties: { ...properties?.userProperties },
  };
}
