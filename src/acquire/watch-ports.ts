import { readdirSync, realpathSync } from 'node:fs';
import { Observable } from 'rxjs';
import { listSimulatedPorts } from './simulated-ports.js';

/** Serial ports as systems name them: Linux and macOS. */
const PORT_NAME = /^(tty(ACM|USB|AMA|S)\d+|cu\..+)$/;
const DEFAULT_INTERVAL_MS = 1000;

export interface WatchPortsOptions {
  readonly intervalMs?: number;
  /** What is there, as a text that changes when a port comes or goes; that of this machine unless a test says otherwise. */
  readonly look?: () => string;
}

/**
 * Emits when a port has come or gone: something was plugged in or pulled out. It only reads names, so that it costs next
 * to nothing and no device notices. Where a system has no names to read it stays silent.
 *
 * @param port a path, or `auto` for all ports and simulators
 */
export function watchPorts(port: string, options: WatchPortsOptions = {}): Observable<void> {
  const { intervalMs = DEFAULT_INTERVAL_MS, look = () => namesOf(port) } = options;
  return new Observable((subscriber) => {
    let seen = look();
    const timer = setInterval(() => {
      const now = look();
      if (now === seen) return;
      seen = now;
      subscriber.next();
    }, intervalMs);
    return () => clearInterval(timer);
  });
}

function namesOf(port: string): string {
  try {
    if (port !== 'auto') return realpathSync(port);
    return [...readdirSync('/dev').filter((name) => PORT_NAME.test(name)), ...simulated()].join();
  } catch {
    return '';
  }
}

/** With where they lead: a simulator that is plugged in again may keep its name. */
const simulated = (): string[] => listSimulatedPorts().map((link) => `${link}=${realpathSync(link)}`);
