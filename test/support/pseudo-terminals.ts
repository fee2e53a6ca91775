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
