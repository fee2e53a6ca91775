import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '../device/backoff.js';
import { ConfigurationError } from '../errors.js';
import { stateFolder } from '../package-info.js';
import { FhirFault } from './fhir-fault.js';
import type { FhirServer } from './fhir-server.js';
import { Outbox, type WaitingMessage } from './outbox.js';
import { Worth } from './published-message.js';

/** A transaction to be sent. */
export interface QueuedTransaction {
  /** The same for the same sessions, whenever it was made. */
  readonly id: string;
  /** Names of the sessions' folders, without what lies above: folders are named after people. */
  readonly sessions: readonly string[];
  readonly resources: number;
  /** JSON. */
  readonly bundle: string;
}

/** What became of a transaction. */
export interface FhirEvent {
  readonly kind: 'fhir';
  /** `waiting` and `refused` ones stay in the queue. */
  readonly state: 'taken' | 'waiting' | 'refused';
  readonly sessions: readonly string[];
  /** Resources that the server made; `null` where it took nothing. */
  readonly created: number | null;
  /** Resources that it had already. */
  readonly present: number | null;
  readonly message: string;
}

/** With some thousand examinations more than a day's; sessions are on disk all the same. */
const MAX_WAITING_BYTES = 2 * 1024 ** 3;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;

/** Transactions on disk, in order, until a FHIR server has taken them; a queue for each server. */
export class FhirQueue {
  private constructor(
    private readonly outbox: Outbox,
    private readonly file: string,
  ) {}

  /**
   * @param folder default the user's own
   * @throws ConfigurationError where it cannot be opened, or another process has it
   */
  static open(server: FhirServer, folder: string | undefined) {
    // By its name, so that no bundle goes to another server than it was meant for.
    const name = createHash('sha256').update(server.base).digest('hex').slice(0, 16);
    const file = join(folder ?? join(stateFolder(), 'outbox'), `fhir-${name}.sqlite`);
    const { outbox, asideAs } = Outbox.open(file, Infinity, {
      name: 'the FHIR server',
      busy: 'another lubdub sends from it; wait until that one has ended',
    });
    return { queue: new FhirQueue(outbox, file), asideAs };
  }

  get waiting(): number {
    return this.outbox.state.waiting;
  }

  /** Appends a transaction; one of the same sessions that waits gives way to it. It is on disk when this returns. */
  append({ id, sessions, resources, bundle }: QueuedTransaction): void {
    if (this.outbox.state.bytes + bundle.length > MAX_WAITING_BYTES) {
      throw new ConfigurationError(
        `at most ${MAX_WAITING_BYTES} bytes may wait for the FHIR server in ${this.file}, and no more fit; send what ` +
          'waits first (lubdub fhir push), or leave the samples out with --no-samples',
      );
    }
    const before = this.all().find((message) => message.id === id);
    if (before !== undefined) this.outbox.settle([before.sequence]);
    this.outbox.append([
      {
        id,
        worth: Worth.result,
        kind: 'fhir',
        payload: bundle,
        properties: { sessions: JSON.stringify(sessions), resources: String(resources) },
      },
    ]);
  }

  /**
   * Sends what waits, the oldest first. One that the server refuses stays, and the others go on.
   *
   * @param wait until the server has taken or refused all; default one try
   * @returns whether it has taken all
   * @throws ConfigurationError where nothing can be sent before somebody does something about it
   */
  async send(server: FhirServer, onEvent: (event: FhirEvent) => void, wait = false): Promise<boolean> {
    const backoff = new Backoff({
      firstDelayMs: FIRST_DELAY_MS,
      longestDelayMs: LONGEST_DELAY_MS,
      giveUpAfterMs: Infinity,
    });
    let after = 0;
    for (
      let [message] = this.outbox.next(after, 1);
      message !== undefined;
      [message] = this.outbox.next(after, 1)
    ) {
      const sessions = JSON.parse(message.properties.sessions) as string[];
      const names = sessions.join(', ');
      const tell = (state: FhirEvent['state'], words: string) =>
        onEvent({ kind: 'fhir', state, sessions, created: null, present: null, message: words });
      try {
        const { created, present } = await server.send(message.payload, Number(message.properties.resources));
        this.outbox.settle([message.sequence]);
        backoff.reset();
        onEvent({
          kind: 'fhir',
          state: 'taken',
          sessions,
          created,
          present,
          message:
            created === 0
              ? `${names}: the server has it already, nothing was changed`
              : `${names}: sent, ${created} resources created${present === 0 ? '' : `, ${present} were there already`}`,
        });
        after = message.sequence;
      } catch (error) {
        if (!(error instanceof FhirFault)) throw error;
        if (error.consequence === 'refused') {
          tell('refused', `${names}: the server refuses it and it stays in the queue: ${error.message}`);
          after = message.sequence;
          continue;
        }
        const many = `${this.waiting} ${this.waiting === 1 ? 'bundle waits' : 'bundles wait'}`;
        if (error.consequence === 'stop') {
          throw new ConfigurationError(`${many} for the FHIR server in ${this.file}: ${error.message}`, {
            cause: error,
          });
        }
        if (!wait) {
          tell('waiting', `${many} for the next push, as the server takes none now: ${error.message}`);
          return false;
        }
        const inMs = error.retryAfterMs ?? backoff.next(performance.now())!.inMs;
        tell('waiting', `${many}; next try in ${Math.ceil(inMs / 1000)} s: ${error.message}`);
        await delay(inMs);
      }
    }
    return this.waiting === 0;
  }

  close(): void {
    this.outbox.close();
  }

  private all(): WaitingMessage[] {
    const messages: WaitingMessage[] = [];
    for (let after = 0; ;) {
      const [message] = this.outbox.next(after, 1);
      if (message === undefined) return messages;
      messages.push({ ...message, payload: '' });
      after = message.sequence;
    }
  }
}
