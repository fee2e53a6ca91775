import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../errors.js';
import * as layout from './layout.js';
import { udevRule } from './service-files.js';
import { programOf, serviceUnit } from './units.js';

export interface ServiceCheck {
  readonly name: string;
  /** @returns what was found; throws (or rejects) with the remedy where something is wrong */
  readonly run: () => string | Promise<string>;
}

const ANEW = 'run sudo lubdub service install again';
const HEALTH_LIMIT_MS = 4000;
const OTHERS_MODE = 0o007;
/** The exit code of wrong use and configuration, which the unit does not try again. */
const WRONG_USE = '2';

export const isServiceInstalled = (root = '/'): boolean =>
  existsSync(join(root, layout.UNIT_FOLDER, layout.SERVICE_UNIT));

/**
 * What must be right of an installed service.
 *
 * @param root folder that stands for `/`; with another one, what only runs on the machine itself is left out
 */
export function serviceChecks(root = '/'): ServiceCheck[] {
  const read = (path: string) => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch (cause) {
      throw new ConfigurationError(`${path} cannot be read (${(cause as Error).message}); ${ANEW}`, {
        cause,
      });
    }
  };
  const checks: ServiceCheck[] = [
    { name: 'service: unit', run: () => checkUnit(read(join(layout.UNIT_FOLDER, layout.SERVICE_UNIT))) },
    {
      name: 'service: udev rule',
      run: () => {
        if (read(layout.UDEV_RULE) === udevRule()) return layout.UDEV_RULE;
        throw new ConfigurationError(
          `${layout.UDEV_RULE} is not the one of this version; ${ANEW}, or keep yours`,
        );
      },
    },
    { name: 'service: user', run: () => checkUser(read('/etc/passwd'), read('/etc/group')) },
    { name: 'service: recordings', run: () => checkSessions(root, read('/etc/passwd')) },
  ];
  if (root === '/') {
    checks.push(
      { name: 'service: running', run: checkRunning },
      { name: 'service: health', run: checkHealth },
    );
  }
  return checks;
}

function checkUnit(text: string): string {
  const program = programOf(text);
  // Either form: the system below may have been updated since.
  if (program === null || ![false, true].some((grows) => serviceUnit(program, grows) === text)) {
    throw new ConfigurationError(`${layout.SERVICE_UNIT} is not the one of this version; ${ANEW}`);
  }
  const missing = [program.node, program.main].find((path) => !existsSync(path));
  if (missing === undefined) return `runs ${program.main}`;
  throw new ConfigurationError(`${layout.SERVICE_UNIT} runs ${missing}, which is not there; ${ANEW}`);
}

function checkUser(passwd: string, groups: string): string {
  uidOf(passwd);
  const lacks = ['dialout', 'audio'].filter((group) => {
    const line = groups.split('\n').find((one) => one.startsWith(`${group}:`));
    return !(line?.split(':')[3] ?? '').split(',').includes(layout.SERVICE_USER);
  });
  if (lacks.length === 0) return `${layout.SERVICE_USER}, in dialout and audio`;
  throw new ConfigurationError(
    `the user ${layout.SERVICE_USER} is not in ${lacks.join(', ')}: sudo usermod -a -G ${lacks.join(',')} ${layout.SERVICE_USER}`,
  );
}

function uidOf(passwd: string): number {
  const line = passwd.split('\n').find((one) => one.startsWith(`${layout.SERVICE_USER}:`));
  if (line !== undefined) return Number(line.split(':')[2]);
  throw new ConfigurationError(`there is no user ${layout.SERVICE_USER}; ${ANEW}`);
}

function checkSessions(root: string, passwd: string): string {
  const path = join(root, layout.SESSIONS_FOLDER);
  const uid = uidOf(passwd);
  let found;
  try {
    found = statSync(path);
  } catch (cause) {
    // As somebody else one may not even look, which is right so.
    if ((cause as NodeJS.ErrnoException).code === 'EACCES')
      return `${path}, closed to you; with sudo it is looked at`;
    throw new ConfigurationError(`${path} is missing; ${ANEW}`, { cause });
  }
  if (!found.isDirectory() || found.uid !== uid || (found.mode & OTHERS_MODE) !== 0) {
    throw new ConfigurationError(
      `${path} must belong to ${layout.SERVICE_USER} and be closed to others: ` +
        `sudo chown -R ${layout.SERVICE_USER}: ${path} && sudo chmod o-rwx ${path}`,
    );
  }
  return path;
}

function checkRunning(): string {
  const shown = 'ActiveState,SubState,NRestarts,ExecMainCode,ExecMainStatus,StatusText';
  const { stdout } = spawnSync('systemctl', ['show', '--property', shown, layout.SERVICE_UNIT], {
    encoding: 'utf8',
  });
  return runningOf(stdout ?? '');
}

const EXITED = '1';

/**
 * @param shown what `systemctl show` says of the service, a property a line
 * @returns that it runs; of one that was begun anew, how often
 * @throws ConfigurationError where it does not, with what it said when it ended
 */
export function runningOf(shown: string): string {
  const properties = new Map(
    shown.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const of = (name: string) => properties.get(name) ?? '';
  const state = of('ActiveState');
  const restarts = Number(of('NRestarts'));
  const often = restarts > 0 ? `, begun anew ${restarts} ${restarts === 1 ? 'time' : 'times'}` : '';
  if (state === 'active') return `${state}${often}`;
  const said = of('StatusText');
  const why = said === '' ? '' : `: ${said}`;
  if (state === 'failed' && of('ExecMainCode') === EXITED && of('ExecMainStatus') === WRONG_USE) {
    throw new ConfigurationError(
      `${layout.SERVICE_UNIT} has stopped, as its settings are wrong${why}; mend ${layout.CONFIGURATION_FILE} (or the ` +
        'environment file beside it), then sudo systemctl restart lubdub',
    );
  }
  const name = [state, of('SubState')].filter((word) => word !== '').join(', ') || 'not known';
  throw new ConfigurationError(
    `${layout.SERVICE_UNIT} is ${name}${often}${why}; see lubdub service logs, then sudo systemctl restart lubdub`,
  );
}

async function checkHealth(): Promise<string> {
  let port: unknown = layout.SERVICE_PORT;
  let token: unknown;
  try {
    const settings = JSON.parse(readFileSync(layout.CONFIGURATION_FILE, 'utf8')) as Record<string, unknown>;
    port = settings['page-port'] ?? port;
    token = settings.token;
  } catch {
    // Not for everybody to read; the port is the usual one.
  }
  const headers = typeof token === 'string' ? { authorization: `Bearer ${token}` } : {};
  let answer: Response;
  try {
    const signal = AbortSignal.timeout(HEALTH_LIMIT_MS);
    answer = await fetch(`http://127.0.0.1:${String(port)}/healthz`, { headers, signal });
  } catch (cause) {
    throw new ConfigurationError(
      `port ${String(port)} does not answer (${(cause as Error).message}); see lubdub service logs`,
      { cause },
    );
  }
  if (answer.status === 401 || answer.status === 403) return 'answers, and wants its token';
  const { state, message } = (await answer.json()) as { state?: unknown; message?: unknown };
  if (answer.ok) return `${String(state)}: ${String(message)}`;
  throw new ConfigurationError(String(message));
}
