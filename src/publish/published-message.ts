import { basename } from 'node:path';
import { printableJson } from '../printable.js';
import type { ExaminationEvent } from '../screen/result-events.js';
import type { ScreeningEvent } from '../screen/screening-events.js';
import type { Naming } from '../bedside/bedside-status.js';

/** Version of topics, properties and the state message; goes out as the user property `schema`. */
export const PUBLISHED_SCHEMA = '1';

/** Root of every topic: `lubdub/<bedside>/<kind>`. */
export const TOPIC_ROOT = 'lubdub';

/** What a bedside publishes of a recording. */
export type PublishedEvent = ScreeningEvent | ExaminationEvent;

/** Which messages go first where the disk has no room for all that wait. */
export const Worth = {
  /** Windows and device states: many, and each is worth little without its neighbours. */
  frequent: 0,
  /** All the rest. */
  seldom: 1,
  /** Results; they never go. */
  result: 2,
} as const;

export type Worth = (typeof Worth)[keyof typeof Worth];

/** A message as it waits for the broker. */
export interface PublishedMessage {
  readonly kind: string;
  readonly worth: Worth;
  /** The same JSON as with `--json`. */
  readonly payload: string;
  /** MQTT user properties, beside `schema` and `id`. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface MessageContext extends Naming {
  /** Tells recordings apart; a UUID. */
  readonly recording: string | null;
  /** When it happened. */
  readonly at: Date;
}

/** An event as a message. What names a folder of this machine is cut down to the last name, folders are named after people. */
export function messageOf(event: PublishedEvent, context: MessageContext): PublishedMessage {
  const { recording, subject, site, at } = context;
  const properties: Record<string, string> = { at: at.toISOString() };
  if (recording !== null) properties.recording = recording;
  if (subject !== null) properties.subject = subject;
  if (site !== null) properties.site = site;
  return {
    kind: event.kind,
    worth: worthOf(event),
    payload: printableJson(withoutFolders(event)),
    properties,
  };
}

export const topicOf = (bedside: string, kind: string): string => `${TOPIC_ROOT}/${bedside}/${kind}`;

function worthOf({ kind }: PublishedEvent): Worth {
  if (kind === 'final' || kind === 'examination') return Worth.result;
  return kind === 'window' || kind === 'status' ? Worth.frequent : Worth.seldom;
}

function withoutFolders(event: PublishedEvent): PublishedEvent {
  if (event.kind === 'recording') {
    const { directory, state } = event;
    if (directory === null) return event;
    const session = basename(directory);
    // In its message the folder stands whole.
    const message = event.message.replaceAll(directory, session);
    return { kind: 'recording', state, directory: session, message };
  }
  return 'file' in event && event.file !== null ? { ...event, file: basename(event.file) } : event;
}
