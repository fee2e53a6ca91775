import { lstatSync, mkdirSync, readdirSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where simulated stethoscopes of this user leave a link, named by their process, so that `--port auto` finds them:
 * no list of the system has pseudo-terminals in it. Undefined where there is no such place.
 */
export function simulatedPortsDirectory(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const runtime = environment['XDG_RUNTIME_DIR'];
  return runtime ? join(runtime, 'lubdub') : join(tmpdir(), `lubdub-${uid}`);
}

/** Path for the link of this process, its directory made; undefined where no safe directory can be had. */
export function simulatedPortPath(environment?: NodeJS.ProcessEnv): string | undefined {
  const directory = simulatedPortsDirectory(environment);
  if (directory === undefined) return undefined;
  try {
    mkdirSync(directory, { mode: 0o700, recursive: true });
  } catch {
    return undefined;
  }
  if (!isOurs(directory)) return undefined;
  tidy(directory);
  return join(directory, `simulator-${process.pid}`);
}

/** Links of simulators that were killed. */
function tidy(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^simulator-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || isRunning(pid)) continue;
    try {
      unlinkSync(join(directory, name));
    } catch {
      // Another one was quicker.
    }
  }
}

/** Links of the simulators of this user that run now. */
export function listSimulatedPorts(environment?: NodeJS.ProcessEnv): string[] {
  const directory = simulatedPortsDirectory(environment);
  if (directory === undefined || !isOurs(directory)) return [];
  return readdirSync(directory)
    .filter((name) => isRunning(/^simulator-(\d+)$/.exec(name)?.[1]))
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isCharacterDevice() === true)
    .sort();
}

/** Whether a port, by whatever name, is that of a simulator of this user that runs now. */
export function isSimulatedPort(path: string, environment?: NodeJS.ProcessEnv): boolean {
  const terminal = realPathOf(path);
  return (
    terminal !== undefined && listSimulatedPorts(environment).some((link) => realPathOf(link) === terminal)
  );
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** In a directory that all may write to, another user could have put a link to anything. */
function isOurs(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

/** The link of a simulator that was killed points at what is by now somebody's terminal, perhaps. */
function isRunning(pid: string | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}
