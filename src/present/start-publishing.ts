import type { Bedside } from '../bedside/bedside.js';
import type { ModelContract } from '../classify/model-contract.js';
import { ConfigurationError } from '../errors.js';
import { packageVersion } from '../package-info.js';
import type { BedsideCommandOptions } from './command-options.js';
import type { Output } from './output.js';

export interface RunningPublication {
  /** Lets go of broker and disk, and says what still waits. */
  close(): Promise<void>;
}

/**
 * What `--publish` asks for, before any device is: a publisher with its outbox open. `attach` makes it publish a bedside.
 *
 * @returns `undefined` where nothing is to be published
 * @throws ConfigurationError for an address, a name, a file or an outbox that cannot be used
 */
export async function openPublication(
  {
    publish: url,
    bedside: name,
    brokerCa,
    brokerCert,
    brokerKey,
    brokerLogin,
    outbox,
  }: BedsideCommandOptions,
  contract: ModelContract,
  output: Output,
): Promise<{ readonly attach: (bedside: Bedside) => RunningPublication } | undefined> {
  if (url === undefined) {
    if ((brokerCa ?? brokerCert ?? brokerKey ?? brokerLogin ?? outbox ?? name) === undefined)
      return undefined;
    throw new ConfigurationError(
      '--bedside, --broker-... and --outbox go with --publish URL, which says to whom',
    );
  }
  // Its library is large, and few need it.
  const [{ brokerAddress, bedsideName, outboxFile }, { Publisher }, { publishBedside }] = await Promise.all([
    import('../publish/broker-address.js'),
    import('../publish/publisher.js'),
    import('../publish/publish-bedside.js'),
  ]);
  const bedside = bedsideName(name);
  const file = outboxFile(outbox, bedside);
  const { version, sha256 } = contract;
  const publisher = await Publisher.open({
    address: brokerAddress({
      url,
      ...(brokerCa === undefined ? {} : { ca: brokerCa }),
      ...(brokerCert === undefined ? {} : { cert: brokerCert }),
      ...(brokerKey === undefined ? {} : { key: brokerKey }),
      ...(brokerLogin === undefined ? {} : { login: brokerLogin }),
    }),
    bedside,
    outbox: file,
    lubdub: packageVersion,
    model: { name: contract.name, version, sha256 },
  });
  publisher.events$.subscribe((event) => output.event(event));
  return {
    attach: (controller) => {
      const subscription = publishBedside(controller, publisher, contract.verdict);
      return {
        async close() {
          subscription.unsubscribe();
          const waiting = await publisher.close();
          if (waiting > 0)
            output.log(`${waiting} messages wait for the broker in ${file}; the next --publish sends them`);
        },
      };
    },
  };
}
