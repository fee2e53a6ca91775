import { readdirSync, readFileSync } from 'node:fs';

/** What a process that runs for months must not gather. */
export interface Resources {
  readonly residentMegabytes: number;
  /** `null` where the system does not tell. */
  readonly openFiles: number | null;
  readonly threads: number | null;
  readonly timers: number;
}

export function resourcesNow(): Resources {
  const isLinux = process.platform === 'linux';
  const status = isLinux ? readFileSync('/proc/self/status', 'utf8') : '';
  return {
    residentMegabytes: process.memoryUsage.rss() / 2 ** 20,
    // The folder that is being listed is open itself.
    openFiles: isLinux ? readdirSync('/proc/self/fd').length - 1 : null,
    threads: isLinux ? Number(/Threads:\s+(\d+)/.exec(status)?.[1]) : null,
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  };
}

/** Resident memory against the seconds of recording that went through, to see whether it grows without end. */
export class MemoryCurve {
  private readonly points: { readonly hours: number; readonly megabytes: number }[] = [];

  add(hours: number, megabytes: number): void {
    this.points.push({ hours, megabytes });
  }

  /** Megabytes an hour of recording, a line of least squares through the second half: the first one warms up. */
  get growthAnHour(): number {
    const points = this.points.slice(Math.floor(this.points.length / 2));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const meanHours = mean(points.map(({ hours }) => hours));
    const meanMegabytes = mean(points.map(({ megabytes }) => megabytes));
    let covariance = 0;
    let variance = 0;
    for (const { hours, megabytes } of points) {
      covariance += (hours - meanHours) * (megabytes - meanMegabytes);
      variance += (hours - meanHours) ** 2;
    }
    return variance === 0 ? 0 : covariance / variance;
  }

  /** Median megabytes of each tenth of the run. */
  get tenths(): number[] {
    const { points } = this;
    return Array.from({ length: 10 }, (_, tenth) => {
      const from = Math.floor((tenth * points.length) / 10);
      const part = points.slice(from, Math.max(from + 1, Math.floor(((tenth + 1) * points.length) / 10)));
      const sorted = part.map(({ megabytes }) => megabytes).sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length / 2)];
    });
  }
}
