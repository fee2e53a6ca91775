import { printable } from '../printable.js';
import { UNTRUSTED } from './broker-fault.js';

/**
 * Why a FHIR server has not taken a bundle. `later`: it may take it as it is, in a while. `stop`: it takes none before
 * somebody does what the message says. `refused`: this bundle; others may go.
 */
export class FhirFault extends Error {
  constructor(
    readonly consequence: 'later' | 'stop' | 'refused',
    message: string,
    /** What the server asks for. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = 'FhirFault';
  }
}

const MAX_ISSUES = 3;
const MAX_ISSUE_CHARACTERS = 300;
/** A server that asks for more is asked again all the same. */
const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

/** HTTP statuses that a person can do something about. */
const STATUSES: Readonly<Record<number, readonly [FhirFault['consequence'], string]>> = {
  400: ['refused', 'it finds a fault in the bundle; what it says tells which'],
  401: [
    'stop',
    'the token is missing, wrong or has expired; put a new one into the file that --fhir-token names',
  ],
  403: ['stop', 'whose token this is may not create what is in the bundle; let them do so at the server'],
  404: [
    'stop',
    'there is no FHIR server at this address; --server must name its base, such as https://fhir.example/r4',
  ],
  405: [
    'stop',
    'the server takes no transactions at this address; --server must name its base, such as https://fhir.example/r4',
  ],
  408: ['later', 'it waited too long for the bundle'],
  409: ['later', 'something else changes the same resources'],
  410: ['stop', 'there is no FHIR server at this address any more; name the new one with --server'],
  412: ['refused', 'several resources there have the same identifier; remove the doubles at the server'],
  413: [
    'refused',
    'the bundle is too large for it; leave the samples out with --no-samples, or raise its limit',
  ],
  415: ['stop', 'it takes no FHIR in JSON at this address; --server must name the base of an R4 server'],
  422: ['refused', 'a rule or profile of the server does not allow the bundle; what it says tells which'],
  425: ['later', 'it does not take it yet'],
  429: ['later', 'it is asked too often'],
};

/**
 * What an answer other than success means.
 *
 * @param body as far as it was read
 */
export function faultOfAnswer(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): FhirFault {
  if (status >= 300 && status < 400) {
    // A token must not go where somebody else's answer points.
    const to = typeof headers.location === 'string' ? ` to ${oneLine(headers.location)}` : '';
    return new FhirFault(
      'stop',
      `the server sends us elsewhere (${status}${to}), where nothing is sent; if that is right, name it with --server`,
    );
  }
  const [consequence, words] = STATUSES[status] ?? [
    status >= 500 ? 'later' : 'refused',
    status >= 500 ? 'the server has a fault' : 'it does not take the bundle',
  ];
  const said = outcomeText(body);
  return new FhirFault(
    consequence,
    `HTTP ${status}: ${words}${said === null ? '' : ` (the server says: ${said})`}`,
    consequence === 'later' ? retryAfterMs(headers['retry-after']) : null,
  );
}

/** What is wrong with the way to the server. */
export function faultOfConnection(error: unknown): FhirFault {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const message = oneLine(error instanceof Error && error.message !== '' ? error.message : code);
  if (UNTRUSTED.has(code)) {
    return new FhirFault(
      'stop',
      `the server's certificate is not signed by anybody trusted here (${code}); name the certificate of its authority ` +
        'with --fhir-ca',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new FhirFault(
      'stop',
      `the server's certificate is for another name (${message}); use the name that stands in it`,
    );
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return new FhirFault('stop', "the server's certificate has expired; renew it there");
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new FhirFault(
      'later',
      `the server's name is not known here (${code}); check --server and the network`,
    );
  }
  if (code === 'ECONNREFUSED') {
    return new FhirFault('later', `nothing answers at the server's address (${code}); is it running?`);
  }
  if (code === 'EPROTO') {
    return new FhirFault(
      'later',
      `the server does not speak TLS as it should (${message}); is https:// right?`,
    );
  }
  return new FhirFault('later', message);
}

/** The text of an OperationOutcome, which somebody else wrote: cut, on one line, nothing that steers a terminal. */
export function outcomeText(body: string): string | null {
  let outcome: unknown;
  try {
    outcome = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isObject(outcome) || outcome.resourceType !== 'OperationOutcome' || !Array.isArray(outcome.issue)) {
    return null;
  }
  const issues = (outcome.issue as unknown[]).filter(isObject).flatMap(({ details, diagnostics, code }) => {
    const words = isObject(details) ? details.text : undefined;
    const said = [words, diagnostics, code].find((text) => typeof text === 'string' && text.trim() !== '');
    return typeof said === 'string' ? [oneLine(said)] : [];
  });
  if (issues.length === 0) return null;
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : '';
  return issues.slice(0, MAX_ISSUES).join('; ') + more;
}

/** @param header seconds or an HTTP date */
export function retryAfterMs(header: string | string[] | undefined, nowMs = Date.now()): number | null {
  if (typeof header !== 'string') return null;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? 1000 * Number(text) : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : null;
}

const oneLine = (text: string): string => {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  return line.length > MAX_ISSUE_CHARACTERS ? `${line.slice(0, MAX_ISSUE_CHARACTERS)}…` : line;
};

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
