import { setFlagsFromString } from 'node:v8';

/** Releases of Node whose engine has the flag; another one would complain on stderr. */
const FIRST_MAJOR = 22;
const LAST_MAJOR = 24;

/**
 * Lets the engine's room for short-lived objects stay at its first megabyte, for programs that run for days on a small
 * machine: it doubles while the program loads, up to 32 MB, and is never given back. `lubdub live` took 120 MB half a
 * minute after its start, 91 with this. Objects grow old sooner; at full speed it levels off at 115 to 125 MB after a
 * quarter of an hour of signal, 16 of them what the page remembers to look back at. To let the old generation grow by a tenth
 * and no more (`--heap-growing-percent`) changed nothing of that. What must be fast and is soon over, as `classify`, does
 * without.
 *
 * To be called before anything is loaded. The engine reads this flag each time it would grow, so that it holds from then on.
 */
export function keepYoungGenerationSmall(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < FIRST_MAJOR || major > LAST_MAJOR) return;
  setFlagsFromString('--semi-space-growth-factor=1');
}
