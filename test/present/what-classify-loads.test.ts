import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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

describe('classify', () => {
  it('starts without the packages that only other commands need', () => {
    expect([...packagesOf(source('present/command-line.js'))]).to.have.members(['commander']);
    expect([...packagesOf(source('present/commands/classify.js'))]).to.have.members(['zod', 'node-wav']);
  });

  it('starts its threads with next to nothing', () => {
    expect([...packagesOf(source('screen/file-screening-worker.js'))]).to.have.members(['node-wav']);
  });

  it('would be seen loading more', () => {
    expect([...packagesOf(source('present/commands/live.js'))]).to.include.members([
      'rxjs',
      'serialport',
      'ws',
    ]);
  });
});
