import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../errors.js';
import { stateFolder } from '../package-info.js';

/** Where and as whom to publish; plain data, for the thread that does it. */
export interface BrokerAddress {
  readonly url: string;
  /** Certificates and key in PEM. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly username?: string;
  readonly password?: string;
}

export interface BrokerAddressOptions {
  readonly url: string;
  /** Files. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly login?: string;
}

const SCHEMES = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];

const SAFE_SCHEMES = ['mqtts:', 'wss:'];

const NAME_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Reads what it takes to reach a broker.
 *
 * @throws ConfigurationError for an address that is none, a file that cannot be read, or a secret in the address
 */
export function brokerAddress({ url, ca, cert, key, login }: BrokerAddressOptions): BrokerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !SCHEMES.includes(parsed.protocol) || parsed.hostname === '') {
    throw new ConfigurationError(
      `a broker's address must be like mqtts://broker.example:8883 (mqtt, mqtts, ws or wss), got ${JSON.stringify(url)}`,
    );
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new ConfigurationError(
      'a broker\'s address must not hold a password, which every program on this machine could see; write "user:password" ' +
        'into a file that only you may read and name it with --broker-login',
    );
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigurationError(
      '--broker-cert and --broker-key go together: a certificate and its private key',
    );
  }
  if ((ca ?? cert) !== undefined && !SAFE_SCHEMES.includes(parsed.protocol)) {
    throw new ConfigurationError(`certificates need mqtts:// or wss://, got ${parsed.protocol}//`);
  }
  return {
    url,
    ...(ca === undefined ? {} : { ca: pemOf(ca, '--broker-ca') }),
    ...(cert === undefined ? {} : { cert: pemOf(cert, '--broker-cert') }),
    ...(key === undefined ? {} : { key: pemOf(key, '--broker-key') }),
    ...(login === undefined ? {} : loginOf(login)),
  };
}

/** @returns a name that may stand in a topic @throws ConfigurationError for another */
export function bedsideName(name: string | undefined): string {
  const bedside =
    name ??
    hostname()
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .slice(0, 64);
  if (!NAME_PATTERN.test(bedside)) {
    throw new ConfigurationError(
      `--bedside must be 1 to 64 letters, digits, - and _, got ${JSON.stringify(bedside)}`,
    );
  }
  return bedside;
}

/** @param folder default the user's own */
export const outboxFile = (folder: string | undefined, bedside: string): string =>
  join(folder ?? join(stateFolder(), 'outbox'), `${bedside}.sqlite`);

function pemOf(file: string, option: string): string {
  const text = textOf(file, option);
  if (!text.includes('-----BEGIN ')) {
    throw new ConfigurationError(`${option} must name a PEM file (-----BEGIN ...), got ${file}`);
  }
  return text;
}

function loginOf(file: string): { username: string; password: string } {
  const [line] = textOf(file, '--broker-login').split(/\r?\n/);
  const at = line.indexOf(':');
  if (at < 1) {
    throw new ConfigurationError(
      `--broker-login must name a file with one line "user:password", got ${file}`,
    );
  }
  return { username: line.slice(0, at), password: line.slice(at + 1) };
}

function textOf(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(
      `${option} ${file} cannot be read: ${(cause as Error).message}; check its name and permissions`,
      { cause },
    );
  }
}
