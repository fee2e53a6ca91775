import stringWidth from 'string-width';

/*
 * Lines of a terminal by the cells that they take: a character may take none or two, and a line that is wider than the
 * terminal takes more than one row. Colours take none.
 */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
// eslint-disable-next-line no-control-regex -- colours are control characters
const COLOUR = /\u001b\[[\d;]*m/g;

/** The line, without what is beyond so many cells and without spaces at its end. It has no colours. */
export function cutToCells(line: string, cells: number): string {
  if (stringWidth(line) <= cells) return line.trimEnd();
  let kept = '';
  let width = 0;
  for (const { segment } of segmenter.segment(line)) {
    width += stringWidth(segment);
    if (width > cells) break;
    kept += segment;
  }
  return kept.trimEnd();
}

/** A text in lines of at most so many cells, broken between words where there are any. It has no colours. */
export function wrapToCells(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (stringWidth(longer) <= cells) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (stringWidth(line) > cells) {
      const start = cutToCells(line, cells);
      // A terminal that is narrower than one character shows nothing of it.
      if (start === '') return lines;
      lines.push(start);
      line = line.slice(start.length);
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** Rows that a line takes in a terminal of so many columns, as it wraps there. */
export function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(stringWidth(line.replace(COLOUR, '')) / Math.max(1, columns)));
}
