import type { Context } from 'mocha';
import { loadPseudoTerminalCalls } from '../../src/simulate/pseudo-terminal-calls.js';

/** Skips a suite where pseudo-terminals are impossible, and says so; everywhere else they must work. */
export function needPseudoTerminals(this: Context): void {
  if (process.platform === 'linux' || process.platform === 'darwin') {
    loadPseudoTerminalCalls();
    return;
  }
  console.warn(`SKIPPED: ${process.platform} has no pseudo-terminals, the tests over a wire cannot run`);
  this.skip();
}

/** Resolves when `condition` holds; rejects after `limitMs`, saying what did not come. */
export async function until(condition: () => boolean, what: string, limitMs = 15_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
