import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inFolder } from './support/sessions.js';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

interface Check {
  readonly name: string;
  readonly passed: boolean;
}

describe('the package', function () {
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

  it('installs from its tarball in one line, without scripts, and over itself again', function () {
    this.timeout(600_000);
    if (spawnSync('npm', ['ping', '--fetch-retries=0'], { timeout: 60_000 }).status !== 0) {
      if (process.env.LUBDUB_REQUIRE_ALL !== undefined) throw new Error('needs the registry of npm');
      console.log('      SKIPPED: needs the registry of npm');
      this.skip();
    }
    return inFolder((folder) => {
      const npm = (...words: string[]) =>
        execFileSync('npm', [...words, '--ignore-scripts', '--loglevel=error'], { encoding: 'utf8' });
      const [{ filename }] = JSON.parse(npm('pack', '--json', '--pack-destination', folder)) as {
        filename: string;
      }[];
      for (let time = 0; time < 2; time++) {
        npm('install', '--global', '--prefix', folder, '--no-audit', '--no-fund', join(folder, filename));
        const program = join(folder, 'bin/lubdub');
        const { stdout } = spawnSync(program, ['doctor', '--json'], { encoding: 'utf8', cwd: folder });
        const checks = stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Check);
        const passed = checks.filter((check) => check.passed).map(({ name }) => name);
        expect(passed).to.include.members(['Node', 'model and runtime']);
        const dry = spawnSync(program, ['service', 'install', '--dry-run'], { encoding: 'utf8' });
        expect(dry.stderr).to.include(join(folder, 'lib/node_modules/lubdub/dist/src/present/main.js'));
      }
      return Promise.resolve();
    });
  });
});
