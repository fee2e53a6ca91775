import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/** So often within the time that systemd allows. */
const TICKS_PER_LIMIT = 3;
const MICROSECONDS = 1e3;

export interface Supervision {
  /** What `systemctl status` shows. */
  status(text: string): void;
  close(): void;
}

/** @returns negative where it could not be said */
export type Notify = (state: string) => number;

/**
 * Tells systemd that lubdub is ready, and again and again that its event loop runs: without that for `WatchdogSec`, systemd
 * kills it and begins it anew. Said by systemd's own library, as Node has no unix datagram sockets; a call takes
 * microseconds and starts no process.
 *
 * @returns `undefined` where no systemd started this process, or it wants to hear nothing
 */
export function startSupervision(
  log: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
  load: () => Notify = loadNotify,
): Supervision | undefined {
  if ((environment.NOTIFY_SOCKET ?? '') === '') return undefined;
  let notify: Notify;
  try {
    notify = load();
  } catch (error) {
    log(`systemd cannot be told that lubdub runs: ${(error as Error).message}; install libsystemd0`);
    return undefined;
  }
  const isMine = environment.WATCHDOG_PID === undefined || environment.WATCHDOG_PID === `${process.pid}`;
  const limitMs = isMine ? Number(environment.WATCHDOG_USEC ?? 0) / MICROSECONDS : 0;
  notify('READY=1');
  const timer =
    limitMs > 0 ? setInterval(() => notify('WATCHDOG=1'), Math.max(1, limitMs / TICKS_PER_LIMIT)) : undefined;
  // It keeps no process alive that has nothing else to do.
  timer?.unref();
  return {
    status: (text) => void notify(`STATUS=${lineOf(text)}`),
    close() {
      clearInterval(timer);
      notify('STOPPING=1');
    },
  };
}

/** Leaves with systemd why this process ends, for whoever asks for the status of the service. Where none listens, nothing. */
export function leaveReason(
  reason: string,
  environment: NodeJS.ProcessEnv = process.env,
  load: () => Notify = loadNotify,
): void {
  if ((environment.NOTIFY_SOCKET ?? '') === '') return;
  try {
    load()(`STATUS=${lineOf(reason)}`);
  } catch {
    // The reason is in the journal all the same.
  }
}

const lineOf = (text: string): string => text.replace(/[\r\n]+/g, ' ');

function loadNotify(): Notify {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const call = koffi.load('libsystemd.so.0').func('int sd_notify(int, str)') as (
    unset: number,
    state: string,
  ) => number;
  return (state) => call(0, state);
}
