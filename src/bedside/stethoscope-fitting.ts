import { rm } from 'node:fs/promises';
import { BehaviorSubject, type Observable } from 'rxjs';
import { identityOf, isSameStethoscope, proposedName } from '../calibrate/device-identity.js';
import type { RunProfiles } from '../calibrate/run-profiles.js';
import { ConfigurationError, PortError, ProtocolError } from '../errors.js';
import type { DeviceEvent } from '../screen/screening-events.js';
import { summaryOf, type ProfileSummary } from '../verdict/stethoscope-profile-words.js';
import { checkProfileName, LEAST_PERSONS } from '../verdict/stethoscope-profile.js';
import type { BedsideOptions, PreviewOptions } from './bedside-options.js';
import type { RunListener } from './bedside-run.js';
import { FIT_SECONDS, FitRun, type FitRunEnd } from './fit-run.js';
import type { FitStatus, StethoscopeStatus } from './fit-status.js';
import type { PreviewListener } from './preview.js';
import type { FittingController } from './screening-controller.js';
import { StethoscopeFit } from './stethoscope-fit.js';

/** The bedside, as its fitting needs it. */
export interface FittingHost extends PreviewListener, Pick<RunListener, 'marks'> {
  /** No recording is under way. */
  readonly isFree: boolean;
  /** Lets go of the stethoscope that is previewed. */
  endPreview(): void;
  beginPreview(): void;
}

/** A fit that was begun, until it is done or cancelled. */
interface OpenFit {
  readonly name: string;
  readonly isKept: boolean;
  /** Tells its people apart from those of every other fit; part of names of folders. */
  readonly code: string;
  readonly people: StethoscopeFit;
  /** The one that all recordings must be of. */
  device: DeviceEvent | null;
  stage: FitStatus['stage'];
  problem: string | null;
  result: ProfileSummary | null;
}

/**
 * Fits the profile of the stethoscope at one bedside: recordings of healthy people, each screened as an unknown
 * stethoscope's, then the same fit that `lubdub calibrate` makes of such recordings. Of results nothing goes out: people
 * who are taken for healthy need no verdict, and one would bias who is left out.
 *
 * Recordings live in memory, and as sessions where that was asked for. The profile is written at the very end, whole.
 */
export class StethoscopeFitting implements FittingController {
  private readonly status: BehaviorSubject<StethoscopeStatus>;
  private device: DeviceEvent | null = null;
  private fit: OpenFit | null = null;
  private run: FitRun | undefined;

  constructor(
    private readonly options: BedsideOptions & { readonly preview: PreviewOptions },
    private readonly profiles: RunProfiles,
    private readonly host: FittingHost,
  ) {
    this.status = new BehaviorSubject(this.now);
  }

  get status$(): Observable<StethoscopeStatus> {
    return this.status;
  }

  /** The stethoscope is listened to for a fit. */
  get isRecording(): boolean {
    return this.fit?.stage === 'searching' || this.fit?.stage === 'recording';
  }

  /** A device has answered, or is gone. */
  meet(device: DeviceEvent | null): void {
    this.device = device;
    this.tell();
  }

  async begin(name: string, isKept: boolean): Promise<void> {
    this.refuseSecond();
    checkProfileName(name);
    if (isKept && this.options.outDirectory === undefined)
      throw new ConfigurationError('nothing can be kept in this run: start lubdub with --out FOLDER');
    await this.profiles.checkFolder();
    await this.profiles.checkName(name, this.device);
    // Another page may have been quicker meanwhile.
    this.refuseSecond();
    const code = `FIT-${new Date().toISOString().replace(/[-:]|\.\d+Z/g, '')}`;
    const people = new StethoscopeFit();
    this.fit = { name, isKept, code, people, device: null, stage: 'ready', problem: null, result: null };
    this.tell();
  }

  record(): Promise<void> {
    return attempt(() => {
      const fit = this.ready();
      if (!this.host.isFree) throw new ConfigurationError('a recording is under way; stop it first');
      this.host.endPreview();
      this.change(fit, { stage: 'searching', problem: null });
      this.host.state('searching');
      this.run = this.newRun(fit);
    });
  }

  /** Nothing is left of the recording under way. */
  async stop(): Promise<void> {
    if (!this.isRecording) throw new ConfigurationError('nothing is being recorded for a fit');
    await this.drop(null);
  }

  next(): Promise<void> {
    return attempt(() => {
      const fit = this.ready();
      fit.people.next();
      this.change(fit, { problem: null });
    });
  }

  async leaveOut(): Promise<void> {
    const fit = this.ready();
    const directories = fit.people.leaveOut();
    this.change(fit, { problem: null });
    await Promise.all(directories.map((directory) => this.delete(directory)));
  }

  async finish(): Promise<void> {
    const fit = this.ready();
    const { name, people, device } = fit;
    const { contract } = this.options.screener.model;
    const profile = people.profile({ name, contract, device: device === null ? null : identityOf(device) });
    this.change(fit, { stage: 'fitting', problem: null });
    try {
      await this.profiles.write(profile, device!);
    } catch (error) {
      this.change(fit, { stage: 'ready' });
      throw error;
    }
    this.change(fit, { stage: 'done', result: summaryOf(profile) });
    const message = `Profile ${name}: fitted on ${profile.persons} healthy people, used from now on`;
    this.host.event({ kind: 'notice', file: device!.path, message });
    this.lookAgain();
  }

