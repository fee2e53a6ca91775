import { expect } from 'chai';
import { execFileSync } from 'node:child_process';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

describe('the package', function () {
  this.timeout(60_000);

  it('holds what its README names: program, model, examples, protocol, and no test', () => {
    // Without scripts: it was built already, or there would be no test.
    const words = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
    const [{ files }] = JSON.parse(execFileSync('npm', words, { encoding: 'utf8' })) as Packed[];
    const paths = files.map(({ path }) => path);
    expect(paths).to.include.members([
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'NOTICE',
      'dist/src/present/main.js',
      'dist/src/index.d.ts',
      'models/heart-sound.json',
      'models/heart-sound.tflite',
      'models/heart-sound.trained-on.txt',
      'examples/own-model.mjs',
      'examples/own-source.mjs',
      'examples/screen-a-file.mjs',
      'firmware-protocol/README.md',
      'src/acquire/60-lubdub-stethoscope.rules',
      'test/recordings/e00089.wav',
    ]);
    expect(paths.filter((path) => path.endsWith('.test.js') || path.endsWith('.test.ts'))).to.deep.equal([]);
  });
});
