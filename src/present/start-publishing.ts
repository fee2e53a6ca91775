import type { Bedside } from '../bedside/bedside.js';
import type { ModelContract } from '../classify/model-contract.js';
import { ConfigurationError } from '../errors.js';
import { packageVersion } from '../package-info.js';
import type { BrokerAddressOptions } from '../publish/broker-address.js';
import type { BedsideCommandOptions } from './command-options.js';
import type { BrokerOptions } from './network-options.js';
import type { Output } from './output.js';

export interface RunningPublication {
  /** Messages that wait for the broker. */
  readonly waiting: number;
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
  options: BedsideCommandOptions,
  contract: ModelContract,
  output: Output,
): Promise<{ readonly attach: (bedside: Bedside) => RunningPublication } | undefined> {
  const { publish: url, bedside: name, outbox } = options;
  if (url === undefined) {
    const isNothingSaid = Object.keys(brokerFiles(options)).length === 0 && (outbox ?? name) === undefined;
    if (isNothingSaid) return undefined;
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
      ...brokerFiles(options),
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
        get waiting() {
          return publisher.waiting;
        },
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

/** The files that it takes to reach a broker, by the names that they have there. */
export function brokerFiles({
  brokerCa: ca,
  brokerCert: cert,
  brokerKey: key,
  brokerLogin: login,
}: BrokerOptions): Omit<BrokerAddressOptions, 'url'> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(login === undefined ? {} : { login }),
  };
}
