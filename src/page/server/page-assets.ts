import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LubdubError } from '../../errors.js';

export interface PageAsset {
  readonly type: string;
  readonly bytes: Buffer;
}

/** By path: file, media type. */
export type AssetTable = Readonly<Record<string, readonly [file: string, type: string]>>;

const ASSETS = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/main.js': ['main.js', 'text/javascript; charset=utf-8'],
  '/listen-worklet.js': ['listen-worklet.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/sign-in': ['sign-in.html', 'text/html; charset=utf-8'],
} as const;

export type AssetPath = keyof typeof ASSETS;

/** @throws LubdubError where the package was not built */
export const readPageAssets = (): Promise<ReadonlyMap<string, PageAsset>> => readAssets(ASSETS);

/**
 * Reads a page into memory: a handful of files, so that no path of a request ever reaches the disk.
 *
 * @throws LubdubError where the package was not built
 */
export async function readAssets(table: AssetTable): Promise<ReadonlyMap<string, PageAsset>> {
  const assets = new Map<string, PageAsset>();
  for (const [path, [name, type]] of Object.entries(table)) {
    const file = fileURLToPath(new URL(`assets/${name}`, import.meta.url));
    try {
      assets.set(path, { type, bytes: await readFile(file) });
    } catch (cause) {
      throw new LubdubError(
        'LUBDUB_INTERNAL',
        `the page lacks ${file}; run \`npm run build\`, or install the package anew`,
        { cause },
      );
    }
  }
  return assets;
}