  /** Closes what is done. Of what is not, nothing is written; recordings that were to be kept stay. */
  async cancel(): Promise<void> {
    const { fit } = this;
    if (fit === null) return;
    if (fit.stage === 'fitting') throw new ConfigurationError('the profile is being written already');
    if (this.isRecording) await this.drop(null);
    if (this.fit === fit) this.fit = null;
    this.tell();
  }

  async remove(name: string): Promise<void> {
    if (this.device === null)
      throw new ConfigurationError('no stethoscope answers, so that it is not known whose profile to remove');
    if (this.isRecording) throw new ConfigurationError('a colleague is being recorded; stop that first');
    await this.profiles.remove(name, this.device);
    if (this.fit?.stage === 'done') this.fit = null;
    this.lookAgain();
  }

  /** Lets go of device and disk. */
  async close(): Promise<void> {
    if (this.isRecording) await this.drop(null);
  }

  private refuseSecond(): void {
    if (this.fit !== null && this.fit.stage !== 'done')
      throw new ConfigurationError(`a fit of ${this.fit.name} is under way; finish or cancel it first`);
  }

  /** @throws ConfigurationError unless a fit waits for what comes next */
  private ready(): OpenFit {
    const { fit } = this;
    if (fit === null || fit.stage === 'done')
      throw new ConfigurationError('no fit is under way; begin one first');
    if (fit.stage === 'ready') return fit;
    throw new ConfigurationError(
      fit.stage === 'fitting'
        ? 'the profile is being written already'
        : 'a colleague is being recorded; stop that first',
    );
  }

  private newRun(fit: OpenFit): FitRun {
    const { name: profile, isKept, code, people } = fit;
    const run: FitRun = new FitRun(
      this.options,
      { profile, isKept, subject: `${code}-${people.person}` },
      {
        ...this.host,
        device: (device) => {
          fit.device ??= device;
          if (isSameStethoscope(fit.device, device)) return;
          const problem =
            'another stethoscope answers than the one that is being fitted; plug that one in again';
          queueMicrotask(() => void this.drop(problem));
        },
        recording: () => {
          this.change(fit, { stage: 'recording' });
          this.host.state('listening');
        },
        ended: (end) => {
          if (this.run !== run) return;
          this.run = undefined;
          void this.take(fit, end);
        },
      },
    );
    return run;
  }

  private async take(fit: OpenFit, { final, error, noiseFloorDb, directory }: FitRunEnd): Promise<void> {
    if (error === undefined && final !== null) fit.people.add(final, noiseFloorDb, directory);
    else {
      fit.problem = `${whyNothing(error)}. Nothing of this recording is used: record it again`;
      if (directory !== null) await this.delete(directory);
    }
    this.change(fit, { stage: 'ready' });
    this.host.beginPreview();
  }

  private async drop(problem: string | null): Promise<void> {
    const { run, fit } = this;
    this.run = undefined;
    const directory = await run?.abandon();
    if (typeof directory === 'string') await this.delete(directory);
    if (fit !== null) this.change(fit, { stage: 'ready', problem });
    this.host.beginPreview();
  }

  private async delete(directory: string): Promise<void> {
    try {
      await rm(directory, { recursive: true, force: true });
    } catch (error) {
      const message = `a recording for the fit could not be deleted: ${(error as Error).message}; delete it by hand`;
      this.host.event({ kind: 'notice', file: directory, message });
    }
  }

  /** The stethoscope is asked anew, so that everybody hears what it is judged by now. */
  private lookAgain(): void {
    this.tell();
    if (!this.host.isFree) return;
    this.host.endPreview();
    this.host.beginPreview();
  }

  private change(fit: OpenFit, change: Partial<Pick<OpenFit, 'stage' | 'problem' | 'result'>>): void {
    Object.assign(fit, change);
    this.tell();
  }

  private tell(): void {
    this.status.next(this.now);
  }

  private get now(): StethoscopeStatus {
    const { device, fit } = this;
    const identity = device === null ? null : identityOf(device);
    const profile = device === null ? null : this.profiles.of(device);
    return {
      device: identity?.serialNumber ?? identity?.usbId ?? device?.path ?? null,
      isKnownAgain: identity !== null,
      proposedName: profile?.name ?? proposedName(identity),
      profile: profile === null ? null : summaryOf(profile),
      mayKeep: this.options.outDirectory !== undefined,
      fit: fit === null ? null : shown(fit),
    };
  }
}

function shown({ name, isKept, stage, people, problem, result }: OpenFit): FitStatus {
  const { person, persons, recordings } = people;
  const rules = { seconds: FIT_SECONDS, leastPersons: LEAST_PERSONS };
  return { name, isKept, stage, ...rules, person, persons, recordings, problem, result };
}

function whyNothing(error: unknown): string {
  // Which port it was, and what it said at last, is of no use to whoever holds the plug.
  if (error instanceof PortError || error instanceof ProtocolError)
    return 'the connection to the stethoscope was lost';
  return error instanceof Error ? error.message : 'the stethoscope sent nothing';
}

/** Rejects where the step throws. */
const attempt = (step: () => void): Promise<void> =>
  new Promise((resolve) => {
    step();
    resolve();
  });
