import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PortError } from '../errors.js';

/** Why a port could not be opened, in a word that is stable. */
export type PortOpenReason =
  'busy' | 'permission' | 'missing' | 'not-a-serial-port' | 'no-hardware' | 'other';

/** A port that is there or not, but not for us. The message says what to do. */
export class PortOpenError extends PortError {
  readonly reason: PortOpenReason;
  readonly path: string;

  constructor(path: string, reason: PortOpenReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.path = path;
    this.reason = reason;
  }
}

/** The udev rule that ships with the package. */
export const udevRulePath = fileURLToPath(
  new URL('../../../src/acquire/60-lubdub-stethoscope.rules', import.meta.url),
);

// The binding hands on the C library's texts (glibc and musl, macOS) or the names that Windows gives, not numbers.
const reasonsByText: readonly (readonly [RegExp, PortOpenReason])[] = [
  [/permission denied|operation not permitted|access denied/i, 'permission'],
  [/cannot lock port|resource (temporarily unavailable|busy)/i, 'busy'],
  [/no such (file|device)|file not found/i, 'missing'],
  [/inappropriate ioctl|not a (tty|typewriter)|is a directory/i, 'not-a-serial-port'],
  [/input\/output error|i\/o error/i, 'no-hardware'],
];

/** Turns what the binding says when it cannot open `path` into what a person can act on. */
export function explainOpenFailure(path: string, cause: Error): PortOpenError {
  const text = cause.message;
  // "Access denied" is what Windows says of a port that another program holds.
  const reason =
    process.platform === 'win32' && /access denied/i.test(text)
      ? 'busy'
      : (reasonsByText.find(([pattern]) => pattern.test(text))?.[1] ?? 'other');
  return new PortOpenError(path, reason, `${path} cannot be opened: ${remedies[reason](path, text)}`, {
    cause,
  });
}

const remedies: Record<PortOpenReason, (path: string, text: string) => string> = {
  busy: (path) =>
    `another program has it open; close that program (\`fuser -v ${path}\` names it; ModemManager is a usual one)`,
  permission: (path) =>
    process.platform === 'linux'
      ? `no permission; add yourself to its group with \`sudo usermod -aG ${groupOf(path)} $USER\` and log in again, ` +
        `or install the udev rule: sudo cp ${udevRulePath} /etc/udev/rules.d/ && sudo udevadm control --reload && ` +
        'sudo udevadm trigger'
      : 'no permission; see who may use it with `ls -l`',
  missing: () => 'there is no such port; plug the stethoscope in, or list what there is with `lubdub ports`',
  'not-a-serial-port': () => 'it is not a serial port; list those there are with `lubdub ports`',
  'no-hardware': () => 'the system has a name for it but no hardware behind it; choose another port',
  other: (_path, text) => text,
};

/** Debian calls the group `dialout`, Arch `uucp`: the file itself knows. */
function groupOf(path: string): string {
  try {
    const { gid } = statSync(path);
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(gid));
    const name = line?.split(':')[0];
    // To join root's group would be a remedy worse than the trouble.
    return name === undefined || name === 'root' ? 'dialout' : name;
  } catch {
    return 'dialout';
  }
}
