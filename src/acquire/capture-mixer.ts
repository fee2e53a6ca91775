import { execFile } from 'node:child_process';
import { findProgram } from './find-program.js';

/** A control that a recording goes through. */
export interface CaptureControl {
  readonly name: string;
  readonly isMuted: boolean;
  /** 0 to 100; null where it has no gain to set. */
  readonly gainPercent: number | null;
}

const TIMEOUT_MS = 3000;
const MAX_BYTES = 256 * 1024;

/**
 * What `amixer` says of a card's recording controls; `null` where it is not installed or says nothing.
 *
 * @param card the kernel's number
 */
export function captureControls(card: number): Promise<readonly CaptureControl[] | null> {
  const path = findProgram('amixer');
  if (path === undefined) return Promise.resolve(null);
  return new Promise((resolve) => {
    execFile(
      path,
      ['-c', String(card), 'scontents'],
      { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout) => resolve(error === null ? readCaptureControls(stdout) : null),
    );
  });
}

/** Reads what `amixer scontents` writes. */
export function readCaptureControls(text: string): CaptureControl[] {
  return text.split(/^(?=Simple mixer control )/m).flatMap((block) => {
    const name = /^Simple mixer control '(.*)',\d+/.exec(block)?.[1];
    if (name === undefined) return [];
    // Capture 20 [57%] [8.00dB] [on]; what belongs to playback stands before it in the same line.
    const channels = [...block.matchAll(/^ {2}[\w ]+: .*?Capture(.*)$/gm)].map(([, rest]) => rest);
    if (channels.length === 0 || !/\[/.test(channels.join(''))) return [];
    const gains = channels.flatMap((rest) => /\[(\d+)%\]/.exec(rest)?.[1] ?? []).map(Number);
    return [
      {
        name,
        isMuted: channels.every((rest) => rest.includes('[off]')),
        gainPercent: gains.length === 0 ? null : Math.max(...gains),
      },
    ];
  });
}
