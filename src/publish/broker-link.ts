import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { Backoff } from '../device/backoff.js';
import type { BrokerAddress } from './broker-address.js';
import { describeBrokerFault, isTakenOver } from './broker-fault.js';
import type { Outbox, WaitingMessage } from './outbox.js';
import { PUBLISHED_SCHEMA, topicOf } from './published-message.js';

export interface BrokerLinkOptions {
  readonly address: BrokerAddress;
  readonly bedside: string;
  readonly outbox: Outbox;
  /** What the broker tells everybody should this bedside vanish. */
  readonly will: string;
  readonly onChange: (change: LinkChange) => void;
  /** Something of the outbox has arrived. */
  readonly onSettled: () => void;
}

export type LinkChange =
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly message: string; readonly inMs: number };

/** More are not under way at once, whatever the broker allows: what was on its way when a line broke is sent again. */
const IN_FLIGHT = 16;

const LONGEST_DELAY_MS = 30_000;

/** A connection that the broker ends sooner, and so again and again, is not one that broke by chance. */
const SHORT_CONNECTION_MS = 10_000;
const SUSPICIOUS = 3;
const SAME_NAME =
  'where it ends again and again, another program may publish under the same bedside name; give one of them another with --bedside';

const KEEP_ALIVE_SECONDS = 15;

/** A line that breaks for a moment is no bedside that vanished. */
const WILL_DELAY_SECONDS = 10;

const SESSION_EXPIRY_SECONDS = 60;

/** What the broker has taken is taken off the disk together. */
const SETTLE_AFTER_MS = 50;

/**
 * Sends what waits in an outbox to an MQTT 5 broker: in order, at least once each (QoS 1), again under the same id where
 * nobody knows whether it arrived. Connects again for ever. The state of the bedside goes out retained, the newest only.
 */
