import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '../errors.js';
import { CsvError, parseCsv, type CsvRow } from './csv.js';

/**
 * @param what what messages call its contents: `the table of …`
 * @param option the one that names it
 * @throws ConfigurationError where it cannot be read
 */
export async function readTableText(path: string, what: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(
      `the table of ${what} cannot be read from ${path}: ${(cause as Error).message}; name another with ${option}`,
      { cause },
    );
  }
}

/**
 * @param name what messages call the table
 * @throws ConfigurationError naming the line, where it is no CSV
 */
export function tableRows(text: string, name: string): CsvRow[] {
  try {
    return parseCsv(text);
  } catch (cause) {
    if (cause instanceof CsvError) throw new ConfigurationError(`${name}: ${cause.message}`, { cause });
    throw cause;
  }
}
