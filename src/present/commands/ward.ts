import { hostname } from 'node:os';
import { fromEvent, firstValueFrom, merge } from 'rxjs';
import { brokerAddress, bedsideName } from '../../publish/broker-address.js';
import { packageVersion } from '../../package-info.js';
import { startWardPage } from '../../ward/ward-server.js';
import { openWardStore } from '../../ward/open-ward-store.js';
import { Ward } from '../../ward/ward.js';
import { WardVitals } from '../../ward/ward-vitals.js';
import { brokerFiles } from '../start-publishing.js';
import type { WardCommandOptions } from '../network-options.js';
import type { Output } from '../output.js';

/** `lubdub ward`: one page for many bedsides, until it is interrupted. */
export async function ward(options: WardCommandOptions, output: Output): Promise<number> {
  const { broker: url, store: place, host, pagePort, token } = options;
  const name = options.name ?? hostname().replace(/[^A-Za-z0-9_-]+/g, '-');
  const address = brokerAddress({ url, ...brokerFiles(options) });
  const store = await openWardStore(place);
  const interrupted = firstValueFrom(
    merge(...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => fromEvent(process, signal))),
  );
  const followed = new Ward({ address, name: bedsideName(name), store });
  followed.events$.subscribe((event) => output.event(event));
  try {
    const page = await startWardPage({
      ward: followed,
      store,
      vitals: new WardVitals(followed, store, packageVersion),
      version: packageVersion,
      ...(host === undefined ? {} : { host }),
      ...(pagePort === undefined ? {} : { port: pagePort }),
      ...(token === undefined ? {} : { token }),
      onFault: (error) => output.log(`the ward's page: ${String((error as Error).message ?? error)}`),
    });
    for (const pageUrl of page.urls) output.log(`ward: ${pageUrl}`);
    await interrupted;
    await page.close();
  } finally {
    await followed.close();
    await store.close();
  }
  return 0;
}
