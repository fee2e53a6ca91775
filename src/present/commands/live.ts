import { basename } from 'node:path';
import { firstValueFrom, Subject, takeUntil, type Observable } from 'rxjs';
import { watchPorts } from '../../acquire/watch-ports.js';
import { ConfigurationError } from '../../errors.js';
import { falseAlarmsElsewhere } from '../../classify/model-contract.js';
import { openModel } from '../../classify/model.js';
import { keepSearching } from '../../device/keep-searching.js';
import { openStethoscope } from '../../device/open-stethoscope.js';
import type { SourceStreamEvent } from '../../device/stream-samples.js';
import { checkSessionRoot } from '../../record/session-root.js';
import { Bedside, type BedsideOptions } from '../../bedside/bedside.js';
import type { BedsideCommandOptions, LiveCommandOptions, ReplayCommandOptions } from '../command-options.js';
import { chooseSource, type OpeningOptions } from '../choose-source.js';
import { stethoscopeChooser } from '../choose-stethoscope.js';
import { Failures, JsonOutput, type Output } from '../output.js';
import { startSupervision, type Supervision } from '../../appliance/supervision.js';
import { SoundMonitor } from '../../listen/sound-monitor.js';
import { BedsideVitals } from '../../health/bedside-vitals.js';
import { packageVersion } from '../../package-info.js';
import { startPage, type RunningPage } from '../../page/server/start-page.js';
import { pageAddressLines } from '../page-address.js';
import { ClearUp } from '../clear-up.js';
import { PeopleOutput } from '../people-output.js';
import { openPublication } from '../start-publishing.js';
import { RunProfiles } from '../../calibrate/run-profiles.js';
import { Screener } from '../../screen/screener.js';
import { recordUntilDone } from '../record-until-done.js';
import { DISCLAIMER } from '../../verdict/disclaimer.js';

type DeviceStream = Observable<SourceStreamEvent>;

const SIMULATOR_TAKEN =
  'SIMULATED: no stethoscope answered, so a simulator that runs on this computer was taken; nobody is listened to. ' +
  'Plug the stethoscope in, or name its port with --port';

const OVER_SENTENCE = 'the recording is over; its result stays on the live page until Ctrl-C';

const isLookedAt = (page: RunningPage): boolean => process.stdout.isTTY || page.pageCount > 0;

interface BedsideSource extends Pick<
  BedsideOptions,
  'open' | 'name' | 'configuration' | 'preview' | 'simulatedNotice'
> {
  /** What a person should know of the recording before it begins. */
  readonly notices?: readonly string[];
  /** A profile of the device's identity is used unasked. */
  readonly findsProfile?: boolean;
  /** Like `open`, but looks for a device until there is one: where the page stays. */
  readonly openPatiently?: BedsideOptions['open'];
  /** Whether the page stays once a recording has ended, where there is one that may. */
  readonly stays: (page: RunningPage) => boolean;
  readonly stayingSentence: string;
}

/** `lubdub live`: screens from a stethoscope until it ends, is interrupted, or the seconds are over. */
export async function live(options: LiveCommandOptions, word?: string): Promise<number> {
  const { connect, configuration, isOnce, isAuto } = chooseSource(options, word);
  const portsChanged$ = watchPorts(options.port);
  const patiently = (stop$: Observable<unknown>, attempt: () => DeviceStream): DeviceStream =>
    keepSearching({ connect: attempt, stop$, portsChanged$ });
  const open: BedsideOptions['open'] = (stop$, credit) =>
    connect({ stop$, ...reconnecting(options), ...(credit === undefined ? {} : { credit }) });
  return screenAtTheBedside(options, {
    open,
    ...(isOnce
      ? {}
      : {
          openPatiently: (stop$, credit) => patiently(stop$, () => open(stop$, credit)),
          preview: {
            // Lost, it is looked for as if it had never been there: another one will do as well.
            open: (stop$, credit) =>
              patiently(stop$, () =>
                connect({
                  stop$,
                  reconnect: { giveUpAfterMs: 0 },
                  ...(credit === undefined ? {} : { credit }),
                }),
              ),
            portsChanged$,
          },
        }),
    configuration: { command: 'live', ...configuration },
    findsProfile: true,
    ...(isAuto ? { simulatedNotice: SIMULATOR_TAKEN } : {}),
    // What is piped in comes once: its result stays for whoever looks on.
    stays: (page) => !isOnce || isLookedAt(page),
    stayingSentence: isOnce
      ? OVER_SENTENCE
      : 'ready for the next recording: press Start on the live page; Ctrl-C ends lubdub',
  });
}

