import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { ConfigurationError } from '../errors.js';
import { FhirFault, faultOfAnswer, faultOfConnection, isObject } from './fhir-fault.js';

export interface FhirServerOptions {
  /** Base of the server, such as https://fhir.example/r4. */
  readonly url: string;
  /** File with an OAuth bearer token; read for every bundle, so that a new one counts at once. */
  readonly tokenFile?: string | undefined;
  /** File with the certificate of the server's authority, PEM. */
  readonly caFile?: string | undefined;
  /** For a bundle and its answer; default two minutes. */
  readonly timeoutMs?: number;
}

/** What a server did with a transaction's resources. */
export interface TakenTransaction {
  readonly created: number;
  /** Were there already and are left as they are. */
  readonly present: number;
}

const TIMEOUT_MS = 120_000;
/** An answer has a line or two for each resource. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** RFC 6750, section 2.1. */
const TOKEN_PATTERN = /^[A-Za-z0-9._~+/-]+=*$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A FHIR R4 server that takes transactions. Goes to the address that was named, nowhere else: no redirect is followed. */
export class FhirServer {
  /** Without what a URL may hold that changes nothing: the same for the same server. */
  readonly base: string;
  private readonly ca: string | undefined;
  private readonly timeoutMs: number;

  /** @throws ConfigurationError for an address that is none, or a file that cannot be used */
  constructor(private readonly options: FhirServerOptions) {
    this.base = baseOf(options.url);
    const { protocol, hostname } = new URL(this.base);
    if (options.caFile !== undefined && protocol !== 'https:') {
      throw new ConfigurationError(`--fhir-ca needs https://, got ${this.base}`);
    }
    if (options.tokenFile !== undefined && protocol !== 'https:' && !LOOPBACK.test(hostname)) {
      throw new ConfigurationError(
        `a token must not go over the network in the clear; --server must begin with https:// there, got ${this.base}`,
      );
    }
    this.ca = options.caFile === undefined ? undefined : pemOf(options.caFile);
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.token();
  }

  /**
   * Sends a transaction. Sent again after it was taken, it changes nothing, as every resource in it is created on
   * condition.
   *
   * @param transaction bundle, JSON
   * @param resources in it
   * @throws FhirFault where the server has not taken it, or not said so
   */
  async send(transaction: string, resources: number): Promise<TakenTransaction> {
    const { status, headers, body } = await this.post(transaction);
    if (status < 200 || status >= 300) throw faultOfAnswer(status, headers, body);
    return takenOf(body, resources);
  }

  private post(text: string): Promise<Answer> {
    const token = this.token();
    const body = Buffer.from(text);
    const isSafe = this.base.startsWith('https:');
    return new Promise<Answer>((resolve, reject) => {
      const request = (isSafe ? https : http).request(this.base, {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(this.timeoutMs),
        ...(this.ca === undefined ? {} : { ca: this.ca }),
        headers: {
          'Content-Type': 'application/fhir+json; charset=utf-8',
          'Content-Length': body.length,
          Accept: 'application/fhir+json',
          Prefer: 'return=minimal',
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
      });
      const fail = (error: unknown) => {
        const isLate =
          error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
        const seconds = this.timeoutMs / 1000;
        reject(
          error instanceof FhirFault
            ? error
            : isLate
              ? new FhirFault('later', `the server has not answered within ${seconds} seconds`)
              : faultOfConnection(error),
        );
      };
      request.on('error', fail);
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on('error', fail);
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          pieces.push(piece);
          if (bytes > MAX_ANSWER_BYTES) {
            response.destroy(
              new FhirFault(
                'stop',
                `the server's answer is longer than ${MAX_ANSWER_BYTES} bytes; is it a FHIR server?`,
              ),
            );
          }
        });
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, body: Buffer.concat(pieces).toString('utf8') });
        });
      });
      request.end(body);
    });
  }

  private token(): string | undefined {
    const { tokenFile } = this.options;
    if (tokenFile === undefined) return undefined;
    const token = textOf(tokenFile, '--fhir-token').trim();
    // Never shown: it would end in a log.
    if (!TOKEN_PATTERN.test(token)) {
      throw new ConfigurationError(
        `--fhir-token must name a file that holds one bearer token and nothing else, got ${tokenFile}`,
      );
    }
    return token;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['https:', 'http:'].includes(parsed.protocol)) {
    throw new ConfigurationError(
      `--server must be the base of a FHIR server, such as https://fhir.example/r4, got ${JSON.stringify(url)}`,
    );
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new ConfigurationError(
      '--server must hold no password, which every program on this machine could see; --fhir-token names a file',
    );
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new ConfigurationError(
      `--server must end with the path, without ? and #, got ${JSON.stringify(url)}`,
    );
  }
  return parsed.origin + parsed.pathname.replace(/\/+$/, '');
}

/** A server that says nothing of what it did has not said that it took it. */
function takenOf(body: string, resources: number): TakenTransaction {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    answer = undefined;
  }
  const entries = isObject(answer) && Array.isArray(answer.entry) ? (answer.entry as unknown[]) : [];
  if (!isObject(answer) || answer.resourceType !== 'Bundle' || answer.type !== 'transaction-response') {
    throw new FhirFault(
      'stop',
      "the server's answer is no transaction response of FHIR; --server must name the base of an R4 server",
    );
  }
  const statuses = entries.map((entry) =>
    isObject(entry) && isObject(entry.response) ? String(entry.response.status).slice(0, 3) : '',
  );
  if (statuses.length !== resources || !statuses.every((status) => status === '200' || status === '201')) {
    throw new FhirFault(
      'refused',
      `the server must answer for each of ${resources} resources that it is there, got ${statuses.length} answers ` +
        `(${[...new Set(statuses)].slice(0, 5).join(', ') || 'none'})`,
    );
  }
  const created = statuses.filter((status) => status === '201').length;
  return { created, present: resources - created };
}

function pemOf(file: string): string {
  const text = textOf(file, '--fhir-ca');
  if (text.includes('-----BEGIN CERTIFICATE')) return text;
  throw new ConfigurationError(
    `--fhir-ca must name a certificate in PEM (-----BEGIN CERTIFICATE), got ${file}`,
  );
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
