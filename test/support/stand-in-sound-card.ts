import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SoundCard } from '../../src/acquire/list-sound-cards.js';

const script = fileURLToPath(new URL('../../../test/support/stand-in-recorder.mjs', import.meta.url));

export const soundCard: SoundCard = {
  path: 'hw:CARD=Device,DEV=0',
  number: 1,
  id: 'Device',
  name: 'C-Media Electronics Inc. USB PnP Sound Device',
  byId: '/dev/snd/by-id/usb-C-Media_USB_PnP_Sound_Device-00',
  usbId: '0d8c:0014',
  usbSerialNumber: null,
  usbPlace: 'usb-0000:00:14.0-3',
  ratesHz: [44_100, 48_000],
  usedBy: null,
  isPermitted: true,
};

/** A folder with a stand-in for `arecord`, which plays a file of raw samples and fails as it is told. */
export class StandInSoundCard {
  readonly folder = mkdtempSync(join(tmpdir(), 'lubdub-card-'));
  readonly environment: NodeJS.ProcessEnv;
  private readonly before: NodeJS.ProcessEnv = {};

  /** @param plan see stand-in-recorder.mjs */
  constructor(samples: Int16Array, plan: string, further: NodeJS.ProcessEnv = {}) {
    mkdirSync(join(this.folder, 'bin'));
    copyFileSync(script, join(this.folder, 'bin', 'arecord'));
    chmodSync(join(this.folder, 'bin', 'arecord'), 0o755);
    writeFileSync(
      join(this.folder, 'samples.raw'),
      Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
    );
    this.environment = {
      PATH: `${join(this.folder, 'bin')}${delimiter}${process.env.PATH}`,
      STAND_IN: plan,
      STAND_IN_FILE: join(this.folder, 'samples.raw'),
      STAND_IN_LOG: join(this.folder, 'log'),
      ...further,
    };
  }

  /** Processes of the stand-in that were started, the first first. */
  get pids(): number[] {
    const log = this.environment.STAND_IN_LOG!;
    if (!existsSync(log)) return [];
    return readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[0]));
  }

  get commandLines(): string[] {
    return readFileSync(this.environment.STAND_IN_LOG!, 'utf8').trim().split('\n');
  }

  /** Puts it where this process looks for programs. */
  install(): void {
    for (const [name, value] of Object.entries(this.environment)) {
      this.before[name] = process.env[name];
      process.env[name] = value;
    }
  }

  remove(): void {
    for (const [name, value] of Object.entries(this.before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

/** Whether a process is left behind as a zombie, which nobody waited for. */
export function isZombie(pid: number): boolean {
  try {
    return /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
