import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const source = (name: string) => fileURLToPath(new URL(`../../src/${name}`, import.meta.url));

/** Packages that a built file of ours loads before it runs, by all files that it imports. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(
    /^\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'/gm,
  );
  for (const [, name] of imports) {
    if (name.startsWith('node:')) continue;
    if (!name.startsWith('.')) packages.add(name);
    else for (const found of packagesOf(resolve(dirname(file), name), seen)) packages.add(found);
  }
  return packages;
}

/** Packages that the program loads in any of its threads, by what it really does with these words. */
function packagesLoadedBy(words: readonly string[]): Set<string> {
  const hook = fileURLToPath(new URL('../support/name-loaded-modules.js', import.meta.url));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', hook, source('present/main.js'), ...words],
    { encoding: 'utf8' },
  );
  const loaded = [...stderr.matchAll(/^loads (.*)$/gm)].map(([, url]) => url);
  expect(loaded.join('\n'), stdout + stderr).to.include(source('present/main.js'));
  const names = loaded.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

describe('classify', () => {
  it('starts without the packages that only other commands need', () => {
    expect([...packagesOf(source('present/command-line.js'))]).to.have.members(['commander']);
    expect([...packagesOf(source('present/commands/classify.js'))]).to.deep.equal([]);
    expect([...packagesOf(source('screen/screen-here.js'))]).to.deep.equal([]);
  });

  it('starts its threads with next to nothing', () => {
    expect([...packagesOf(source('screen/file-screening-worker.js'))]).to.deep.equal([]);
  });

  it('loads no more than these while it screens, in this thread and in another', function () {
    // Node 22.15 or later.
    if (typeof registerHooks !== 'function') this.skip();
    this.timeout(60_000);
    const files = ['a0050.wav', 'e01341.wav'].map((name) => `test/recordings/${name}`);
    expect([...packagesLoadedBy(['classify', '--threads', '2', ...files])]).to.deep.equal(['commander']);
    expect([...packagesLoadedBy(['verify', '--help'])]).to.have.members(['commander']);
    // What checks a profile is loaded for one, in another way than the rest, and is seen.
    const profile = ['--stethoscope', './package.json'];
    expect(packagesLoadedBy(['classify', ...profile, ...files]).has('zod')).to.equal(true);
  });

  it('would be seen loading more', () => {
    expect([...packagesOf(source('present/commands/live.js'))]).to.include.members([
      'rxjs',
      'serialport',
      'ws',
    ]);
  });
});

describe('live', () => {
  it('screens and records, with its page, without what checks stored sessions', function () {
    if (typeof registerHooks !== 'function') this.skip();
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'lubdub-loads-'));
    try {
      const words = ['--speed', 'max', '--json', '--page-port', '0', '--out', folder];
      const packages = packagesLoadedBy(['replay', 'test/recordings/a0050.wav', ...words]);
      expect([...packages]).to.include.members(['rxjs', 'ws']);
      expect(packages.has('zod')).to.equal(false);
      expect(readdirSync(folder)).to.have.length(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
