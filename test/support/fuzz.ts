/**
 * How often the fuzzing tests run: `LUBDUB_FUZZ=50` is fifty times as many cases as usual, with as much more time.
 * Figures of a run belong with its seed, which fast-check prints where it finds something.
 */
export const FUZZ_FACTOR = Math.max(1, Number(process.env.LUBDUB_FUZZ ?? '1') || 1);

export const fuzzRuns = (usual: number): number => Math.round(usual * FUZZ_FACTOR);

/** For `this.timeout` of a test that fuzzes. */
export const fuzzTimeout = (usualMs = 60_000): number => usualMs * FUZZ_FACTOR;
