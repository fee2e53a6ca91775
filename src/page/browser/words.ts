import type { Site } from '../../verdict/site.js';

/** How the page says and marks verdicts and sites. A mark goes with every word: colour is never the only sign. */

const icons: Readonly<Record<string, string>> = {
  normal: '✓',
  abnormal: '▲',
  inconclusive: '?',
  listening: '…',
};

export function verdictIcon(word: string): string {
  return icons[word] ?? '·';
}

export function verdictName(word: string | null): string {
  if (word === null || word === 'none') return 'No verdict';
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function siteName(site: Site | null): string {
  return site === null ? 'No site named' : site.charAt(0).toUpperCase() + site.slice(1);
}

export function toPercent(share: number): string {
  // A number and its sign stay on one line.
  return `${Math.round(100 * share)}\u00a0%`;
}

export function toClock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Local time, in the one order that no country reads differently. */
export function toDate(isoTime: string | null): string {
  if (isoTime === null) return 'unknown time';
  const time = new Date(isoTime);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

export function toSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 0.95 ? `${(bytes / 1024).toFixed(0)} KiB` : `${mebibytes.toFixed(1)} MiB`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
