import mqtt from 'mqtt';
import { until } from './until.js';

export interface HeardMessage {
  readonly topic: string;
  readonly id: string | undefined;
  readonly retain: boolean;
  readonly properties: Readonly<Record<string, string>>;
  readonly value: Record<string, unknown>;
}

/** A program of somebody else that listens to what bedsides publish: it keeps a session, as a hospital's would. */
export class MqttListener {
  readonly heard: HeardMessage[] = [];
  private readonly client: mqtt.MqttClient;
  readonly ready: Promise<void>;

  constructor(url: string, topic = 'lubdub/#') {
    this.client = mqtt.connect(url, {
      protocolVersion: 5,
      clientId: `listener-${process.pid}-${Math.random()}`,
      clean: false,
      properties: { sessionExpiryInterval: 3600 },
      reconnectPeriod: 100,
      timerVariant: 'native',
    });
    this.client.on('error', () => undefined);
    this.client.on('message', (heardTopic, payload, { retain, properties }) => {
      const userProperties = { ...properties?.userProperties } as Record<string, string>;
      const value = JSON.parse(payload.toString()) as Record<string, unknown>;
      this.heard.push({
        topic: heardTopic,
        id: userProperties.id,
        retain,
        properties: userProperties,
        value,
      });
    });
    this.ready = new Promise((resolve) => {
      this.client.on('connect', () => this.client.subscribe({ [topic]: { qos: 1 } }, () => resolve()));
    });
  }

  of(kind: string): HeardMessage[] {
    return this.heard.filter(({ topic }) => topic.endsWith(`/${kind}`));
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    await until(condition, what);
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}
