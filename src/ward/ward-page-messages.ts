import type { StoredResult } from './ward-store.js';
import type { WardRow } from './ward-board.js';

/** What the ward's page and its server say to each other, as JSON. */

/** A result as the page shows it; times in ISO 8601. */
export type ShownResult = Omit<StoredResult, 'at' | 'receivedAt'> & { readonly at: string };

export type WardServerMessage =
  /** At the beginning: all that is there. */
  | {
      readonly type: 'all';
      readonly version: string;
      readonly rows: readonly WardRow[];
      readonly results: readonly ShownResult[];
    }
  /** What changed; `gone` are names. */
  | { readonly type: 'changes'; readonly rows: readonly WardRow[]; readonly gone: readonly string[] }
  | { readonly type: 'result'; readonly result: ShownResult }
  | {
      readonly type: 'ward';
      readonly isConnected: boolean;
      readonly message: string;
      readonly refused: number;
    };

export interface WardPageCommand {
  readonly type: 'dismiss';
  readonly bedside: string;
}

export function parseWardCommand(text: string): WardPageCommand | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { type, bedside } = value as Record<string, unknown>;
  return type === 'dismiss' && typeof bedside === 'string' ? { type, bedside } : null;
}
