import { createRequire } from 'node:module';
import type { z } from 'zod';

type Zod = typeof z;

let loaded: Zod | undefined;

/**
 * Schemas that are made when something is first checked. Loading zod and making those of a `lubdub live` takes 8 MB, and a
 * bedside checks nothing until it reads a stored session.
 *
 * Zod is loaded by nothing else, so that there is one of it; hence `import type` in the files of schemas.
 *
 * @param make makes them
 * @returns gives them
 */
export function lazySchemas<Made>(make: (zod: Zod) => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make((loaded ??= load())));
}

/** What a lazily made schema reads. */
export type ReadBy<Lazy extends () => z.ZodType> = z.output<ReturnType<Lazy>>;

function load(): Zod {
  const require = createRequire(import.meta.url);
  return (require('zod') as { readonly z: Zod }).z;
}
