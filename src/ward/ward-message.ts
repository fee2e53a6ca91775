import type { z } from 'zod';
import { bedsideStateSchema, type BedsideState } from '../publish/bedside-state.js';
import { PUBLISHED_SCHEMA, TOPIC_ROOT } from '../publish/published-message.js';
import { lazySchemas, type ReadBy } from '../schemas.js';
import {
  finalEventSchema,
  windowEventSchema,
  type FinalEvent,
  type WindowEvent,
} from '../screen/result-events.js';
import { FINAL_VERDICTS } from '../verdict/verdict-reason.js';
import { SITES } from '../verdict/site.js';

/** A message as a broker hands it over; nothing of it is trusted. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly userProperties: Readonly<Record<string, string | readonly string[]>>;
}

const examinationSchema = lazySchemas((z) =>
  z.object({
    kind: z.literal('examination'),
    verdict: z.enum(FINAL_VERDICTS),
    probability: z.number().min(0).max(1).nullable(),
    reasons: z.array(z.string().max(64)).max(32),
    recordings: z.number().int().nonnegative(),
    usableSeconds: z.number().nonnegative(),
  }),
);

export type ReceivedExamination = Readonly<ReadBy<typeof examinationSchema>>;

/** A result, with what the bedside said of it. */
export interface WardResult {
  /** The same however often it arrives. */
  readonly id: string;
  readonly bedside: string;
  /** UUID of the recording. */
  readonly recording: string | null;
  readonly subject: string | null;
  readonly site: string | null;
  /** When it came out, by the bedside's clock. */
  readonly at: Date;
  readonly result: FinalEvent | ReceivedExamination;
}

export type WardMessage =
  | { readonly kind: 'state'; readonly bedside: string; readonly state: BedsideState }
  | { readonly kind: 'window'; readonly bedside: string; readonly at: Date; readonly window: WindowEvent }
  | { readonly kind: 'result'; readonly bedside: string; readonly result: WardResult };

/** The largest that a bedside sends has some two thousand bytes. */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/** With topic and properties. A broker does not even send what is larger. */
export const MAX_PACKET_BYTES = 2 * MAX_PAYLOAD_BYTES;

const BEDSIDE = /^[A-Za-z0-9_-]{1,64}$/;

const propertiesSchema = lazySchemas((z) =>
  z.object({
    id: z.string().regex(/^[\w.-]{8,80}$/),
    at: z.iso.datetime(),
    recording: z.uuid().nullish().default(null),
    // As a session's subject: a code.
    subject: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .nullish()
      .default(null),
    site: z.enum(SITES).nullish().default(null),
  }),
);

/**
 * Reads a message of `lubdub/<bedside>/<kind>`.
 *
 * @returns the message; or why it is none, for a log
 */
export function readWardMessage({ topic, payload, userProperties }: ReceivedMessage): WardMessage | string {
  const [root, bedside, kind, ...rest] = topic.split('/');
  if (root !== TOPIC_ROOT || bedside === undefined || !BEDSIDE.test(bedside) || rest.length > 0) {
    return 'the topic is none of lubdub/<bedside>/<kind>';
  }
  if (userProperties.schema !== PUBLISHED_SCHEMA) {
    return `the schema must be ${PUBLISHED_SCHEMA}; update the bedside or the ward`;
  }
  if (payload.length > MAX_PAYLOAD_BYTES) return `the message has ${payload.length} bytes`;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return 'the message is no JSON';
  }
  if (kind === 'state') {
    const state = bedsideStateSchema().safeParse(value);
    if (!state.success) return `the state is none: ${firstIssue(state.error)}`;
    if (state.data.bedside !== bedside) return `the state names another bedside than its topic`;
    return { kind, bedside, state: state.data };
  }
  const properties = propertiesSchema().safeParse(userProperties);
  if (!properties.success) return `the properties are none: ${firstIssue(properties.error)}`;
  const at = new Date(properties.data.at);
  if (kind === 'window') {
    const window = windowEventSchema().safeParse(value);
    return window.success
      ? { kind, bedside, at, window: window.data }
      : `the window is none: ${firstIssue(window.error)}`;
  }
  if (kind === 'final' || kind === 'examination') {
    const result = (kind === 'final' ? finalEventSchema() : examinationSchema()).safeParse(value);
    if (!result.success) return `the ${kind} is none: ${firstIssue(result.error)}`;
    if (!isStorable(result.data)) return `the ${kind} holds characters that no database keeps`;
    return { kind: 'result', bedside, result: { ...properties.data, bedside, at, result: result.data } };
  }
  return 'the kind is none that a ward listens to';
}

/**
 * PostgreSQL keeps neither NUL nor half a character in JSON. A result that can never be stored would be tried for ever, and all
 * that come after it would wait.
 */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !/\0|\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isStorable);
}

const firstIssue = ({ issues: [issue] }: z.ZodError): string => `${issue.path.join('.')}: ${issue.message}`;
