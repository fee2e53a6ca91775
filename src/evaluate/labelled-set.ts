import { ConfigurationError } from '../errors.js';
import type { CsvRow } from './csv.js';
import { readTableText, tableRows } from './table-file.js';

export type Label = 'normal' | 'abnormal';

/** A recording of which somebody knows what it is. */
export interface LabelledRecording {
  /** Its name, and the name of its file without the ending. */
  readonly record: string;
  readonly label: Label;
  /** Where it comes from; `null` where the table does not say. */
  readonly database: string | null;
  /** Whether a person marked it usable; `null` where the table does not say. */
  readonly markedUsable: boolean | null;
  /** What must stay on one side of a split (a person); `null` where the table does not say. */
  readonly group: string | null;
  readonly fold: number | null;
}

const LABELS: ReadonlyMap<string, Label> = new Map([
  ['normal', 'normal'],
  ['abnormal', 'abnormal'],
  ['-1', 'normal'],
  ['0', 'normal'],
  ['1', 'abnormal'],
]);
const MARKS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['0', false],
]);

/** Columns that are read; a table may have others. */
const REQUIRED = ['record', 'label'] as const;
const OPTIONAL = ['database', 'quality', 'group', 'fold'] as const;

/** The Challenge names its recordings by database: a0001 is the first of database a. */
const CHALLENGE_RECORD = /^([a-f])\d{4,5}$/;

/**
 * Reads a table of labelled recordings, in one of two forms:
 *
 * - with a header: `record` and `label` (`normal` or `abnormal`, or -1 or 1, or 0 or 1), and, where known, `database`, `quality`
 *   (1 usable, 0 not), `group` and `fold`; other columns are not read;
 * - the Challenge's REFERENCE.csv, which has none: `a0001,1`, where 1 is abnormal and -1 normal, and a third column
 *   may hold the quality. The database is the record's letter. 0 may stand for normal here too.
 *
 * A table that has both -1 and 0 is refused: in the Challenge's answers 0 is *unsure*, which is no label.
 *
 * @throws ConfigurationError naming the line, the rule and what stands there
 */
export async function readLabelledSet(path: string): Promise<LabelledRecording[]> {
  return parseLabelledSet(await readTableText(path, 'recordings', '--records'), path);
}

/** As {@link readLabelledSet}. @param name what messages call the table */
export function parseLabelledSet(text: string, name: string): LabelledRecording[] {
  const rows = tableRows(text, name);
  if (rows.length === 0)
    throw new ConfigurationError(`${name}: must name one recording or more, but is empty`);
  const hasHeader = rows[0].cells.some((cell) => cell.trim().toLowerCase() === 'record');
  if (!hasHeader && !LABELS.has(rows[0].cells[1]?.trim())) {
    throw new ConfigurationError(
      `${name}: must begin with a header that names the columns ${REQUIRED.join(' and ')}, or have none and ` +
        `hold rows like a0001,1 (1 abnormal, -1 or 0 normal), got ${JSON.stringify(rows[0].cells.join(','))}`,
    );
  }
  const columns = hasHeader
    ? headerOf(rows[0], name)
    : new Map(Object.entries({ record: 0, label: 1, quality: 2 }));
  const lineOf = new Map<string, number>();
  const recordings = rows.slice(hasHeader ? 1 : 0).map((row) => {
    const recording = parseRow(row, columns, name);
    const before = lineOf.get(recording.record);
    if (before !== undefined) {
      throw new ConfigurationError(
        `${name}, line ${row.line}: every record must occur once, but ${recording.record} stands in line ${before} too`,
      );
    }
    lineOf.set(recording.record, row.line);
    return hasHeader
      ? recording
      : { ...recording, database: CHALLENGE_RECORD.exec(recording.record)?.[1] ?? null };
  });
  refuseBothNormals(rows, columns.get('label')!, name);
  if (recordings.length === 0) {
    throw new ConfigurationError(`${name}: must name one recording or more, but holds only a header`);
  }
  return recordings;
}

function refuseBothNormals(rows: readonly CsvRow[], column: number, name: string): void {
  const lineOf = (word: string) => rows.find(({ cells }) => cells[column]?.trim() === word)?.line;
  const [minusOne, zero] = [lineOf('-1'), lineOf('0')];
  if (minusOne === undefined || zero === undefined) return;
  throw new ConfigurationError(
    `${name}: labels must be -1 and 1, or 0 and 1, but line ${minusOne} has -1 and line ${zero} has 0, which in the ` +
      "Challenge's answers is unsure; write normal and abnormal, or leave out what is unsure",
  );
}

/** Those of one fold. @throws ConfigurationError where the table has no such fold */
export function inFold(recordings: readonly LabelledRecording[], fold: number): LabelledRecording[] {
  const chosen = recordings.filter((recording) => recording.fold === fold);
  if (chosen.length > 0) return chosen;
  const folds = [...new Set(recordings.flatMap((recording) => recording.fold ?? []))].sort((a, b) => a - b);
  throw new ConfigurationError(
    `fold must be one of the table's folds (${folds.length === 0 ? 'it has none' : folds.join(', ')}), got ${fold}`,
  );
}

function headerOf({ cells }: CsvRow, name: string): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const [position, cell] of cells.entries()) {
    const column = cell.trim().toLowerCase();
    if (columns.has(column) && [...REQUIRED, ...OPTIONAL].includes(column as 'record')) {
      throw new ConfigurationError(`${name}: must have one column ${column}, got two`);
    }
    columns.set(column, position);
  }
  const missing = REQUIRED.filter((column) => !columns.has(column));
  if (missing.length > 0) {
    throw new ConfigurationError(
      `${name}: must have the columns ${REQUIRED.join(' and ')}, got ${cells.join(', ')}; add ${missing.join(' and ')}`,
    );
  }
  return columns;
}

function parseRow(row: CsvRow, columns: ReadonlyMap<string, number>, name: string): LabelledRecording {
  const cell = (column: string): string => row.cells[columns.get(column) ?? -1]?.trim() ?? '';
  const refuse = (column: string, rule: string): never => {
    throw new ConfigurationError(
      `${name}, line ${row.line}: ${column} must be ${rule}, got ${JSON.stringify(cell(column))}`,
    );
  };
  const record = cell('record');
  if (record === '' || record.startsWith('/') || /(^|[/\\])\.\.([/\\]|$)|\0/.test(record)) {
    refuse('record', 'the name of a recording inside the audio folder');
  }
  const label =
    LABELS.get(cell('label').toLowerCase()) ?? refuse('label', 'normal or abnormal (or -1 or 1, or 0 or 1)');
  const quality = cell('quality');
  const fold = cell('fold');
  return {
    record,
    label,
    database: cell('database') || null,
    markedUsable:
      quality === '' ? null : (MARKS.get(quality) ?? refuse('quality', '1 (usable) or 0, or empty')),
    group: cell('group') || null,
    fold:
      fold === ''
        ? null
        : /^\d{1,6}$/.test(fold)
          ? Number(fold)
          : refuse('fold', 'an integer from 0 on, or empty'),
  };
}
