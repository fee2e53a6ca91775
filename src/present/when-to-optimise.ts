import { setFlagsFromString } from 'node:v8';

/** Release of Node whose engine has the flag; another one would complain on stderr. */
const MAJOR = 22;
/** After so many calls a function is optimised; the engine's own is 3000, fewer for what loops. */
const CALLS = { sooner: 600, later: 15_000 } as const;

/**
 * Lets the engine optimise what is called now and then, for programs that run for hours and do little a second: of what
 * is called once for every window its own number is most of an hour. In its first two minutes a bedside with a page takes a
 * tenth to a seventh less of a core. The engine reads this flag as it counts, so that it holds from then on.
 */
export function optimiseSooner(): void {
  optimiseAfter(CALLS.sooner);
}

/**
 * Lets the engine optimise only what is called very often, for programs that have their loops in the compute module, and
 * threads of which each compiles for itself: of 510 files a tenth of the processor's time went into compiling what is called
 * a few times a window, and did not come back. Over 2,592 files it makes no difference.
 */
export function optimiseLater(): void {
  optimiseAfter(CALLS.later);
}

function optimiseAfter(calls: number): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major === MAJOR) setFlagsFromString(`--invocation-count-for-turbofan=${calls}`);
}
