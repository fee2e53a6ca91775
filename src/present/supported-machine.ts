import { ConfigurationError } from '../errors.js';

/**
 * Serial ports, pseudo-terminals and the model's runtime exist for 64-bit processors. Elsewhere something deep inside
 * would fail, in words that help nobody.
 *
 * @param architecture as `process.arch` has it
 * @throws ConfigurationError for a 32-bit one
 */
export function checkMachine(architecture: string = process.arch): void {
  if (architecture !== 'arm' && architecture !== 'ia32') return;
  const remedy =
    architecture === 'arm'
      ? 'A Raspberry Pi 3, 4, 5 or Zero 2 W can run it: install Raspberry Pi OS (64-bit), then Node for arm64'
      : 'install a 64-bit operating system, then Node for it';
  throw new ConfigurationError(
    `lubdub needs a 64-bit operating system (arm64 or x64), this Node is built for 32 bits (${architecture}). ${remedy}`,
  );
}
