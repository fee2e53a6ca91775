import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** For `node --import`: says on stderr which modules are loaded, in every thread. */
registerHooks({
  load(url, context, nextLoad) {
    writeSync(2, `loads ${url}\n`);
    return nextLoad(url, context);
  },
});
