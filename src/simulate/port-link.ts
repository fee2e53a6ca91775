import { lstatSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { ConfigurationError } from '../errors.js';

/**
 * A symbolic link that gives a pseudo-terminal a lasting name, as udev does for a device that is plugged in again.
 *
 * Only links are ever replaced or removed: the constructor throws ConfigurationError where `path` is a file or a
 * directory. The link is removed at `remove()` and at the end of the process, unless another program has pointed it
 * elsewhere since.
 */
export class PortLink {
  readonly path: string;
  private target: string | undefined;
  private readonly removeAtExit = (): void => this.remove();

  constructor(path: string) {
    this.path = path;
    this.checkReplaceable();
  }

  /** Points the link at `target`, in one step, so that a reader never finds it missing in between. */
  point(target: string): void {
    this.checkReplaceable();
    const fresh = `${this.path}.${process.pid}`;
    try {
      symlinkSync(target, fresh);
      renameSync(fresh, this.path);
    } catch (cause) {
      throw new ConfigurationError(
        `the link ${this.path} cannot be made: ${String(cause)}; name a path in a directory that exists and that you may write to`,
        { cause },
      );
    }
    if (this.target === undefined) process.once('exit', this.removeAtExit);
    this.target = target;
  }

  /** Removes the link if it is still ours. */
  remove(): void {
    if (this.target === undefined) return;
    process.off('exit', this.removeAtExit);
    try {
      if (readlinkSync(this.path) === this.target) unlinkSync(this.path);
    } catch {
      // Somebody else removed it: what should not be there is not there.
    }
    this.target = undefined;
  }

  private checkReplaceable(): void {
    const found = lstatSync(this.path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isSymbolicLink()) {
      throw new ConfigurationError(
        `the link must be a path that is free or an older link, got ${this.path}, which is a ` +
          `${found.isDirectory() ? 'directory' : 'file'}; choose another path`,
      );
    }
  }
}
