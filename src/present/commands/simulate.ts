import { fromEvent, merge, takeUntil } from 'rxjs';
import { readFaultFile } from '../../simulate/fault-file.js';
import {
  simulate as simulateDevice,
  type SimulateOptions,
  type SimulatorEvent,
} from '../../simulate/simulate.js';
import type { SimulateCommandOptions, SimulatorCommandOptions } from '../command-options.js';
import { ExitCode } from '../exit-codes.js';
import { loadRecording } from '../load-recording.js';
import { Failures, type Output } from '../output.js';

/** What the simulator is made of, from the options of a command; and what a person should know of the recording. */
export async function simulatorOptions(
  file: string,
  options: SimulatorCommandOptions & Partial<SimulateCommandOptions>,
): Promise<SimulateOptions & { readonly notices: readonly string[] }> {
  const { channel, link, speed, loop, faults, seed, wire } = options;
  const recording = await loadRecording(file, { channel });
  return {
    recording,
    notices: recording.notices,
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
    const simulated = await simulatorOptions(file, options);
    device$ = simulateDevice(simulated);
    for (const message of simulated.notices) output.event({ kind: 'notice', file, message });
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
    output.event({ kind: 'device', path, firmware, serialNumber, sampleRateHz, simulated: true });
  } else output.event({ kind: 'simulator', event });
}
