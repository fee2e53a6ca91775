/** A row of a CSV file and the line on which it begins, from 1 on. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads comma-separated values: cells may be quoted, a quote in them doubled; lines end in LF or CRLF; empty lines and
 * a byte order mark are skipped.
 *
 * @see RFC 4180
 */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  // A cell, quoted or not, and what follows it.
  const cellPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  let line = 1;
  let begun = 1;
  let cells: string[] = [];
  for (let at = 0; at <= source.length;) {
    cellPattern.lastIndex = at;
    const match = cellPattern.exec(source);
    if (match === null) throw new CsvError(line);
    const [whole, quoted, plain, follows] = match;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    at += whole.length;
    if (follows === ',') continue;
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells });
    if (follows === '') break;
    cells = [];
    begun = line;
  }
  return rows;
}

/** A quote stands where none may, or is never closed. */
export class CsvError extends Error {
  constructor(readonly line: number) {
    super(`line ${line} is no row of comma-separated values: quotes must enclose a whole cell`);
  }
}

/** A row with its line end; `null` becomes an empty cell. */
export function csvRow(cells: readonly (string | number | boolean | null)[]): string {
  const texts = cells.map((cell) => {
    const text = cell === null ? '' : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${texts.join(',')}\n`;
}

/** Blanks before it, but none that begins a cell of its own. */
const FORMULA = "('*[^\\S\\t\\r\\n]*[=+\\-@＝＋－＠])";
const CELL_BEGIN = '(^|[;,|\\t\\r\\n])';
const formulas = new RegExp(`${CELL_BEGIN}${FORMULA}`, 'g');
const madeSafe = new RegExp(`${CELL_BEGIN}'${FORMULA}`, 'g');

/**
 * A text that no spreadsheet takes for a formula: what begins as one gets an apostrophe, also behind what some of them
 * take for the end of a cell; where people write 0,5 it is the semicolon. Numbers are no texts and stay numbers.
 */
export const withoutFormula = (text: string): string => text.replace(formulas, "$1'$2");

/** What {@link withoutFormula} was given. */
export const withFormula = (text: string): string => text.replace(madeSafe, '$1$2');
