import { basename, dirname, resolve } from 'node:path';
import { ConfigurationError } from '../errors.js';
import { readTableText, tableRows } from '../evaluate/table-file.js';

/** Who is heard in which file. */
export class Subjects {
  private readonly byPath = new Map<string, string>();
  private readonly byName = new Map<string, Set<string>>();

  /** @param rows file and subject, both not empty; a file is named from `folder` on, from here, or by its name alone */
  constructor(rows: readonly (readonly [file: string, subject: string])[], folder: string) {
    for (const [file, subject] of rows) {
      this.byPath.set(resolve(folder, file), subject).set(resolve(file), subject);
      const name = basename(file);
      this.byName.set(name, (this.byName.get(name) ?? new Set()).add(subject));
    }
  }

  /** @returns `null` where the table does not name it, or names several of its name */
  of(path: string): string | null {
    const known = this.byPath.get(resolve(path));
    if (known !== undefined) return known;
    const alike = [...(this.byName.get(basename(path)) ?? [])];
    return alike.length === 1 ? alike[0] : null;
  }
}

/**
 * Reads a table with the columns `file` and `subject`; others are not read.
 *
 * @throws ConfigurationError naming the line, the rule and what stands there
 */
export async function readSubjects(path: string): Promise<Subjects> {
  const rows = tableRows(await readTableText(path, 'subjects', '--subjects'), path);
  const header = (rows[0]?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  const [file, subject] = [header.indexOf('file'), header.indexOf('subject')];
  if (file < 0 || subject < 0) {
    throw new ConfigurationError(
      `${path}: must begin with a header that names the columns file and subject, got ${JSON.stringify(header.join())}`,
    );
  }
  const named = rows.slice(1).map(({ line, cells }): [string, string] => {
    const row: [string, string] = [cells[file]?.trim() ?? '', cells[subject]?.trim() ?? ''];
    if (row.every((cell) => cell !== '')) return row;
    throw new ConfigurationError(
      `${path}, line ${line}: file and subject must both be there, got ${cells.join()}`,
    );
  });
  return new Subjects(named, dirname(path));
}
