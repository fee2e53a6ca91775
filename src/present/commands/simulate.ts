import { fromEvent, merge, takeUntil } from 'rxjs';
import { readFaultFile } from '../../simulate/fault-file.js';
import {
  simulate as simulateDevice,
  type SimulateOptions,
  type SimulatorEvent,
} from '../../simulate/simulate.js';
import { ExitCode } from '../exit-codes.js';
import { loadRecording } from '../load-recording.js';
import { Failures, type Output } from '../output.js';

export interface SimulateCommandOptions {
  readonly link?: string;
  readonly speed: number | 'max';
  readonly loop?: boolean;
  readonly faults?: string;
  readonly seed?: number;
  readonly wire?: NonNullable<SimulateOptions['wire']>;
}

/** What the simulator is made of, from the options of a command. */
export async function simulatorOptions(
  file: string,
  options: SimulateCommandOptions,
): Promise<SimulateOptions> {
  const { link, speed, loop, faults, seed, wire } = options;
  return {
    recording: await loadRecording(file),
    speed,
    ...(link === undefined ? {} : { link }),
    ...(loop === undefined ? {} : { loop }),
    ...(seed === undefined ? {} : { seed }),
    ...(wire === undefined ? {} : { wire }),
    ...(faults === undefined ? {} : { faults: readFaultFile(faults) }),
  };
}

/** `lubdub simulate`: is the stethoscope until it is interrupted. */
export async function simulate(
  file: string,
  options: SimulateCommandOptions,
  output: Output,
): Promise<number> {
  const failures = new Failures(output);
  let device$;
  try {
    device$ = simulateDevice(await simulatorOptions(file, options));
  } catch (error) {
    failures.report(error, file);
    return failures.exitCode;
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const interrupted$ = merge(...signals.map((signal) => fromEvent(process, signal)));
  await new Promise<void>((resolve) => {
    device$.pipe(takeUntil(interrupted$)).subscribe({
      next: (event) => tell(event, output),
      error(error: unknown) {
        failures.report(error, file);
        resolve();
      },
      complete: resolve,
    });
  });
  return failures.exitCode === 0 ? ExitCode.done : failures.exitCode;
}

function tell(event: SimulatorEvent, output: Output): void {
  if (event.kind === 'device') {
    const { path, firmware, serialNumber, sampleRateHz } = event;
    output.event({ kind: 'device', path, firmware, serialNumber, sampleRateHz });
  } else output.event({ kind: 'simulator', event });
}
