/**
 * Control characters of both sets, half characters, line and paragraph separators, and what turns the writing direction:
 * they steer a terminal, or make something else be read than what stands there.
 */
const UNPRINTABLE = /[^\P{Cc}\n\t]|[\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text as a terminal may have it: what would steer it is written out, as `\u001b`; line breaks and tabs stay. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, toEscape);
}

/**
 * The same value with all its strings, at any depth, as text that somebody else wrote may be put into a line: as
 * {@link printable} has it, and indented after a line break, so that it cannot pass for a line of lubdub's own. Devices,
 * file names and stored sessions say what they like.
 */
export function withPrintableText<T>(value: T): T {
  if (typeof value === 'string') return printable(value).replace(/\n(?![ \t])/g, '\n  ') as T;
  if (Array.isArray(value)) return value.map(withPrintableText) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [printable(key), withPrintableText(item as unknown)]),
  ) as T;
}

/** JSON of one line that a terminal may have: the same value, what is unprintable written out. */
export function printableJson(value: object): string {
  return JSON.stringify(value).replace(UNPRINTABLE, toEscape);
}

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
