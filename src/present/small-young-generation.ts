import { setFlagsFromString } from 'node:v8';

/** Releases of Node whose engine has the flag; another one would complain on stderr. */
const FIRST_MAJOR = 22;
const LAST_MAJOR = 24;

/**
 * Lets the engine's room for short-lived objects stay at its first megabyte, for programs that run for days on a small
 * machine: it doubles while the program loads, up to 32 MB, and is never given back. `lubdub live` took 120 MB half a
 * minute after its start, 91 with this. Objects grow old sooner, which is what `ClearUp` is for. What must be fast and is soon
 * over, as `classify`, does without.
 *
 * To be called before anything is loaded. The engine reads this flag each time it would grow, so that it holds from then on.
 */
export function keepYoungGenerationSmall(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < FIRST_MAJOR || major > LAST_MAJOR) return;
  setFlagsFromString('--semi-space-growth-factor=1');
}
