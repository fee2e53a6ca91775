import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isServiceInstalled, serviceChecks } from '../../appliance/check-service.js';
import { installService, uninstallService } from '../../appliance/install-service.js';
import { SERVICE_UNIT } from '../../appliance/layout.js';
import { ConfigurationError } from '../../errors.js';
import type { ServiceCommandOptions } from '../command-options.js';
import { ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';

/** `lubdub service ACTION`: this machine starts lubdub by itself. */
export async function service(
  action: string,
  options: ServiceCommandOptions,
  output: Output,
): Promise<number> {
  const { root, dryRun, kiosk } = options;
  const asked = { root, dryRun, kiosk, say: (line: string) => output.log(line) };
  switch (action) {
    case 'install':
      installService(asked);
      return ExitCode.done;
    case 'uninstall':
      uninstallService(asked);
      return ExitCode.done;
    case 'status':
      return status(root, output);
    case 'logs':
      return logs(options.follow === true);
    default:
      throw new ConfigurationError(
        `lubdub service must be followed by install, status, logs or uninstall, got "${action}"`,
      );
  }
}

async function status(root: string | undefined, output: Output): Promise<number> {
  if (!isServiceInstalled(root)) {
    throw new ConfigurationError('the service is not installed: sudo lubdub service install');
  }
  let exitCode: number = ExitCode.done;
  for (const { name, run } of serviceChecks(root)) {
    try {
      output.event({ kind: 'check', name, passed: true, message: await run() });
    } catch (error) {
      exitCode = ExitCode.wrongUse;
      output.event({ kind: 'check', name, passed: false, message: (error as Error).message });
    }
  }
  return exitCode;
}

async function logs(follow: boolean): Promise<number> {
  const words = ['--unit', SERVICE_UNIT, '--lines', '200', follow ? '--follow' : '--no-pager'];
  const child = spawn('journalctl', words, { stdio: 'inherit' });
  const error = await Promise.race([
    once(child, 'error').then(([cause]) => cause as Error),
    once(child, 'exit').then(() => undefined),
  ]);
  if (error !== undefined) {
    throw new ConfigurationError(
      `journalctl cannot be run (${error.message}): logs need a Linux that runs systemd`,
    );
  }
  return child.exitCode === 0 || follow ? ExitCode.done : ExitCode.wrongUse;
}
