import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { until } from './until.js';

const PLACES = [
  '/usr/sbin/mosquitto',
  '/usr/bin/mosquitto',
  '/usr/local/sbin/mosquitto',
  '/opt/homebrew/sbin/mosquitto',
];

const program = PLACES.find((path) => existsSync(path));

/** Why tests against the Mosquitto broker cannot run here; `undefined` where they can. */
export const noMosquitto: string | undefined =
  program === undefined ? 'Mosquitto is not installed (Debian: apt-get install mosquitto)' : undefined;

/** Stops a test that needs the broker, and says why; fails it where LUBDUB_REQUIRE_ALL is set, as in CI. */
export function needsMosquitto(test: Mocha.Context): void {
  if (noMosquitto === undefined) return;
  if (process.env.LUBDUB_REQUIRE_ALL) throw new Error(noMosquitto);
  console.log(`    SKIPPED: ${noMosquitto}`);
  test.skip();
}

export interface MosquittoOptions {
  /** Lines of its configuration; what it listens on is there already. */
  readonly lines?: readonly string[];
  readonly port?: number;
}

/** A Mosquitto broker on a port of this machine. */
export class Mosquitto {
  private constructor(
    private readonly file: string,
    readonly port: number,
    private child: ChildProcess,
  ) {}

  /** @param folder for its configuration */
  static async start(folder: string, options: MosquittoOptions = {}): Promise<Mosquitto> {
    // Another program may take a free port before the broker does.
    for (let tries = 0; ; tries++) {
      try {
        return await Mosquitto.startOnce(folder, options);
      } catch (error) {
        if (tries === 4) throw error;
      }
    }
  }

  private static async startOnce(
    folder: string,
    { lines, port: wanted }: MosquittoOptions,
  ): Promise<Mosquitto> {
    const port = wanted ?? (await freePort());
    const file = join(folder, `mosquitto-${port}.conf`);
    const settings = [
      `listener ${port} 127.0.0.1`,
      ...(lines ?? ['allow_anonymous true']),
      'max_queued_messages 100000',
      'persistence true',
      `persistence_location ${folder}/`,
      'user root',
    ];
    await writeFile(file, `${settings.join('\n')}\n`);
    const broker = new Mosquitto(file, port, run(file));
    await broker.isListening();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  async startAgain(): Promise<void> {
    this.child = run(this.file);
    await this.isListening();
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    await ended;
  }

  private async isListening(): Promise<void> {
    await until(
      async () => this.child.exitCode !== null || (await canConnect(this.port)),
      'mosquitto listens or ends',
    );
    // Who answers may be another program: a broker that could not have its port ends at once.
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (this.child.exitCode === null) return;
    throw new Error(`mosquitto does not listen: ${String(this.child.spawnargs)}`);
  }
}

const run = (file: string): ChildProcess => spawn(program!, ['-c', file], { stdio: 'ignore' });

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** A certificate of its own for 127.0.0.1. @returns files of certificate and key, `undefined` without OpenSSL */
export function selfSigned(folder: string): { readonly cert: string; readonly key: string } | undefined {
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  const { status } = spawnSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  );
  return status === 0 ? { cert, key } : undefined;
}
