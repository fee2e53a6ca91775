import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles the scripts and styles of page and ward for the browser, beside the compiled server that hands them out. */

const from = (name) => fileURLToPath(new URL(name, import.meta.url));
const to = from('../../../dist/src/page/server/assets/');

await mkdir(to, { recursive: true });
await build({
  entryPoints: [
    from('main.ts'),
    from('listen/listen-worklet.ts'),
    from('style.css'),
    from('../../ward/browser/ward.ts'),
    from('../../ward/browser/ward.css'),
  ],
  entryNames: '[name]',
  outdir: to,
  bundle: true,
  format: 'esm',
  target: ['chrome109', 'firefox115', 'safari16'],
  minify: true,
  sourcemap: false,
  legalComments: 'eof',
  logLevel: 'warning',
});
for (const name of ['index.html', 'sign-in.html', 'icon.svg']) await copyFile(from(name), to + name);
await copyFile(from('../../ward/browser/ward.html'), to + 'ward.html');
