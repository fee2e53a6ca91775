import { z } from 'zod';
import { type PageCommand } from '../page-messages.js';
import { MOST_NOTE_CHARACTERS } from '../../record/session-corrections.js';
import { isSessionFolderName } from '../../record/session-names.js';
import { SITES } from '../../verdict/site.js';
import { SUBJECT } from '../../verdict/subject.js';

const id = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const session = z.string().refine(isSessionFolderName);
const naming = {
  site: z.enum(SITES).nullable(),
  subject: z.string().regex(SUBJECT).nullable(),
};
/** What cannot be a name is refused with a sentence, not as no command. */
const profile = z.string().max(200);
const fitSteps = ['fit-record', 'fit-stop', 'fit-next', 'fit-leave-out', 'fit-finish', 'fit-cancel'] as const;

const commandSchema = z.discriminatedUnion('command', [
  z.strictObject({ id, command: z.literal('start'), ...naming }),
  z.strictObject({ id, command: z.literal('name'), ...naming }),
  z.strictObject({ id, command: z.literal('stop') }),
  z.strictObject({ id, command: z.literal('discard') }),
  z.strictObject({
    id,
    command: z.literal('correct'),
    session,
    site: naming.site.optional(),
    subject: naming.subject.optional(),
    note: z.string().max(MOST_NOTE_CHARACTERS).nullable().optional(),
  }),
  z.strictObject({ id, command: z.literal('delete'), session }),
  z.strictObject({ id, command: z.literal('fit'), name: profile, keep: z.boolean() }),
  ...fitSteps.map((step) => z.strictObject({ id, command: z.literal(step) })),
  z.strictObject({ id, command: z.literal('remove-profile'), name: profile }),
  z.strictObject({ id, command: z.literal('listen'), isOn: z.boolean(), receivedSamples: id }),
]);

/** @returns the command, or `null` for anything else */
export function parseCommand(text: string): PageCommand | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = commandSchema.safeParse(json);
  return parsed.success ? parsed.data : null;
}