export class BrokerLink {
  private readonly backoff = new Backoff({
    firstDelayMs: 500,
    longestDelayMs: LONGEST_DELAY_MS,
    giveUpAfterMs: Infinity,
  });
  private client: MqttClient | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isConnected = false;
  private connectedAtMs = 0;
  /** Connections one after the other that did not last. */
  private shortOnes = 0;
  private isClosed = false;
  /** Sequence of the last message that was sent over this connection. */
  private sent = 0;
  private underWay = 0;
  private atOnce = IN_FLIGHT;
  private settled: number[] = [];
  private settling: NodeJS.Timeout | undefined;
  private state: string | undefined;
  private stateUnderWay: MqttClient | undefined;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: BrokerLinkOptions) {
    this.connect();
  }

  /** There is something new in the outbox. */
  wake(): void {
    this.send();
  }

  /** @param state JSON; the next one replaces it where it has not gone out, and it goes out anew after every connecting */
  setState(state: string): void {
    this.state = state;
    if (this.isConnected) this.publishState();
  }

  /** Waits until all is sent, no longer than `graceMs`, and ends in good order: the will is not told. */
  async close(graceMs: number, lastState: string): Promise<void> {
    if (this.isConnected) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
        this.send();
      });
    }
    this.isClosed = true;
    clearTimeout(this.retry);
    const { client } = this;
    if (client !== undefined && this.isConnected) {
      await within(graceMs, this.publishRetained(client, lastState));
      await within(graceMs, client.endAsync());
    }
    client?.end(true);
    clearTimeout(this.settling);
    this.settle();
  }

  private connect(): void {
    if (this.isClosed) return;
    const { address, bedside, will } = this.options;
    const { url, ...secrets } = address;
    const connection: IClientOptions = {
      ...secrets,
      protocolVersion: 5,
      clientId: `lubdub-${bedside}`,
      // The broker's session lets it wait with the will. None of ours survives: what was not taken is sent again from the disk.
      clean: false,
      keepalive: KEEP_ALIVE_SECONDS,
      // An own way back, as the library would send from memory what the outbox has as well.
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      properties: { sessionExpiryInterval: SESSION_EXPIRY_SECONDS },
      timerVariant: 'native',
      will: {
        topic: topicOf(bedside, 'state'),
        payload: Buffer.from(will),
        qos: 1,
        retain: true,
        properties: {
          willDelayInterval: WILL_DELAY_SECONDS,
          contentType: 'application/json',
          userProperties: { schema: PUBLISHED_SCHEMA },
        },
      },
    };
    const client = mqtt.connect(url, connection);
    this.client = client;
    let fault: unknown;
    client.on('error', (error) => {
      fault = error;
    });
    client.on('disconnect', ({ reasonCode }) => {
      fault = { code: reasonCode };
    });
    client.on('connect', ({ properties }) => {
      this.isConnected = true;
      this.connectedAtMs = performance.now();
      this.sent = 0;
      this.underWay = 0;
      // One is for the state.
      this.atOnce = Math.max(1, Math.min(IN_FLIGHT, (properties?.receiveMaximum ?? Infinity) - 1));
      this.options.onChange({ state: 'connected' });
      this.publishState();
      this.send();
    });
    client.on('close', () => {
      if (client !== this.client) return;
      this.lose(client, fault ?? new Error('the connection to the broker broke'));
    });
  }

  private lose(client: MqttClient, fault: unknown): void {
    const isShort = this.isConnected && performance.now() - this.connectedAtMs < SHORT_CONNECTION_MS;
    this.shortOnes = isShort ? this.shortOnes + 1 : 0;
    // Two that throw each other out must not do so twice a second for ever.
    if (this.isConnected && !isShort) this.backoff.reset();
    this.client = undefined;
    this.isConnected = false;
    client.removeAllListeners();
    // Whatever it still has to say is of no interest.
    client.on('error', () => undefined);
    client.end(true);
    this.onIdle?.();
    if (this.isClosed) return;
    const { inMs } = this.backoff.next(performance.now())!;
    const waitMs = isTakenOver(fault) ? Math.max(inMs, LONGEST_DELAY_MS) : inMs;
    const hint = this.shortOnes < SUSPICIOUS ? '' : `; ${SAME_NAME}`;
    this.options.onChange({ state: 'lost', message: describeBrokerFault(fault) + hint, inMs: waitMs });
    this.retry = setTimeout(() => this.connect(), waitMs);
  }

  private send(): void {
    const { client } = this;
    if (!this.isConnected || client === undefined) return;
    while (this.underWay < this.atOnce) {
      const messages = this.options.outbox.next(this.sent, this.atOnce - this.underWay);
      if (messages.length === 0) break;
      for (const message of messages) this.publish(client, message);
    }
    if (this.underWay === 0) this.onIdle?.();
  }

  private publish(client: MqttClient, { sequence, id, kind, payload, properties }: WaitingMessage): void {
    this.sent = sequence;
    this.underWay += 1;
    const userProperties = { ...properties, schema: PUBLISHED_SCHEMA, id };
    client.publish(
      topicOf(this.options.bedside, kind),
      payload,
      { qos: 1, properties: { contentType: 'application/json', userProperties } },
      (error) => {
        if (client !== this.client) return;
        if (error) {
          // Nothing overtakes it: from here on all is sent again once whatever is wrong is mended.
          this.lose(client, error);
          return;
        }
        this.underWay -= 1;
        this.settled.push(sequence);
        this.settling ??= setTimeout(() => this.settle(), SETTLE_AFTER_MS);
        this.send();
      },
    );
  }

  private publishState(): void {
    const { client, state } = this;
    if (client === undefined || state === undefined || this.stateUnderWay === client) return;
    this.stateUnderWay = client;
    this.publishRetained(client, state).then(
      () => {
        if (client !== this.client) return;
        this.stateUnderWay = undefined;
        if (this.state !== state) this.publishState();
      },
      (error: unknown) => {
        if (client === this.client) this.lose(client, error);
      },
    );
  }

  private publishRetained(client: MqttClient, state: string): Promise<unknown> {
    return client.publishAsync(topicOf(this.options.bedside, 'state'), state, {
      qos: 1,
      retain: true,
      properties: {
        contentType: 'application/json',
        userProperties: { schema: PUBLISHED_SCHEMA },
      },
    });
  }

  private settle(): void {
    this.settling = undefined;
    const { settled } = this;
    this.settled = [];
    if (settled.length === 0) return;
    try {
      this.options.outbox.settle(settled);
      this.options.onSettled();
    } catch {
      // They stay on disk and are sent once more, under the ids that they had.
    }
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
