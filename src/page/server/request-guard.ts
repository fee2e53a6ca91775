import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { ConfigurationError } from '../../errors.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const WILDCARDS = new Set(['0.0.0.0', '[::]']);
/** Networks of containers and virtual machines on this very machine, which no phone is in. */
const INSIDE = /^(docker|br-|veth|virbr|lxc|lxd|podman|cni|vmnet|vboxnet)/;
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;

export interface Refusal {
  readonly status: 400 | 401 | 403;
  /** For people; repeats nothing of the request. */
  readonly message: string;
}

/**
 * Says who may talk to the page's server.
 *
 * A web page anywhere can make a browser send requests to 127.0.0.1. Names that an attacker's DNS points here are told
 * by the Host header, pages of others by the Origin that browsers send with every WebSocket and with Sec-Fetch-Site.
 * Beyond loopback a token is demanded as well: in the address for the first visit, then in a cookie.
 */
export class RequestGuard {
  private readonly hosts: () => ReadonlySet<string> | 'loopback';
  private readonly cookieValue: string | null;
  private cookieName = 'lubdub';

  /**
   * @param host what the server listens on
   * @param token 16 to 128 letters, digits, - or _; may be left out on loopback only
   * @throws ConfigurationError
   */
  constructor(
    host: string,
    private readonly token: string | null,
  ) {
    const name = toHostname(host);
    if (name === null) {
      throw new ConfigurationError(
        `host must be a name or an address to listen on, got ${JSON.stringify(host)}`,
      );
    }
    if (token !== null && !TOKEN.test(token)) {
      throw new ConfigurationError(
        `the token must be 16 to 128 letters (A-Z, a-z), digits, - or _, got ${token.length} characters; ` +
          `for example ${newToken()}`,
      );
    }
    if (isLoopback(host)) this.hosts = () => 'loopback';
    else {
      if (token === null) {
        throw new ConfigurationError(
          `whoever reaches ${host} could see and steer the screening: name a token with --token or LUBDUB_TOKEN, ` +
            `for example ${newToken()}`,
        );
      }
      const names = new Set([name]);
      // A machine that is carried to another network has another address there.
      this.hosts = WILDCARDS.has(name) ? namesOfThisMachine : () => names;
    }
    this.cookieValue =
      token === null ? null : createHash('sha256').update(`lubdub page ${token}`).digest('base64url');
  }

  /** Browsers keep one jar of cookies for all ports of a host. */
  set port(port: number) {
    this.cookieName = `lubdub-${port}`;
  }

  /** For requests that need no token: the way in. */
  refuseHost(request: IncomingMessage): Refusal | null {
    const { host } = request.headers;
    const name = host === undefined ? null : toHostname(host);
    if (name === null) return { status: 400, message: 'The request names no host.' };
    const hosts = this.hosts();
    const isKnown = hosts === 'loopback' ? LOOPBACK.test(name) : hosts.has(name);
    if (isKnown) return null;
    return {
      status: 403,
      message: 'This server does not answer under that name. Use the address that lubdub printed.',
    };
  }

  /** @param isNavigation a person may come from anywhere, but only to the page itself */
  refuse(request: IncomingMessage, isNavigation = false): Refusal | null {
    const refusal = this.refuseHost(request) ?? this.refuseForeign(request, isNavigation);
    if (refusal !== null) return refusal;
    if (this.cookieValue === null || this.hasToken(request)) return null;
    return { status: 401, message: 'This page needs its token. Open the address that lubdub printed.' };
  }

  /** A WebSocket is open to every page of the web unless its origin is checked. */
  refuseSocket(request: IncomingMessage): Refusal | null {
    if (request.headers.origin === undefined) return { status: 403, message: 'The request has no origin.' };
    return this.refuse(request);
  }

  isToken(candidate: string): boolean {
    return this.token !== null && isSame(candidate, this.token);
  }

  get cookie(): string {
    return `${this.cookieName}=${this.cookieValue}; Path=/; HttpOnly; SameSite=Strict`;
  }

  private refuseForeign({ headers }: IncomingMessage, isNavigation: boolean): Refusal | null {
    const foreign: Refusal = { status: 403, message: 'Other pages may not use this server.' };
    const site = headers['sec-fetch-site'];
    const comesFromElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none';
    if (comesFromElsewhere && !(isNavigation && headers['sec-fetch-mode'] === 'navigate')) return foreign;
    if (headers.origin === undefined) return null;
    const origin = URL.canParse(headers.origin) ? new URL(headers.origin).origin : null;
    // With its scheme: what another scheme serves under the same name and port is another page.
    const own = new URL(`http://${headers.host!}`).origin;
    return origin === own ? null : foreign;
  }

  private hasToken({ headers }: IncomingMessage): boolean {
    const bearer = /^Bearer (\S+)$/.exec(headers.authorization ?? '');
    if (bearer !== null && this.isToken(bearer[1])) return true;
    return (headers.cookie ?? '')
      .split(/;\s*/)
      .some((pair) => isSame(pair, `${this.cookieName}=${this.cookieValue}`));
  }
}

export function isLoopback(host: string): boolean {
  const name = toHostname(host);
  return name !== null && LOOPBACK.test(name);
}

export function newToken(): string {
  return randomBytes(18).toString('base64url');
}

/** Compares in a time that tells nothing of how much is right. */
function isSame(candidate: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(candidate), digest(secret));
}

/** @returns the lower-case name of `name`, `name:port`, `[address]:port` or a bare IPv6 address, `null` for anything else */
function toHostname(host: string): string | null {
  const bracketed = /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*$/i.test(host) ? `[${host}]` : host;
  if (!/^[\w.[\]:%-]+$/.test(bracketed) || !URL.canParse(`http://${bracketed}`)) return null;
  return new URL(`http://${bracketed}`).hostname.replace(/\.$/, '');
}

/**
 * What a person may write into a browser to reach a server that listens on `host`: of a wildcard the addresses under
 * which other machines find this one, then its own; else `host` itself.
 */
export function addressesToOpen(host: string, interfaces = networkInterfaces()): string[] {
  const name = toHostname(host) ?? host;
  if (!WILDCARDS.has(name)) return [name];
  const takesIpv6 = name === '[::]';
  const found = Object.entries(interfaces)
    .flatMap(([name, addresses = []]) =>
      addresses.map((address) => ({ ...address, isInside: INSIDE.test(name) })),
    )
    // A link-local address needs a zone, which browsers do not take.
    .filter(({ family, scopeid }) => family === 'IPv4' || (takesIpv6 && scopeid === 0))
    .sort((a, b) => Number(a.internal) - Number(b.internal) || Number(a.isInside) - Number(b.isInside));
  const addresses = found.map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
  return addresses.length > 0 ? addresses : ['127.0.0.1'];
}

/** Under a wildcard the server may be addressed by every address and by the machine's own name; by no other. */
function namesOfThisMachine(): Set<string> {
  const own = hostname().toLowerCase();
  const names = new Set(['localhost', own, `${own}.local`]);
  for (const address of Object.values(networkInterfaces()).flat()) {
    const name = address === undefined ? null : toHostname(address.address);
    if (name !== null) names.add(name);
  }
  return names;
}
