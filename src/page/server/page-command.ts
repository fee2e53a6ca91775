import { z } from 'zod';
import { type PageCommand } from '../page-messages.js';
import { SITES } from '../../verdict/site.js';

const id = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const naming = {
  site: z.enum(SITES).nullable(),
  // The same rule as for a session's folder.
  subject: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/)
    .nullable(),
};

const commandSchema = z.discriminatedUnion('command', [
  z.strictObject({ id, command: z.literal('start'), ...naming }),
  z.strictObject({ id, command: z.literal('name'), ...naming }),
  z.strictObject({ id, command: z.literal('stop') }),
  z.strictObject({ id, command: z.literal('discard') }),
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