/** `lubdub replay`: a simulated stethoscope and `live` on it in one process, over a real pseudo-terminal. */
export async function replay(file: string, options: ReplayCommandOptions): Promise<number> {
  // A simulator needs the system's C library; `live` does not.
  const [{ simulatorOptions }, { simulate: simulateDevice }, { LinkFolder }] = await Promise.all([
    import('./simulate.js'),
    import('../../simulate/simulate.js'),
    import('../../simulate/link-folder.js'),
  ]);
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
      // A script wants its end; a person who looks on wants to see how it came out.
      stays: (page) => options.exit !== true && isLookedAt(page),
      stayingSentence: `${OVER_SENTENCE} (--exit: ends at once)`,
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

function reconnecting({ giveUpAfter }: BedsideCommandOptions): Pick<OpeningOptions, 'reconnect'> {
  return giveUpAfter === undefined ? {} : { reconnect: { giveUpAfterMs: 1000 * giveUpAfter } };
}

async function screenAtTheBedside(
  options: BedsideCommandOptions,
  { notices = [], findsProfile = false, openPatiently, stays, stayingSentence, ...source }: BedsideSource,
): Promise<number> {
  const { out, seconds, subject = null, site = null, wait = false } = options;
  if (wait && !options.page) {
    throw new ConfigurationError('--wait begins with the start button of the live page: leave --no-page out');
  }
  // What would make the recording useless is found out before any device is asked for.
  const root = out === undefined ? undefined : await checkSessionRoot(out);
  const model = await openModel(options.model);
  const { contract } = model;
  const output = await outputFor(options.json === true, contract.input.sampleRateHz);
  const stethoscopeFor = await stethoscopeChooser({
    word: options.stethoscope,
    byDevice: findsProfile,
    contract,
    log: (line) => output.log(line),
  });
  const profiles = new RunProfiles({ chosen: stethoscopeFor, contract });
  const publication = await openPublication(options, contract, output);
  const screener = await Screener.open(model, 1, options.runtime);
  const failures = new Failures(output);
  const naming = { subject, site };
  let page: RunningPage | undefined;
  // What a program reads, or has a length, ends by itself; what a person looks at does not.
  const mayStay = options.json !== true && seconds === undefined;
  const pageStays = () => mayStay && page !== undefined && stays(page);
  const bedside = new Bedside({
    ...source,
    open: (stop$, credit) =>
      (openPatiently !== undefined && pageStays() ? openPatiently : source.open)(stop$, credit),
    screener,
    naming,
    profiles,
    stethoscopeFor: (device) => profiles.of(device),
    ...(options.wfdb === undefined ? {} : { wfdb: options.wfdb }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(root === undefined ? {} : { outDirectory: root.directory }),
  });
  bedside.events$.subscribe((event) => output.event(event));
  for (const message of notices) output.event({ kind: 'notice', file: source.name ?? '', message });
  bedside.trace$.subscribe(({ samples }) => output.trace?.(samples));
  const monitor =
    options.monitor === undefined
      ? undefined
      : new SoundMonitor({
          device: options.monitor,
          filter: options.monitorFilter,
          gainDb: options.monitorVolume,
          log: (line) => output.log(line),
        });
  if (monitor !== undefined) bedside.sound$.subscribe((piece) => monitor.push(piece));
  const clearUp = new ClearUp();
  bedside.trace$.subscribe(({ samples, sampleRateHz }) => clearUp.hear(samples.length / sampleRateHz));
  const publishing = publication?.attach(bedside);
  const vitals = new BedsideVitals({
    controller: bedside,
    version: packageVersion,
    model: contract,
    ...(root === undefined ? {} : { sessionsDirectory: root.directory }),
    ...(publishing === undefined ? {} : { publishWaiting: () => publishing.waiting }),
  });
  bedside.status$.subscribe((status) => output.status?.(status));
  bedside.preview$.subscribe((window) => output.preview?.(window));
  let supervision: Supervision | undefined;
  try {
    page = await openPage(options, bedside, screener, vitals, output);
    supervision = startSupervision((line) => output.log(line));
    bedside.status$.subscribe(({ state }) => supervision?.status(state));
    const until = { naming, wait, isStored: out !== undefined, stays: pageStays, stayingSentence };
    await recordUntilDone(bedside, until, failures, output);
  } finally {
    supervision?.close();
    monitor?.close();
    await page?.close();
    vitals.close();
    await bedside.close();
    await publishing?.close();
    output.close?.();
    await screener.close();
  }
  return failures.exitCode;
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
    for (const line of pageAddressLines(page.urls, process.stderr.isTTY)) output.log(line);
    return page;
  } catch (error) {
    if (host !== undefined || pagePort !== undefined || token !== undefined || options.wait === true)
      throw error;
    output.log(`no live page: ${(error as Error).message}`);
    return undefined;
  }
}

/** In a terminal a view that is drawn in place, elsewhere plain lines. A bedside that is a service never loads the view. */
async function outputFor(json: boolean, sampleRateHz: number): Promise<Output> {
  if (json) return new JsonOutput();
  if (!process.stdout.isTTY) return new PeopleOutput({ traceRateHz: sampleRateHz, closing: DISCLAIMER });
  const color = process.env.NO_COLOR === undefined || process.env.NO_COLOR === '';
  const { LiveView } = await import('../live-view.js');
  return new LiveView(process.stdout, sampleRateHz, color);
}
