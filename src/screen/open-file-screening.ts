import type { FileScreeningStart } from './file-screening-start.js';
import type { FileScreening } from './file-screening.js';
import { SharedFileScreening } from './shared-file-screening.js';

/**
 * Opens what screens files: this thread, and worker threads beside it, one less than files are to be screened at a time.
 * Where LiteRT runs the model, worker threads alone. The threads begin at once, and load what they run while this one does
 * and while `start` is still being read.
 *
 * @param threads so many files at a time
 * @throws ModelError where the model or the runtime is unusable, and what `start` is rejected with
 */
export async function openFileScreening(
  start: Promise<FileScreeningStart>,
  threads: number,
): Promise<FileScreening> {
  // What starts threads is not loaded for a single file.
  const pools = () => import('./file-screening-pool.js');
  const helpers = threads === 1 ? undefined : new (await pools()).FileScreeningPool(start, threads - 1);
  try {
    const { openScreenHere } = await import('./screen-here.js');
    const screenHere = await openScreenHere(await start);
    if (screenHere !== null) {
      return new SharedFileScreening(screenHere, helpers && { threads: threads - 1, pool: helpers });
    }
    if (helpers === undefined) return await (await pools()).FileScreeningPool.open(start, 1);
    await Promise.all([helpers.ready, helpers.grow()]);
    return helpers;
  } catch (error) {
    await helpers?.close();
    throw error;
  }
}
