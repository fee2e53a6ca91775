import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './mosquitto.js';

const ROOT = '/usr/lib/postgresql';

/** Debian keeps the programs of each version in a folder of its own. */
const programs = existsSync(ROOT)
  ? readdirSync(ROOT)
      .map((version) => join(ROOT, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb')))
  : undefined;

const WHY = 'PostgreSQL is not installed (Debian: apt-get install postgresql)';

/** Stops a test that needs the server, and says why; fails it where LUBDUB_REQUIRE_ALL is set, as in CI. */
export function needsPostgres(test: Mocha.Context): void {
  if (programs !== undefined) return;
  if (process.env.LUBDUB_REQUIRE_ALL) throw new Error(WHY);
  console.log(`    SKIPPED: ${WHY}`);
  test.skip();
}

/** A PostgreSQL server of its own on a port of this machine, without a password. */
export class Postgres {
  private databases = 0;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'lubdub-postgres-'));
    // The server refuses to run as root; Debian's package brings a user for it.
    if (isRoot) execFileSync('chown', ['postgres', folder]);
    chmodSync(folder, 0o700);
    const port = await freePort();
    const data = join(folder, 'data');
    run('initdb', ['-D', data, '-U', 'lubdub', '--auth=trust', '--no-sync']);
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`;
    run('pg_ctl', ['-D', data, '-o', options, '-l', join(folder, 'log'), '-w', 'start']);
    return new Postgres(folder, port);
  }

  /** @returns the address of an empty database */
  newDatabase(): string {
    const name = `ward${this.databases++}`;
    run('createdb', ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'lubdub', name]);
    return `postgres://lubdub@127.0.0.1:${this.port}/${name}`;
  }

  async stop(): Promise<void> {
    run('pg_ctl', ['-D', join(this.folder, 'data'), '-m', 'immediate', 'stop']);
    rmSync(this.folder, { recursive: true, force: true });
    return Promise.resolve();
  }
}

const isRoot = process.getuid?.() === 0;

function run(program: string, words: readonly string[]): void {
  const command = [join(programs!, program), ...words];
  const { status, stderr } = isRoot
    ? spawnSync('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', ...command], {
        cwd: '/',
        encoding: 'utf8',
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    : spawnSync(command[0], command.slice(1), { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
}
