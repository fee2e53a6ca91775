import { setFlagsFromString } from 'node:v8';

/** Release of Node whose engine has the flag; another one would complain on stderr. */
const MAJOR = 22;
/** The engine's own is 3000: of what is called once a second for every window that is most of an hour. */
const CALLS = 600;

/**
 * Lets the engine optimise what is called now and then, for programs that run for hours and do little a second: in its first two
 * minutes a bedside with a page takes a tenth to a seventh less of a core. It reads this flag as it counts, so that it holds from then on. `classify`
 * calls everything so often that it is the same there.
 */
export function optimiseSooner(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major === MAJOR) setFlagsFromString(`--invocation-count-for-turbofan=${CALLS}`);
}
