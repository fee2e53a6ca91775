/** The C library's setting. Service and container set it as well, so that they start once. */
const SETTING = 'MALLOC_ARENA_MAX';

/**
 * Begins this very process anew with memory that its threads share, for programs that run for days on a small machine. Linux's
 * C library gives threads memory of their own, and what the engine's compilers leave there is never given back: 4 to 13 MB of
 * an hour of `lubdub live`, by the chances of the start. The library reads the setting before a program can make it.
 *
 * To be called before anything is opened or loaded: Node starts twice. Where Node cannot do it (before 22.15), or somebody has
 * chosen, nothing happens.
 */
export function shareOneArena(): void {
  const { platform, env, execPath, execArgv, argv } = process;
  // A parent's channel would not outlive this.
  if (platform !== 'linux' || env[SETTING] !== undefined || process.connected) return;
  // Declared by newer types than the oldest Node that is served.
  const { execve } = process as { execve?: (file: string, argv: string[], env: NodeJS.ProcessEnv) => void };
  if (execve === undefined) return;
  try {
    execve.call(process, execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [SETTING]: '1' });
  } catch {
    // It runs as well without.
  }
}
