import { parentPort, workerData } from 'node:worker_threads';
import { LubdubError } from '../errors.js';
import { BrokerLink } from './broker-link.js';
import { Outbox, type OutboxState, type PostedMessage } from './outbox.js';
import type { BrokerAddress } from './broker-address.js';

/*
 * The thread that publishes: what it is posted goes to disk, then to the broker. A disk that stalls and a network that
 * is gone hold up this thread and no other.
 */

export interface PublishWorkerData {
  readonly address: BrokerAddress;
  readonly bedside: string;
  readonly file: string;
  readonly maxBytes: number;
  readonly will: string;
}

export type PublishRequest =
  | { readonly kind: 'messages'; readonly messages: readonly PostedMessage[] }
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'close'; readonly graceMs: number; readonly lastState: string };

export type PublishReply =
  | { readonly kind: 'ready'; readonly asideAs: string | null; readonly outbox: OutboxState }
  | { readonly kind: 'failed'; readonly code: LubdubError['code']; readonly message: string }
  /** So many more of the messages are on disk, in the order in which they were posted. */
  | { readonly kind: 'kept'; readonly count: number; readonly outbox: OutboxState }
  | { readonly kind: 'settled'; readonly outbox: OutboxState }
  | { readonly kind: 'disk'; readonly message: string }
  | { readonly kind: 'connected'; readonly outbox: OutboxState }
  | { readonly kind: 'lost'; readonly message: string; readonly inMs: number; readonly outbox: OutboxState }
  | { readonly kind: 'closed'; readonly outbox: OutboxState };

const AGAIN_AFTER_MS = 1000;

const reply = (message: PublishReply): void => parentPort!.postMessage(message);

function publish({ address, bedside, file, maxBytes, will }: PublishWorkerData): void {
  const { outbox, asideAs } = Outbox.open(file, maxBytes);
  reply({ kind: 'ready', asideAs, outbox: outbox.state });
  const link = new BrokerLink({
    address,
    bedside,
    outbox,
    will,
    onSettled: () => reply({ kind: 'settled', outbox: outbox.state }),
    onChange: (change) => reply({ ...change, kind: change.state, outbox: outbox.state } as PublishReply),
  });
  let posted: PostedMessage[] = [];
  let isDue = false;
  const keep = (): void => {
    isDue = false;
    if (posted.length === 0) return;
    try {
      outbox.append(posted);
      reply({ kind: 'kept', count: posted.length, outbox: outbox.state });
      posted = [];
      link.wake();
    } catch (error) {
      reply({ kind: 'disk', message: (error as Error).message });
      isDue = true;
      setTimeout(keep, AGAIN_AFTER_MS);
    }
  };
  parentPort!.on('message', (request: PublishRequest) => {
    switch (request.kind) {
      case 'messages':
        posted.push(...request.messages);
        // What comes together is written together: each writing waits for the disk.
        if (!isDue) setImmediate(keep);
        isDue = true;
        return;
      case 'state':
        return link.setState(request.state);
      case 'close':
        keep();
        void link.close(request.graceMs, request.lastState).then(() => {
          const { state } = outbox;
          outbox.close();
          reply({ kind: 'closed', outbox: state });
          parentPort!.close();
        });
    }
  });
}

try {
  publish(workerData as PublishWorkerData);
} catch (error) {
  const code = error instanceof LubdubError ? error.code : 'LUBDUB_INTERNAL';
  reply({ kind: 'failed', code, message: (error as Error).message });
  parentPort!.close();
}
