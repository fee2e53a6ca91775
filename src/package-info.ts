import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds this package's package.json, wherever it is installed and however it was built. */
export const packageDirectory = ((): string => {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json')) && dirname(directory) !== directory) {
    directory = dirname(directory);
  }
  return directory;
})();

export const packageVersion = (
  JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string }
).version;

export const defaultModelPath = join(packageDirectory, 'models', 'heart-sound.json');

/** Where this user's settings and stethoscope profiles are, by the XDG base directory specification. */
export function userFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'lubdub');
}

/** Where what must outlive a run is kept for this user, by the same specification. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'lubdub');
}
