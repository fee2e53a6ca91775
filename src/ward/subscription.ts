import type { IPublishPacket } from 'mqtt';
import type { BrokerAddress } from '../publish/broker-address.js';
import { BrokerConnection, type ConnectionChange } from '../publish/broker-connection.js';
import { WARD_ROLE } from '../publish/broker-fault.js';
import type { ReceivedMessage } from './ward-message.js';

export interface SubscriptionOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  /** What is subscribed to, with its QoS. */
  readonly topics: Readonly<Record<string, 0 | 1>>;
  /** The broker leaves larger ones out. */
  readonly maxPacketBytes: number;
  /** How long the broker keeps what arrives while this is away; 0 for not at all. */
  readonly keptSeconds: number;
  /** The broker learns that a message has arrived once this has resolved; the next one waits until then. */
  readonly take: (message: ReceivedMessage) => Promise<void> | void;
  readonly onChange: (change: ConnectionChange) => void;
}

const LONGEST_DELAY_MS = 15_000;

/** A broker sends no more before the first are taken. */
const RECEIVE_MAXIMUM = 64;

/** Topics of an MQTT 5 broker, listened to for ever: connects again, and takes each message before it confirms it. */
export class Subscription {
  private readonly connection: BrokerConnection;

  constructor(options: SubscriptionOptions) {
    const { address, clientId, topics, keptSeconds, maxPacketBytes, take, onChange } = options;
    this.connection = new BrokerConnection({
      address,
      role: WARD_ROLE,
      longestDelayMs: LONGEST_DELAY_MS,
      client: {
        clientId,
        clean: keptSeconds === 0,
        properties: {
          sessionExpiryInterval: keptSeconds,
          receiveMaximum: RECEIVE_MAXIMUM,
          maximumPacketSize: maxPacketBytes,
        },
      },
      onClient: (client) => {
        client.handleMessage = (packet, done) => {
          Promise.resolve(take(receivedOf(packet))).then(
            () => done(),
            (error: Error) => done(error),
          );
        };
      },
      onConnect: (client) =>
        client.subscribeAsync(
          Object.fromEntries(Object.entries(topics).map(([topic, qos]) => [topic, { qos }])),
        ),
      onChange,
    });
  }

  /** What was not confirmed comes again. */
  close(): Promise<void> {
    return this.connection.close();
  }
}

function receivedOf({ topic, payload, properties }: IPublishPacket): ReceivedMessage {
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    userProperties: { ...properties?.userProperties },
  };
}
