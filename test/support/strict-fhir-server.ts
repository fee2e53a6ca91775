import { createRequire } from 'node:module';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';

/** HL7's own JSON schema of R4, as it was published. */
interface SchemaValidator {
  validate(resource: object, verbose: boolean): readonly unknown[];
}
const require = createRequire(import.meta.url);
const Validator = require('@asymmetrik/fhir-json-schema-validator') as new () => SchemaValidator;

interface Resource {
  readonly resourceType: string;
  readonly identifier?: readonly { readonly system?: string; readonly value?: string }[];
}
interface Entry {
  readonly fullUrl: string;
  readonly resource: Resource;
  readonly request?: { readonly method: string; readonly url: string; readonly ifNoneExist?: string };
}

export interface StrictFhirServerOptions {
  readonly token?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Does the work, and then answers so: as where the answer is lost on the way. */
  readonly afterWork?: boolean;
  /** Says nothing. */
  readonly silent?: boolean;
}

/**
 * As much of a FHIR R4 server as takes transactions of conditional creates, by the specification's words: all or
 * nothing, references inside the bundle rewritten, what does not follow the published schema refused.
 */
export class StrictFhirServer {
  readonly stored = new Map<string, Resource>();
  readonly canned: CannedAnswer[] = [];
  readonly authorizations: (string | undefined)[] = [];
  requests = 0;
  private next = 1;
  private readonly schema = new Validator();
  private constructor(
    private readonly server: http.Server | https.Server,
    readonly url: string,
    private readonly token: string | undefined,
  ) {}

  static async start({ token, tls }: StrictFhirServerOptions = {}, port = 0): Promise<StrictFhirServer> {
    const server = tls === undefined ? http.createServer() : https.createServer(tls);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const at = (server.address() as AddressInfo).port;
    const started = new StrictFhirServer(
      server,
      `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${at}/fhir`,
      token,
    );
    server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => started.answer(request, Buffer.concat(pieces).toString('utf8'), response));
    });
    return started;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  ofType(type: string): Resource[] {
    return [...this.stored.values()].filter(({ resourceType }) => resourceType === type);
  }

  private answer(request: http.IncomingMessage, body: string, response: http.ServerResponse): void {
    this.requests++;
    this.authorizations.push(request.headers.authorization);
    const canned = this.canned.shift();
    if (canned?.silent === true) return;
    const worked = canned === undefined || canned.afterWork === true ? this.work(request, body) : undefined;
    const {
      status,
      headers = {},
      text,
    } = canned
      ? { status: canned.status, headers: canned.headers, text: canned.body ?? '' }
      : { ...worked!, headers: {} };
    response.writeHead(status, { 'Content-Type': 'application/fhir+json', ...headers }).end(text);
  }

  private work(request: http.IncomingMessage, body: string): { status: number; text: string } {
    const refuse = (status: number, text: string) => ({
      status,
      text: JSON.stringify({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'processing', diagnostics: text }],
      }),
    });
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      return refuse(401, 'who are you?');
    }
    if (request.url !== '/fhir') return refuse(404, `no ${request.url}`);
    if (request.method !== 'POST') return refuse(405, 'POST it');
    if (!/^application\/fhir\+json/.test(request.headers['content-type'] ?? '')) return refuse(415, 'JSON');
    let bundle: { resourceType?: string; type?: string; entry: Entry[] };
    try {
      bundle = JSON.parse(body) as typeof bundle;
    } catch {
      return refuse(400, 'no JSON');
    }
    const faults = this.schema.validate(bundle, true);
    if (faults.length > 0) return refuse(422, JSON.stringify(faults[0]));
    if (bundle.resourceType !== 'Bundle' || bundle.type !== 'transaction')
      return refuse(400, 'no transaction');
    const places = new Map<string, string>();
    const made: [string, Resource][] = [];
    const responses: object[] = [];
    for (const { fullUrl, resource, request: asked } of bundle.entry) {
      if (asked?.method !== 'POST' || asked.url !== resource.resourceType) return refuse(400, 'request');
      if (places.has(fullUrl)) return refuse(400, `${fullUrl} twice`);
      const matches = asked.ifNoneExist === undefined ? [] : this.find(asked.url, asked.ifNoneExist);
      if (matches.length > 1) return refuse(412, `${asked.ifNoneExist} matches ${matches.length}`);
      const place = matches[0] ?? `${asked.url}/${this.next++}`;
      places.set(fullUrl, place);
      if (matches.length === 0) made.push([place, resource]);
      responses.push({
        response: { status: matches.length === 0 ? '201 Created' : '200 OK', location: place },
      });
    }
    const rewritten = made.map(([place, resource]) => {
      let lost = '';
      const text = JSON.stringify(resource).replace(
        /"reference":"(urn:uuid:[^"]+)"/g,
        (_all, url: string) => {
          const to = places.get(url);
          if (to === undefined) lost = url;
          return `"reference":"${to}"`;
        },
      );
      return { place, text, lost };
    });
    const lost = rewritten.find((one) => one.lost !== '');
    if (lost !== undefined) return refuse(400, `${lost.lost} is not in the bundle`);
    // All or nothing: nothing was stored before here.
    for (const { place, text } of rewritten) this.stored.set(place, JSON.parse(text) as Resource);
    return {
      status: 200,
      text: JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry: responses }),
    };
  }

  /** By the search `identifier=system|value`. */
  private find(type: string, search: string): string[] {
    const [name, ...rest] = search.split('=');
    const [system, value] = rest.join('=').split('|').map(decodeURIComponent);
    if (name !== 'identifier' || value === undefined) throw new Error(`no search: ${search}`);
    return [...this.stored].flatMap(([place, { resourceType, identifier = [] }]) =>
      resourceType === type && identifier.some((one) => one.system === system && one.value === value)
        ? [place]
        : [],
    );
  }
}
