import { basename } from 'node:path';
import { firstValueFrom, fromEvent, merge, Subject, takeUntil, type Observable } from 'rxjs';
import { ConfigurationError } from '../../errors.js';
import type { Sampled } from '../../decode/samples.js';
import { falseAlarmsElsewhere } from '../../classify/model-contract.js';
import { openModel } from '../../classify/model.js';
import { openPlainWire } from '../../device/open-plain-wire.js';
import { openStethoscope } from '../../device/open-stethoscope.js';
import type { StethoscopeEvent } from '../../device/stethoscope-event.js';
import { checkSessionRoot } from '../../record/session-root.js';
import { LinkFolder } from '../../simulate/link-folder.js';
import { simulate as simulateDevice } from '../../simulate/simulate.js';
import { Bedside, type BedsideOptions } from '../../bedside/bedside.js';
import type { BedsideCommandOptions, LiveCommandOptions, ReplayCommandOptions } from '../command-options.js';
import { stethoscopeChooser } from '../choose-stethoscope.js';
import { LiveView } from '../live-view.js';
import { Failures, JsonOutput, type Output } from '../output.js';
import { startSupervision, type Supervision } from '../../appliance/supervision.js';
import { BedsideVitals } from '../../health/bedside-vitals.js';
import { packageVersion } from '../../package-info.js';
import { startPage, type RunningPage } from '../../page/server/start-page.js';
import { PeopleOutput } from '../people-output.js';
import { openPublication } from '../start-publishing.js';
import type { DeviceCredit } from '../../screen/screen-device.js';
import { Screener } from '../../screen/screener.js';
import { stdoutLost$ } from '../standard-output.js';
import { simulatorOptions } from './simulate.js';
import { DISCLAIMER } from '../../verdict/disclaimer.js';

type OpenDevice = (
  stop$: Observable<unknown>,
  credit: DeviceCredit,
) => Observable<StethoscopeEvent | Sampled>;

/** `lubdub live`: screens from a stethoscope until it ends, is interrupted, or the seconds are over. */
export async function live(options: LiveCommandOptions): Promise<number> {
  const { port, baud, serial, wire, rate } = options;
  const common = { ...(baud === undefined ? {} : { baudRate: baud }), ...reconnecting(options) };
  if (wire !== 'protocol' && rate === undefined) {
    throw new ConfigurationError(
      `--wire ${wire} needs --rate HZ: a board that only sends samples does not say how many a second`,
    );
  }
  const open: OpenDevice = (stop$, credit) =>
    wire === 'protocol'
      ? openStethoscope({
          port,
          stop$,
          credit,
          ...common,
          ...(serial === undefined ? {} : { serialNumber: serial }),
        })
      : openPlainWire({ port, wire, sampleRateHz: rate!, stop$, ...common });
  return screenAtTheBedside(options, {
    open,
    configuration: { command: 'live', port, wire, rate: rate ?? null },
    findsProfile: true,
  });
}

/** `lubdub replay`: a simulated stethoscope and `live` on it in one process, over a real pseudo-terminal. */
export async function replay(file: string, options: ReplayCommandOptions): Promise<number> {
  const simulated = await simulatorOptions(file, options);
  const over$ = new Subject<void>();
  // A device that is plugged in again may get another pseudo-terminal, and somebody else the one that it had.
  const folder = await LinkFolder.make();
  const opened$ = new Subject<string>();
  const path$ = firstValueFrom(opened$);
  try {
    simulateDevice({ ...simulated, link: folder.link, announce: false })
      .pipe(takeUntil(over$))
      .subscribe({
        next: (event) => event.kind === 'device' && opened$.next(event.path),
        error: (error: unknown) => opened$.error(error),
      });
    const path = await path$;
    const { speed, faults, seed, channel } = options;
    return await screenAtTheBedside(options, {
      name: file,
      notices: simulated.notices,
      open: (stop$, credit) => openStethoscope({ port: path, stop$, credit, ...reconnecting(options) }),
      configuration: {
        command: 'replay',
        file: basename(file),
        speed,
        faults: faults ?? null,
        seed: seed ?? null,
        channel: channel ?? null,
      },
    });
  } finally {
    over$.next();
    await folder.remove();
  }
}

function reconnecting({ giveUpAfter }: BedsideCommandOptions) {
  return giveUpAfter === undefined ? {} : { reconnect: { giveUpAfterMs: 1000 * giveUpAfter } };
}

