import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { listPorts } from '../../acquire/list-ports.js';
import { isServiceInstalled, serviceChecks } from '../../appliance/check-service.js';
import { findDecoder } from '../../decode/file/lossy-decoder.js';
import { LubdubError } from '../../errors.js';
import { elementCount } from '../../classify/runtime.js';
import { PseudoTerminal } from '../../simulate/pseudo-terminal.js';
import type { ModelCommandOptions } from '../command-options.js';
import { ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';
import { packageVersion } from '../../package-info.js';
import { checkSoundCards } from '../check-sound-cards.js';
import { Screener } from '../../screen/screener.js';

interface Check {
  readonly name: string;
  /** Exit code when this check fails; `done` where lubdub still works without. */
  readonly failsWith: ExitCode;
  /** @returns what was found, for people; throws an error whose message names the remedy */
  readonly run: () => Promise<string>;
}

/**
 * `lubdub doctor`: tries everything that lubdub stands on, and says for each failure how to mend it.
 *
 * @returns the exit code of the first failed check that lubdub cannot do without
 */
export async function doctor(options: ModelCommandOptions, output: Output): Promise<number> {
  output.say(
    `lubdub ${packageVersion} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  );
  let exitCode: number = ExitCode.done;
  for (const check of checks(options)) {
    let passed = true;
    let finding: string;
    try {
      finding = await check.run();
    } catch (error) {
      passed = false;
      finding = error instanceof Error ? error.message : String(error);
      if (exitCode === ExitCode.done) exitCode = check.failsWith;
    }
    output.event({ kind: 'check', name: check.name, passed, message: finding });
  }
  return exitCode;
}

function checks(options: ModelCommandOptions): Check[] {
  return [
    {
      name: 'Node',
      failsWith: ExitCode.wrongUse,
      run: () => {
        const major = Number(process.versions.node.split('.')[0]);
        if (major < 22)
          throw new Error(`Node 22 or later is needed, got ${process.versions.node}; upgrade Node`);
        return Promise.resolve(process.versions.node);
      },
    },
    { name: 'model and runtime', failsWith: ExitCode.model, run: () => tryModel(options) },
    { name: 'serial ports', failsWith: ExitCode.done, run: tryPorts },
    { name: 'sound cards', failsWith: ExitCode.done, run: trySoundCards },
    { name: 'decoder for MP3, M4A, Ogg and others', failsWith: ExitCode.done, run: tryDecoder },
    { name: 'pseudo-terminal (simulate, replay, demo)', failsWith: ExitCode.done, run: tryPseudoTerminal },
    ...serviceRows(),
  ];
}

function serviceRows(): Check[] {
  if (!isServiceInstalled()) {
    const message = 'not installed; sudo lubdub service install lets this machine start lubdub by itself';
    return [{ name: 'service', failsWith: ExitCode.done, run: () => Promise.resolve(message) }];
  }
  return serviceChecks().map(({ name, run }) => ({
    name,
    failsWith: ExitCode.done,
    run: async () => run(),
  }));
}

async function tryModel({ model, runtime }: ModelCommandOptions): Promise<string> {
  const screener = await Screener.open(model, 1, runtime);
  try {
    const { contract } = screener.model;
    const count = elementCount(contract.input.tensor.shape);
    const runs = 20;
    const begin = performance.now();
    for (let i = 0; i < runs; i++) await screener.classifier.score(new Float32Array(count).fill(i / runs));
    const ms = (performance.now() - begin) / runs;
    const where = screener.classifier.runtime ?? 'its runtime';
    return `${contract.name} ${contract.version} is intact and runs in ${ms.toFixed(1)} ms a window on ${where}`;
  } finally {
    await screener.close();
  }
}

async function tryPorts(): Promise<string> {
  const ports = await listPorts();
  if (ports.length === 0)
    return 'none found; plug in the stethoscope, or try without one: lubdub replay FILE.wav';
  const closed: string[] = [];
  for (const { path } of ports) {
    await access(path, constants.R_OK | constants.W_OK).catch(() => closed.push(path));
  }
  if (closed.length > 0) {
    throw new LubdubError(
      'LUBDUB_PORT',
      `no permission for ${closed.join(', ')}: add yourself to the group dialout ` +
        '(sudo usermod -a -G dialout $USER) and log in again',
    );
  }
  return ports.map(({ path }) => path).join(', ');
}

async function trySoundCards(): Promise<string> {
  const { findings, troubles } = await checkSoundCards();
  if (troubles.length > 0) throw new LubdubError('LUBDUB_PORT', troubles.join('; '));
  return findings.join('; ');
}

function tryDecoder(): Promise<string> {
  const path = findDecoder();
  if (path === undefined) {
    throw new LubdubError(
      'LUBDUB_RECORDING',
      'FFmpeg is not installed: MP3, M4A, Ogg, Opus and ADPCM files are refused (WAV, FLAC, AIFF, CAF and Wave64 need nothing); ' +
        'sudo apt install ffmpeg',
    );
  }
  return Promise.resolve(path);
}

function tryPseudoTerminal(): Promise<string> {
  const terminal = new PseudoTerminal({});
  const { path } = terminal;
  terminal.close();
  return Promise.resolve(`opened ${path}`);
}
