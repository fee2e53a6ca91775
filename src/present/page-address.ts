import { renderUnicodeCompact } from 'uqr';
import { isLoopback } from '../page/server/request-guard.js';

/** Around the code nothing may stand; phones are content with half of what the standard asks for. */
const BORDER_MODULES = 2;

/**
 * What a person needs to open the live page: its addresses and, where another machine can reach it, the first of them as
 * a QR code that a phone's camera takes, the secret with it.
 *
 * @param urls the best one first
 * @param isTerminal whether somebody looks at it; a log gets no picture
 */
export function pageAddressLines(urls: readonly string[], isTerminal: boolean): string[] {
  const lines = urls.map((url) => `live page: ${url}`);
  const first = urls.find((url) => !isLoopback(new URL(url).hostname));
  if (first === undefined || !isTerminal) return lines;
  return [...lines, ...renderUnicodeCompact(first, { border: BORDER_MODULES }).split('\n')];
}
