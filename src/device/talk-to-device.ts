import { Observable, Subscription } from 'rxjs';
import { PortOpenError } from '../acquire/port-open-error.js';
import type { PortEvent } from '../acquire/serial-port.js';
import { encodePacket, type Packet } from '../decode/wire/packet.js';
import { PortError } from '../errors.js';
import { ConnectionLostError, NoAnswerError } from './connection-error.js';
import {
  Conversation,
  type ConversationEvent,
  type ConversationOptions,
  type GreetedEvent,
} from './conversation.js';
import type { CorruptEvent, EndedEvent, PacketEvent, ReadEvent } from './stethoscope-event.js';

export type TalkEvent = GreetedEvent | ReadEvent | EndedEvent;

export interface TalkOptions extends ConversationOptions {
  readonly openPort: (path: string) => Observable<PortEvent>;
  /** The device that has greeted waits for this before it streams: perhaps another one is wanted. */
  readonly begin$: Observable<unknown>;
  /** The device is to stop. */
  readonly stop$: Observable<unknown>;
  /** The receiver can take more samples than it last said. */
  readonly roomAgain$: Observable<unknown>;
}

const TICK_INTERVAL_MS = 50;

/**
 * One conversation with whatever is at the other end of a port: HELLO, INFO, and after `begin$` the stream, until it
 * ends (the observable completes) or fails.
 *
 * Subscribing opens the port; unsubscribing asks the device to stop and closes the port. Errors with PortOpenError,
 * NoAnswerError, ProtocolError (the versions do not fit) or, once the device has greeted, ConnectionLostError.
 */
export function talkToDevice(options: TalkOptions): Observable<TalkEvent> {
  return new Observable((subscriber) => {
    const conversation = new Conversation(options, performance.now());
    const parts = new Subscription();
    let write: ((bytes: Uint8Array) => void) | undefined;
    let over = false;

    const fail = (error: unknown): void => {
      over = true;
      subscriber.error(error);
    };
    /** Runs one step of the conversation and whatever is due after it. */
    const step = (work?: () => void): void => {
      try {
        work?.();
        const nowMs = performance.now();
        if (write === undefined) return conversation.expire(nowMs);
        for (const packet of conversation.due(nowMs)) send(packet);
        const { ended } = conversation;
        if (ended === undefined) return;
        over = true;
        subscriber.next({ kind: 'ended', reason: ended });
        subscriber.complete();
      } catch (error) {
        fail(error);
      }
    };
    const send = (packet: Packet): void => write?.(encodePacket(packet));

    let heardAtMs = -Infinity;
    const tick = (): void => {
      // While the device sends, every chunk is a tick: what is left to notice is that no more come.
      const { longestTickMs } = conversation;
      const isFlowing = performance.now() - heardAtMs < longestTickMs;
      timer = setTimeout(tick, isFlowing ? Math.max(longestTickMs, TICK_INTERVAL_MS) : TICK_INTERVAL_MS);
      step();
    };
    let timer = setTimeout(tick, TICK_INTERVAL_MS);
    parts.add(() => {
      clearTimeout(timer);
      // Whoever leaves in the middle must not leave the device streaming; after a loss it is to stream on.
      if (!over && conversation.isStreaming) send({ type: 'stop' });
    });
    parts.add(options.begin$.subscribe(() => step(() => conversation.begin())));
    parts.add(options.stop$.subscribe(() => step(() => conversation.stop())));
    parts.add(options.roomAgain$.subscribe(() => step()));
    parts.add(
      options.openPort(options.path).subscribe({
        next: (event) =>
          step(() => {
            if (event.kind === 'open') {
              write = event.write;
              return;
            }
            heardAtMs = performance.now();
            for (const told of asReads(conversation.receive(event.bytes, heardAtMs))) subscriber.next(told);
          }),
        error: (error: unknown) => fail(explain(error)),
      }),
    );
    return parts;

    function explain(error: unknown): unknown {
      if (!(error instanceof PortError) || error instanceof PortOpenError) return error;
      return conversation.hasGreeted
        ? new ConnectionLostError('unplugged', error.message, { cause: error })
        : new NoAnswerError(options.path, 'hung-up', error.message, { cause: error });
    }
  });
}

/** A read brings several packets, and everyone on their way has to look at each event. */
function asReads(told: readonly ConversationEvent[]): (GreetedEvent | ReadEvent)[] {
  const reads: (GreetedEvent | ReadEvent)[] = [];
  let events: (PacketEvent | CorruptEvent)[] = [];
  for (const event of told) {
    if (event.kind === 'greeted') {
      reads.push(event);
      events = [];
    } else if (events.push(event) === 1) reads.push({ kind: 'read', events });
  }
  return reads;
}
