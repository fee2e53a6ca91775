import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LubdubError } from '../../errors.js';

export interface PageAsset {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The way in, for who has no token yet. */
export const SIGN_IN = '/sign-in';

const STYLE = '/style.css';
const ICON = '/icon.svg';

/** Of every page, by path. */
const SHARED = { [STYLE]: 'style.css', [ICON]: 'icon.svg', [SIGN_IN]: 'sign-in.html' };

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The form needs its style and the page its icon before anybody has signed in. */
export const isOpenToAll = (path: string): boolean => path === STYLE || path === ICON;

/**
 * Reads a page into memory: a handful of files, so that no path of a request ever reaches the disk.
 *
 * @param own file names by path, beside those that every page has
 * @throws LubdubError where the package was not built
 */
export async function readAssets(
  own: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, PageAsset>> {
  const assets = new Map<string, PageAsset>();
  for (const [path, name] of Object.entries({ ...SHARED, ...own })) {
    const file = fileURLToPath(new URL(`assets/${name}`, import.meta.url));
    try {
      assets.set(path, { type: TYPES[name.split('.').at(-1)!], bytes: await readFile(file) });
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
