import { lstat, mkdtemp, readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^lubdub-replay-(\d+)-/;
const LINK = 'stethoscope';
/** Process numbers may belong to another container that shares the folder: what is young may be in use there. */
const LEFT_BEHIND_MS = 3_600_000;

/**
 * A folder of its own for the lasting name of a simulated device; whoever has it removes it. What earlier processes
 * left, that were killed and could not, is tidied away.
 */
export class LinkFolder {
  private constructor(
    private readonly folder: string,
    /** For the link. */
    readonly link: string,
  ) {}

  static async make(parent = tmpdir()): Promise<LinkFolder> {
    await tidy(parent);
    const folder = await mkdtemp(join(parent, `lubdub-replay-${process.pid}-`));
    return new LinkFolder(folder, join(folder, LINK));
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

async function tidy(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const processId = NAME.exec(name)?.[1];
    if (processId === undefined || isRunning(Number(processId))) continue;
    const folder = join(parent, name);
    try {
      const found = await lstat(folder);
      const isOld = Date.now() - found.mtimeMs > LEFT_BEHIND_MS;
      if (!found.isDirectory() || found.uid !== process.getuid?.() || !isOld) continue;
      // Nothing but what was made here: anything else stays, and the folder with it.
      await unlink(join(folder, LINK)).catch(() => {});
      await rmdir(folder);
    } catch {
      // Gone by now, or not to be removed: no reason not to replay.
    }
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
