import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ModelError } from './errors.js';

/** Coefficients that ship as JSON beside the network: what they are called, their shape, and who makes them. */
export interface ModelFile<Schema extends z.ZodType> {
  readonly what: string;
  readonly schema: () => Schema;
  /** Folder of the tool that fits them anew. */
  readonly madeBy: string;
}

/** @throws ModelError where the file cannot be read or does not fit this version */
export function readModelFile<Schema extends z.ZodType>(
  kind: ModelFile<Schema>,
  file: URL | string,
): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ModelError(`${kind.what} ${String(file)} cannot be read; reinstall lubdub`, { cause });
  }
  return checkModelFile(kind, content, String(file));
}

/** @throws ModelError with the first item that does not fit */
export function checkModelFile<Schema extends z.ZodType>(
  { schema, madeBy }: ModelFile<Schema>,
  content: unknown,
  name: string,
): z.output<Schema> {
  const parsed = schema().safeParse(content);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const item = path.length === 0 ? 'the file' : path.join('.');
  throw new ModelError(`${name}: ${item}: ${message}; refit it with ${madeBy}`);
}
