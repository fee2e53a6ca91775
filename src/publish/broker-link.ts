import type { MqttClient } from 'mqtt';
import type { BrokerAddress } from './broker-address.js';
import { BrokerConnection, type ConnectionChange } from './broker-connection.js';
import { BEDSIDE_ROLE } from './broker-fault.js';
import type { Outbox, WaitingMessage } from './outbox.js';
import { PUBLISHED_SCHEMA, topicOf } from './published-message.js';

export interface BrokerLinkOptions {
  readonly address: BrokerAddress;
  readonly bedside: string;
  readonly outbox: Outbox;
  /** What the broker tells everybody should this bedside vanish. */
  readonly will: string;
  readonly onChange: (change: ConnectionChange) => void;
  /** Something of the outbox has arrived. */
  readonly onSettled: () => void;
}

/** More are not under way at once, whatever the broker allows: what was on its way when a line broke is sent again. */
const IN_FLIGHT = 16;

const LONGEST_DELAY_MS = 30_000;

/** A line that breaks for a moment is no bedside that vanished. */
const WILL_DELAY_SECONDS = 10;

const SESSION_EXPIRY_SECONDS = 60;

const STATE_PROPERTIES = {
  contentType: 'application/json',
  userProperties: { schema: PUBLISHED_SCHEMA },
};

/**
 * What the broker has taken goes off the disk with the next message, a second later while something is recorded; without
 * one after so long. A writing for it alone would wait for the disk as long as that of the message did.
 */
const SETTLE_AFTER_MS = 2000;

/**
 * Sends what waits in an outbox to an MQTT 5 broker: in order, at least once each (QoS 1), again under the same id where
 * nobody knows whether it arrived. Connects again for ever. The state of the bedside goes out retained, the newest only.
 */
export class BrokerLink {
  private readonly connection: BrokerConnection;
  /** Sequence of the last message that was sent over this connection. */
  private sent = 0;
  private underWay = 0;
  private atOnce = IN_FLIGHT;
  private settling: NodeJS.Timeout | undefined;
  private state: string | undefined;
  private stateUnderWay: MqttClient | undefined;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: BrokerLinkOptions) {
    const { address, bedside, will } = options;
    this.connection = new BrokerConnection({
      address,
      role: BEDSIDE_ROLE,
      longestDelayMs: LONGEST_DELAY_MS,
      client: {
        clientId: `lubdub-${bedside}`,
        // The broker's session lets it wait with the will. None of ours survives: what was not taken is sent again from the disk.
        clean: false,
        properties: { sessionExpiryInterval: SESSION_EXPIRY_SECONDS },
        will: {
          topic: topicOf(bedside, 'state'),
          payload: Buffer.from(will),
          qos: 1,
          retain: true,
          properties: { ...STATE_PROPERTIES, willDelayInterval: WILL_DELAY_SECONDS },
        },
      },
      onConnect: (_client, { properties }) => {
        this.sent = 0;
        this.underWay = 0;
        // One is for the state.
        this.atOnce = Math.max(1, Math.min(IN_FLIGHT, (properties?.receiveMaximum ?? Infinity) - 1));
        this.publishState();
        this.send();
      },
      onChange: (change) => {
        if (change.state === 'lost') this.onIdle?.();
        options.onChange(change);
      },
    });
  }

  /** Something new was appended to the outbox, and with it went what had been settled. */
  wake(): void {
    clearTimeout(this.settling);
    this.settling = undefined;
    this.send();
  }

  /** @param state JSON; the next one replaces it where it has not gone out, and it goes out anew after every connecting */
  setState(state: string): void {
    this.state = state;
    this.publishState();
  }

  /** Waits until all is sent, no longer than `graceMs`, and ends in good order: the will is not told. */
  async close(graceMs: number, lastState: string): Promise<void> {
    if (this.connection.client !== undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
        this.send();
      });
    }
    await this.connection.close(graceMs, (client) => this.publishRetained(client, lastState));
    clearTimeout(this.settling);
    this.settle();
  }

  private send(): void {
    const { client } = this.connection;
    if (client === undefined) return;
    while (this.underWay < this.atOnce && this.sent < this.options.outbox.newestSequence) {
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
        if (client !== this.connection.client) return;
        if (error) {
          // Nothing overtakes it: from here on all is sent again once whatever is wrong is mended.
          this.connection.fail(client, error);
          return;
        }
        this.underWay -= 1;
        this.options.outbox.settleWithNext(sequence);
        this.settling ??= setTimeout(() => this.settle(), SETTLE_AFTER_MS);
        this.send();
        if (this.underWay === 0) this.options.onSettled();
      },
    );
  }

  private publishState(): void {
    const { client } = this.connection;
    const { state } = this;
    if (client === undefined || state === undefined || this.stateUnderWay === client) return;
    this.stateUnderWay = client;
    this.publishRetained(client, state).then(
      () => {
        if (client !== this.connection.client) return;
        this.stateUnderWay = undefined;
        if (this.state !== state) this.publishState();
      },
      (error: unknown) => this.connection.fail(client, error),
    );
  }

  private publishRetained(client: MqttClient, state: string): Promise<unknown> {
    return client.publishAsync(topicOf(this.options.bedside, 'state'), state, {
      qos: 1,
      retain: true,
      properties: STATE_PROPERTIES,
    });
  }

  private settle(): void {
    this.settling = undefined;
    try {
      this.options.outbox.settle();
    } catch {
      // They stay on disk until something else is written; a power cut before has them sent once more, under their ids.
    }
  }
}
