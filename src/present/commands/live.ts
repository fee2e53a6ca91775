import { fromEvent, merge, Subject, takeUntil, type Observable } from 'rxjs';
import type { Sampled } from '../../decode/samples.js';
import { openStethoscope } from '../../device/open-stethoscope.js';
import type { StethoscopeEvent } from '../../device/stethoscope-event.js';
import { simulate as simulateDevice } from '../../simulate/simulate.js';
import { LiveView } from '../live-view.js';
import { Failures, JsonOutput, type Output } from '../output.js';
import { DISCLAIMER } from '../package-info.js';
import { PeopleOutput } from '../people-output.js';
import { screenDevice, type DeviceCredit } from '../screen-device.js';
import { Screener } from '../screener.js';
import { simulatorOptions, type SimulateCommandOptions } from './simulate.js';

export interface LiveCommandOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly port: string;
  readonly seconds?: number;
  readonly baud?: number;
}

export interface ReplayCommandOptions extends Omit<SimulateCommandOptions, 'link' | 'wire' | 'loop'> {
  readonly model: string;
  readonly json?: boolean;
  readonly seconds?: number;
}

type OpenDevice = (
  stop$: Observable<unknown>,
  credit: DeviceCredit,
) => Observable<StethoscopeEvent | Sampled>;

/** `lubdub live`: screens from a stethoscope until it ends, is interrupted, or the seconds are over. */
export function live(options: LiveCommandOptions): Promise<number> {
  const { port, baud } = options;
  const open: OpenDevice = (stop$, credit) =>
    openStethoscope({ port, stop$, credit, ...(baud === undefined ? {} : { baudRate: baud }) });
  return screenAtTheBedside(options, open, null);
}

/** `lubdub replay`: a simulated stethoscope and `live` on it in one process, over a real pseudo-terminal. */
export async function replay(file: string, options: ReplayCommandOptions): Promise<number> {
  const over$ = new Subject<void>();
  let path: string;
  try {
    const device$ = simulateDevice({ ...(await simulatorOptions(file, options)), announce: false });
    path = await new Promise<string>((resolve, reject) => {
      device$.pipe(takeUntil(over$)).subscribe({
        next: (event) => event.kind === 'device' && resolve(event.path),
        error: reject,
      });
    });
  } catch (error) {
    over$.next();
    const failures = new Failures(options.json === true ? new JsonOutput() : new PeopleOutput());
    failures.report(error, file);
    return failures.exitCode;
  }
  try {
    return await screenAtTheBedside(
      options,
      (stop$, credit) => openStethoscope({ port: path, stop$, credit }),
      file,
    );
  } finally {
    over$.next();
  }
}

async function screenAtTheBedside(
  options: { readonly model: string; readonly json?: boolean; readonly seconds?: number },
  open: OpenDevice,
  name: string | null,
): Promise<number> {
  const screener = await Screener.open(options.model, 1);
  const output = outputFor(options.json === true, screener);
  const failures = new Failures(output);
  const stop$ = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'));
  try {
    await new Promise<void>((resolve) => {
      screenDevice(
        {
          open,
          stop$,
          ...(name === null ? {} : { name }),
          ...(options.seconds === undefined ? {} : { seconds: options.seconds }),
          watcher: { conditioned: (chunk) => output.conditioned?.(chunk) },
        },
        screener,
      ).subscribe({
        next: (event) => output.event(event),
        error(error: unknown) {
          failures.report(error, name);
          resolve();
        },
        complete: resolve,
      });
    });
  } finally {
    output.close?.();
    await screener.close();
  }
  return failures.exitCode;
}

/** In a terminal a view that is drawn in place, elsewhere plain lines. */
function outputFor(json: boolean, screener: Screener): Output {
  if (json) return new JsonOutput();
  const { sampleRateHz } = screener.model.contract.input;
  if (!process.stdout.isTTY) return new PeopleOutput({ traceRateHz: sampleRateHz, closing: DISCLAIMER });
  const color = process.env.NO_COLOR === undefined || process.env.NO_COLOR === '';
  return new LiveView(process.stdout, sampleRateHz, color);
}
