import { type PageCommand } from '../page-messages.js';
import { MOST_NOTE_CHARACTERS } from '../../record/session-corrections.js';
import { isSessionFolderName } from '../../record/session-names.js';
import { SITES } from '../../verdict/site.js';
import { SUBJECT } from '../../verdict/subject.js';

type Check = (value: unknown) => boolean;

const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const flag: Check = (value) => typeof value === 'boolean';
const site: Check = (value) => value === null || (SITES as readonly unknown[]).includes(value);
const subject: Check = (value) => value === null || (typeof value === 'string' && SUBJECT.test(value));
const session: Check = (value) => typeof value === 'string' && isSessionFolderName(value);
const note: Check = (value) => value === null || isTextOf(value, MOST_NOTE_CHARACTERS);
/** What cannot be a name is refused with a sentence, not as no command. */
const profile: Check = (value) => isTextOf(value, 200);

interface Items {
  readonly needed?: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
}

/** What a command says beside `id` and `command`. In plain code, as every start of a recording is one: what loads schemas takes 4 MB. */
const COMMANDS: Readonly<Record<PageCommand['command'], Items>> = {
  start: { needed: { site, subject } },
  name: { needed: { site, subject } },
  stop: {},
  discard: {},
  correct: { needed: { session }, optional: { site, subject, note } },
  delete: { needed: { session } },
  fit: { needed: { name: profile, keep: flag } },
  'fit-record': {},
  'fit-stop': {},
  'fit-next': {},
  'fit-leave-out': {},
  'fit-finish': {},
  'fit-cancel': {},
  'remove-profile': { needed: { name: profile } },
  listen: { needed: { isOn: flag, receivedSamples: count } },
};

/** @returns the command, or `null` for anything else */
export function parseCommand(text: string): PageCommand | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  return isCommand(said) ? said : null;
}

function isCommand(said: unknown): said is PageCommand {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return false;
  const { id, command, ...items } = said as Readonly<Record<string, unknown>>;
  if (!count(id) || typeof command !== 'string' || !Object.hasOwn(COMMANDS, command)) return false;
  const { needed = {}, optional = {} } = COMMANDS[command as PageCommand['command']];
  const checks = new Map(Object.entries({ ...needed, ...optional }));
  return (
    Object.keys(needed).every((name) => Object.hasOwn(items, name)) &&
    Object.entries(items).every(([name, value]) => checks.get(name)?.(value) === true)
  );
}

const isTextOf = (value: unknown, most: number): boolean => typeof value === 'string' && value.length <= most;
