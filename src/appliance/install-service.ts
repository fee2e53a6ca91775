import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../errors.js';
import { packageDirectory } from '../package-info.js';
import * as layout from './layout.js';
import { serviceFiles, type ServiceFile } from './service-files.js';
import { GROWING_DELAY_SYSTEMD, type Program } from './units.js';

export interface ServiceOptions {
  /** Folder that stands for `/`: only files are written, no program is run. */
  readonly root?: string | undefined;
  /** Nothing is changed; what would be is told. */
  readonly dryRun?: boolean | undefined;
  readonly kiosk?: boolean | undefined;
  readonly say: (line: string) => void;
}

export const thisProgram = (): Program => ({
  node: process.execPath,
  main: join(packageDirectory, 'dist/src/present/main.js'),
});

/** A browser in the package's own name, and Raspberry Pi OS's. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const CAGE = '/usr/bin/cage';
/** Debian's cage ends at once without it, and does not depend on it. */
const XWAYLAND = '/usr/bin/Xwayland';

/**
 * Installs the service, or updates it: its own files are written anew, what is a person's is left as it is.
 *
 * @throws ConfigurationError where this machine cannot have it, with the remedy
 */
export function installService(options: ServiceOptions): void {
  const { root, dryRun = false, kiosk = false, say } = options;
  const isReal = root === undefined && !dryRun;
  const program = thisProgram();
  if (isReal) checkMachine(program, kiosk);
  const browser = BROWSERS.find((path) => existsSync(path)) ?? BROWSERS[0];
  const files = serviceFiles({
    ...program,
    hasGrowingDelay: systemdVersion() >= GROWING_DELAY_SYSTEMD,
    ...(kiosk ? { browser } : {}),
  });
  for (const file of files) place(file, options);
  const hasUdev = !isReal || isUdevRunning();
  if (!hasUdev) say('udev does not run here, as in a container: the rule belongs on the host');
  const units = [layout.SERVICE_UNIT, ...(kiosk ? [layout.KIOSK_UNIT] : [])];
  const commands: string[][] = [
    ['systemd-sysusers', layout.USERS_FILE],
    ['systemd-tmpfiles', '--create', layout.FOLDERS_FILE],
    ...(hasUdev
      ? [
          ['udevadm', 'control', '--reload'],
          ['udevadm', 'trigger', '--subsystem-match=tty', '--subsystem-match=usb'],
        ]
      : []),
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'enable', ...units],
    // What ran before must not go on with the old program.
    ['systemctl', 'restart', ...units],
  ];
  perform(commands, isReal, say);
  if (!isReal) return;
  say(`installed; the page is at http://127.0.0.1:${layout.SERVICE_PORT}/ on this machine`);
  say(
    `settings: ${layout.CONFIGURATION_FILE}; recordings: ${layout.SESSIONS_FOLDER}; what it says: lubdub service logs`,
  );
}

/** Stops the service and takes its own files away; recordings, profiles and settings stay. */
export function uninstallService({ root, dryRun = false, say }: ServiceOptions): void {
  const isReal = root === undefined && !dryRun;
  if (isReal) checkRoot('uninstall');
  const at = (path: string) => join(root ?? '/', path);
  const units = [layout.SERVICE_UNIT, layout.KIOSK_UNIT].filter((unit) =>
    existsSync(at(join(layout.UNIT_FOLDER, unit))),
  );
  if (units.length > 0) perform([['systemctl', 'disable', '--now', ...units]], isReal, say);
  const files = serviceFiles({ ...thisProgram(), hasGrowingDelay: true, browser: BROWSERS[0] }).filter(
    ({ isPersons }) => !isPersons,
  );
  for (const { path } of files) {
    if (!existsSync(at(path))) continue;
    if (!dryRun) rmSync(at(path));
    say(`${dryRun ? 'would remove' : 'removed'} ${at(path)}`);
  }
  perform(
    [
      ['systemctl', 'daemon-reload'],
      ...(isReal && !isUdevRunning() ? [] : [['udevadm', 'control', '--reload']]),
    ],
    isReal,
    say,
  );
  say(
    `kept: ${layout.STATE_FOLDER} (recordings), ${layout.CONFIGURATION_FOLDER} (settings, profiles), the user ${layout.SERVICE_USER}`,
  );
}

function place({ path, text, isPersons }: ServiceFile, { root, dryRun = false, say }: ServiceOptions): void {
  const target = join(root ?? '/', path);
  const before = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
  if (before !== undefined && (isPersons || before === text)) return say(`kept ${target}`);
  if (dryRun) return say(`would write ${target}:\n${text.replace(/^/gm, '    ').trimEnd()}`);
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  // Whole or not at all, and never through a link that somebody left there.
  const fresh = `${target}.${process.pid}.new`;
  writeFileSync(fresh, text, { mode: 0o644, flag: 'wx' });
  renameSync(fresh, target);
  say(`wrote ${target}`);
}

function perform(
  commands: readonly (readonly string[])[],
  isReal: boolean,
  say: (line: string) => void,
): void {
  for (const [program, ...words] of commands) {
    const line = [program, ...words].join(' ');
    if (!isReal) {
      say(`would run ${line}`);
      continue;
    }
    try {
      execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (cause) {
      const { stderr, message } = cause as Error & { stderr?: Buffer };
      const said = stderr?.toString().trim() ?? '';
      throw new ConfigurationError(
        `\`${line}\` failed: ${said === '' ? message : said}; mend that and run lubdub service again`,
        { cause },
      );
    }
  }
}

/** 0 where there is none, or it does not say. An older one would warn of what it does not know in every start. */
function systemdVersion(): number {
  const { stdout } = spawnSync('systemctl', ['--version'], { encoding: 'utf8' });
  return Number(/^systemd (\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

const isUdevRunning = (): boolean => existsSync('/run/udev/control');

function checkRoot(action: string): void {
  if (process.getuid?.() === 0) return;
  throw new ConfigurationError(
    `lubdub service ${action} changes the system and needs root: sudo lubdub service ${action}; --dry-run shows what it would do`,
  );
}

function checkMachine(program: Program, kiosk: boolean): void {
  if (process.platform !== 'linux' || !existsSync('/run/systemd/system')) {
    throw new ConfigurationError(
      'lubdub service needs a Linux that runs systemd, which this one does not; use the Containerfile, or let your ' +
        'own supervisor run `lubdub live --wait --out FOLDER`',
    );
  }
  checkRoot('install');
  for (const path of [program.node, program.main]) {
    if (/^\/(home|root|run\/user|tmp|var\/tmp)\//.test(path)) {
      throw new ConfigurationError(
        `the service does not see ${path}: Node and lubdub must be installed for everybody, ` +
          'for example below /usr/local: sudo npm install -g lubdub-*.tgz',
      );
    }
  }
  if (!kiosk) return;
  for (const [name, paths] of [
    ['cage', [CAGE]],
    ['Xwayland', [XWAYLAND]],
    ['chromium', BROWSERS],
  ] as const) {
    if (paths.some((path) => isProgram(path))) continue;
    throw new ConfigurationError(
      `--kiosk needs the program ${name}: sudo apt install cage xwayland chromium`,
    );
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
