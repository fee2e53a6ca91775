import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageDirectory } from '../package-info.js';
import * as layout from './layout.js';
import { kioskUnit, serviceUnit, type Program } from './units.js';

/** A file that belongs to the service. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
  /** A person's: written where there is none, and never touched again. */
  readonly isPersons: boolean;
}

export interface ServiceFilesOptions extends Program {
  /** Full path of the browser that fills the display; none without a kiosk. */
  readonly browser?: string;
  /** Whether systemd here knows RestartSteps. */
  readonly hasGrowingDelay: boolean;
}

const ours = (path: string, text: string): ServiceFile => ({ path, text, isPersons: false });

/** The rule as it ships. */
export const udevRule = (): string =>
  readFileSync(join(packageDirectory, 'src/acquire/60-lubdub-stethoscope.rules'), 'utf8');

/** All that an installed service is made of. */
export function serviceFiles({ browser, hasGrowingDelay, ...program }: ServiceFilesOptions): ServiceFile[] {
  const hasKiosk = browser !== undefined;
  const configuration = { out: layout.SESSIONS_FOLDER, wait: true, 'page-port': layout.SERVICE_PORT };
  return [
    ours(layout.USERS_FILE, users(hasKiosk)),
    ours(layout.FOLDERS_FILE, folders()),
    ours(layout.UDEV_RULE, udevRule()),
    { path: layout.CONFIGURATION_FILE, text: `${JSON.stringify(configuration, null, 2)}\n`, isPersons: true },
    ours(join(layout.UNIT_FOLDER, layout.SERVICE_UNIT), serviceUnit(program, hasGrowingDelay)),
    ...(hasKiosk ? [ours(join(layout.UNIT_FOLDER, layout.KIOSK_UNIT), kioskUnit(browser))] : []),
  ];
}

/** For systemd-sysusers. */
function users(hasKiosk: boolean): string {
  const { SERVICE_USER, STATE_FOLDER, KIOSK_USER, KIOSK_FOLDER } = layout;
  const lines = [
    `u ${SERVICE_USER} - "lubdub, screening of heart sounds" ${STATE_FOLDER}`,
    ...['dialout', 'audio'].map((group) => `m ${SERVICE_USER} ${group}`),
  ];
  if (hasKiosk) {
    lines.push(`u ${KIOSK_USER} - "lubdub, the page on the display" ${KIOSK_FOLDER}`);
    lines.push(...['video', 'input', 'render'].map((group) => `m ${KIOSK_USER} ${group}`));
  }
  return `${lines.join('\n')}\n`;
}

/** For systemd-tmpfiles, which makes folders and mends their owners. */
function folders(): string {
  const { SERVICE_USER, STATE_FOLDER, SESSIONS_FOLDER, CONFIGURATION_FOLDER, PROFILES_FOLDER } = layout;
  const line = (path: string, mode: string, owner: string, group: string) =>
    `d ${path} ${mode} ${owner} ${group} -`;
  return `${[
    line(STATE_FOLDER, '0750', SERVICE_USER, SERVICE_USER),
    line(SESSIONS_FOLDER, '0750', SERVICE_USER, SERVICE_USER),
    line(CONFIGURATION_FOLDER, '0750', 'root', SERVICE_USER),
    line(PROFILES_FOLDER, '0750', SERVICE_USER, SERVICE_USER),
  ].join('\n')}\n`;
}
