/** Text that is HTML already. Only {@link html} makes it, so that nothing gets in unescaped. */
export class HtmlText {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type HtmlValue = HtmlText | string | number | null | undefined | false | readonly HtmlValue[];

/**
 * Makes HTML (and SVG) of a template. What is put in is escaped for both text and quoted attributes; only what this
 * function made itself is not. `null`, `undefined` and `false` are nothing, lists are joined.
 */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): HtmlText {
  let text = parts[0];
  for (let i = 0; i < values.length; i++) text += toHtml(values[i]) + parts[i + 1];
  return new HtmlText(text);
}

function toHtml(value: HtmlValue): string {
  if (value instanceof HtmlText) return value.text;
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(toHtml).join('');
  return escaped(String(value));
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters are no HTML, not even as entities; signs that turn the writing direction can forge what is read. */
const UNWRITABLE = /[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069\p{Cs}]/gu;

function escaped(text: string): string {
  return text.replace(UNWRITABLE, '\ufffd').replace(/[&<>"']/g, (character) => entities[character]);
}