async function screenAtTheBedside(
  options: BedsideCommandOptions,
  {
    notices = [],
    findsProfile = false,
    ...source
  }: Pick<BedsideOptions, 'open' | 'name' | 'configuration'> & {
    /** What a person should know of the recording before it begins. */
    readonly notices?: readonly string[];
    /** A profile of the device's identity is used unasked. */
    readonly findsProfile?: boolean;
  },
): Promise<number> {
  const { out, seconds, subject = null, site = null } = options;
  // What would make the recording useless is found out before any device is asked for.
  const root = out === undefined ? undefined : await checkSessionRoot(out);
  const model = await openModel(options.model);
  const { contract } = model;
  const output = outputFor(options.json === true, contract.input.sampleRateHz);
  const stethoscopeFor = await stethoscopeChooser({
    word: options.stethoscope,
    byDevice: findsProfile,
    contract,
    log: (line) => output.log(line),
  });
  const publication = await openPublication(options, contract, output);
  const screener = await Screener.open(model, 1);
  const failures = new Failures(output);
  const naming = { subject, site };
  const bedside = new Bedside({
    ...source,
    screener,
    naming,
    stethoscopeFor,
    ...(options.wfdb === undefined ? {} : { wfdb: options.wfdb }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(root === undefined ? {} : { outDirectory: root.directory }),
  });
  bedside.events$.subscribe((event) => output.event(event));
  for (const message of notices) output.event({ kind: 'notice', file: source.name ?? '', message });
  bedside.trace$.subscribe(({ samples }) => output.trace?.(samples));
  const publishing = publication?.attach(bedside);
  const vitals = new BedsideVitals({
    controller: bedside,
    version: packageVersion,
    model: contract,
    ...(root === undefined ? {} : { sessionsDirectory: root.directory }),
    ...(publishing === undefined ? {} : { publishWaiting: () => publishing.waiting }),
  });
  let page: RunningPage | undefined;
  let supervision: Supervision | undefined;
  try {
    page = await openPage(options, bedside, screener, vitals, output);
    supervision = startSupervision((line) => output.log(line));
    bedside.status$.subscribe(({ state }) => supervision?.status(state));
    await recordUntilDone(bedside, options, failures, output);
  } finally {
    supervision?.close();
    await page?.close();
    vitals.close();
    await bedside.close();
    await publishing?.close();
    output.close?.();
    await screener.close();
  }
  return failures.exitCode;
}

/**
 * The first recording that ends by itself ends the command. One that a person stopped on the page does not: the next may
 * follow, until Ctrl-C.
 */
async function recordUntilDone(
  bedside: Bedside,
  options: BedsideCommandOptions,
  failures: Failures,
  output: Output,
): Promise<void> {
  const { subject = null, site = null, wait = false, out } = options;
  let stoppedByPerson = false;
  let isRecording = false;
  await new Promise<void>((resolve) => {
    bedside.status$.subscribe(({ state }) => {
      isRecording = state === 'connecting' || state === 'recording' || state === 'stopping';
      if (state === 'connecting') stoppedByPerson = false;
      if (state === 'stopping') stoppedByPerson = true;
    });
    let interrupted = false;
    bedside.ended$.subscribe(({ error, isKept }) => {
      if (error !== undefined) failures.count(error);
      if (!isKept) failures.countNotKept();
      if (error !== undefined || !stoppedByPerson || interrupted) resolve();
    });
    const interrupt = () => {
      if (!isRecording) resolve();
      interrupted = true;
      if (isRecording) bedside.stop().catch(() => resolve());
    };
    merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')).subscribe(() => {
      // A second Ctrl-C does not wait for the device.
      if (interrupted) resolve();
      else interrupt();
    });
    // A terminal that is closed sends more than one, and none of them is a person in a hurry.
    fromEvent(process, 'SIGHUP').subscribe(() => {
      if (!interrupted) interrupt();
    });
    stdoutLost$.subscribe(() => {
      failures.countNotKept();
      if (interrupted) return;
      // What is stored is there for somebody to read later; without that nobody sees it any more.
      if (out === undefined) interrupt();
      else output.log('nobody reads the results any more; what is recorded is stored until it ends');
    });
    if (!wait) void bedside.start({ subject, site });
  });
}

/** A page that cannot be had is no reason not to screen, unless somebody asked for that very page. */
async function openPage(
  options: BedsideCommandOptions,
  bedside: Bedside,
  screener: Screener,
  vitals: BedsideVitals,
  output: Output,
): Promise<RunningPage | undefined> {
  const { host, pagePort, token, out } = options;
  if (!options.page) return undefined;
  const { contract } = screener.model;
  const { verdict, name, version } = contract;
  try {
    const page = await startPage({
      controller: bedside,
      vitals,
      version: packageVersion,
      rules: verdict,
      model: { name, version },
      falseAlarms: falseAlarmsElsewhere(contract),
      ...(host === undefined ? {} : { host }),
      ...(pagePort === undefined ? {} : { port: pagePort }),
      ...(token === undefined ? {} : { token }),
      ...(out === undefined ? {} : { sessionsDirectory: out }),
      onFault: (error) => output.log(`the live page: ${String((error as Error).message ?? error)}`),
    });
    for (const url of page.urls) output.log(`live page: ${url}`);
    return page;
  } catch (error) {
    if (host !== undefined || pagePort !== undefined || token !== undefined || options.wait === true)
      throw error;
    output.log(`no live page: ${(error as Error).message}`);
    return undefined;
  }
}

/** In a terminal a view that is drawn in place, elsewhere plain lines. */
function outputFor(json: boolean, sampleRateHz: number): Output {
  if (json) return new JsonOutput();
  if (!process.stdout.isTTY) return new PeopleOutput({ traceRateHz: sampleRateHz, closing: DISCLAIMER });
  const color = process.env.NO_COLOR === undefined || process.env.NO_COLOR === '';
  return new LiveView(process.stdout, sampleRateHz, color);
}
