import { openMetricsContentType, Registry, type OpenMetricsContentType } from 'prom-client';

/** One thing that lubdub stands on while it runs. */
export interface VitalSign {
  /** `warning`: a person has to look, and lubdub goes on. `failed`: it does not do what it is there for. */
  readonly state: 'ok' | 'warning' | 'failed';
  /** For people. */
  readonly message: string;
}

/** What `/healthz` answers. */
export interface Health extends VitalSign {
  readonly version: string;
  readonly parts: Readonly<Record<string, VitalSign>>;
}

/** How a running lubdub is, for whoever watches many of them. Asking changes nothing and holds up nothing. */
export interface Vitals {
  health(): Promise<Health>;
  /** The metrics as OpenMetrics text. */
  metrics(): Promise<string>;
}

/** Of OpenMetrics 1.0. */
export const OPEN_METRICS_TYPE: string = openMetricsContentType;

/** One of our own: the library's global one would mix what two bedsides in one process count. */
export function openMetricsRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(openMetricsContentType);
  return registry;
}

const ORDER = ['ok', 'warning', 'failed'] as const;

/** The whole is as well as its worst part. */
export function healthOf(version: string, parts: Readonly<Record<string, VitalSign>>): Health {
  let worst: VitalSign = { state: 'ok', message: 'ready' };
  for (const part of Object.values(parts)) {
    if (ORDER.indexOf(part.state) > ORDER.indexOf(worst.state)) worst = part;
  }
  return { ...worst, version, parts };
}
