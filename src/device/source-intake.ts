import { noAssemblerCounts } from '../decode/wire/assembler-counters.js';
import type { PlainWireDecoder } from '../decode/wire/plain-wire.js';
import type { Sampled } from '../decode/samples.js';
import { MIN_SOURCE_RATE_HZ } from '../decode/source-rate.js';
import { ConfigurationError } from '../errors.js';
import { ClockDrift } from './clock-drift.js';
import { LevelMeter, type Level } from './level-meter.js';
import { lengthOf, LossWatch } from './loss-watch.js';
import { PlainTimeAxis } from './plain-time-axis.js';
import { SamplePace, type MeasuredRate } from './sample-pace.js';
import type { SampleSource, SourceOpened } from './sample-source.js';
import type { DeviceEvent, NoticeEvent } from './stethoscope-event.js';
import type { LineReport } from './stream-samples.js';

export type IntakeEvent = DeviceEvent | NoticeEvent | Sampled | Level | LineReport;

/** Nothing is handed on before the rate is known to be right, or so long. */
const LONGEST_CHECK_MS = 5200;
/** What channels are compared by. */
const CHANNEL_CHOICE_MS = 2000;
/** What is kept meanwhile. More comes only of a stored recording. */
const MAX_KEPT_BYTES = 4 * 2 ** 20;
/** Least time that a source stands before what is faster than the clock can be told from one at a wrong rate. */
const UNPACED_AFTER_MS = 260;

/**
 * What a {@link SampleSource} sends, as samples and gaps on one time axis, with the device that it is.
 *
 * The first seconds are kept back until the rate has been set against the clock ({@link SamplePace}) and the channel is
 * chosen: a source at a wrong rate is refused before anything is made of it. Knows no clock; every call is told the time.
 */
export class SourceIntake {
  private opened: SourceOpened | undefined;
  private scout: ReturnType<SourceOpened['scout']> | undefined;
  private kept: { readonly bytes: Uint8Array; readonly atMs: number }[] | undefined = [];
  private keptBytes = 0;
  private firstAtMs: number | undefined;
  private pace: SamplePace | undefined;
  private axis: PlainTimeAxis | undefined;
  private watch: LossWatch | undefined;
  private meter: LevelMeter | undefined;
  private readonly drift = new ClockDrift();
  private driftRun = 0;
  private driftSamples = 0;
  private channel = 0;
  /** Once a recording is enough for a notice; the level goes on telling. */
  private readonly advised = new Set<Level['advice']>();
  private counts = { samples: 0, lostSamples: 0, overrunSamples: 0, gaps: 0, clippedSamples: 0 };

  constructor(private readonly source: SampleSource) {}

  /** Whether the source waits for its reader, so that no clock says anything of it. */
  get isUnpaced(): boolean {
    return this.source.isUnpaced === true || this.pace?.pace?.kind === 'unpaced';
  }

  /** Whether it is still kept back. */
  get isChecking(): boolean {
    return this.kept !== undefined;
  }

  /** The rate, once it has been opened. */
  get sampleRateHz(): number {
    return this.opened?.sampleRateHz ?? 0;
  }

  open(opened: SourceOpened): IntakeEvent[] {
    const before = this.opened;
    this.opened = opened;
    this.driftRun++;
    this.driftSamples = 0;
    if (before === undefined || this.axis === undefined) {
      this.scout = opened.scout();
      this.pace = new SamplePace(opened.sampleRateHz);
      return [];
    }
    const decoder = opened.decoder(Math.min(this.channel, opened.channels - 1));
    const formatChanged = before.sampleRateHz !== opened.sampleRateHz || before.channels !== opened.channels;
    this.pace?.restart();
    this.axis.open('reconnect', decoder);
    return [this.deviceEvent(opened, decoder, 'returned', formatChanged)];
  }

  /** @throws ConfigurationError where the rate is another than was said, naming the one that fits */
  push(bytes: Uint8Array, nowMs: number): IntakeEvent[] {
    if (this.opened === undefined) return [];
    if (this.kept === undefined) return this.take(bytes, nowMs, true);
    this.firstAtMs ??= nowMs;
    this.kept.push({ bytes, atMs: nowMs });
    this.keptBytes += bytes.length;
    this.setAgainstClock(this.scout!.push(bytes), nowMs);
    return this.isKnown(nowMs) ? this.release(nowMs) : [];
  }

  /** To be called every 100 ms or so. */
  tick(nowMs: number): IntakeEvent[] {
    return this.kept !== undefined && this.firstAtMs !== undefined && this.isKnown(nowMs)
      ? this.release(nowMs)
      : [];
  }

  /** The source dropped samples by its own account; what comes next is behind them. */
  overrun(nowMs: number): IntakeEvent[] {
    const events = this.kept === undefined ? [] : this.release(nowMs);
    const rest = this.axis?.finish(nowMs) ?? [];
    this.axis?.open('overrun');
    this.pace?.restart();
    this.driftRun++;
    this.driftSamples = 0;
    return [...events, ...this.count(rest)];
  }

  report(lostMs: number): void {
    this.watch?.report(lostMs);
  }

  /** The source is over or lost: what was kept back, and what is left. */
  finish(nowMs: number): IntakeEvent[] {
    if (this.opened === undefined || (this.kept !== undefined && this.firstAtMs === undefined)) return [];
    if (this.kept !== undefined && !this.isUnpaced) {
      const pace = this.pace!.finish(nowMs);
      if (pace.kind === 'wrong-rate') throw this.wrongRate(pace);
    }
    const events = this.kept === undefined ? [] : this.release(nowMs);
    return [...events, ...this.count(this.axis!.finish(nowMs))];
  }

  /** What the line cost, once, when all is over; undefined where nothing stood. */
  lineReport(): LineReport | undefined {
    if (this.axis === undefined) return undefined;
    return {
      kind: 'line',
      counters: { ...noAssemblerCounts, ...this.counts },
      corruptPackets: 0,
      corruptBytes: 0,
      leftOutStatuses: 0,
      joinedGaps: 0,
      setAsideSamples: 0,
      clockDriftPpm: this.isUnpaced ? null : this.drift.ppm,
    };
  }

  private isKnown(nowMs: number): boolean {
    if (this.keptBytes > MAX_KEPT_BYTES) return true;
    if (this.isUnpaced) return this.source.isUnpaced !== true || this.keptBytes > 0;
    const sinceMs = nowMs - this.firstAtMs!;
    const needed = this.opened!.channels > 1 ? CHANNEL_CHOICE_MS : UNPACED_AFTER_MS;
    return sinceMs > LONGEST_CHECK_MS || (this.pace!.pace !== undefined && sinceMs >= needed);
  }

  private release(nowMs: number): IntakeEvent[] {
    const opened = this.opened!;
    const kept = this.kept ?? [];
    this.kept = undefined;
    const { index, passedOver } = this.scout!.chooseChannel?.() ?? { index: 0, passedOver: [] };
    this.channel = opened.channel ?? index;
    const decoder = opened.decoder(this.channel);
    const { sampleRateHz } = opened;
    // Whatever was said: so much in so short a time came from no clock.
    const pace = this.pace!.pace;
    this.watch = this.isUnpaced ? undefined : new LossWatch(sampleRateHz);
    this.meter = this.isUnpaced ? undefined : new LevelMeter(sampleRateHz, decoder.bitsPerSample);
    this.axis = new PlainTimeAxis(decoder, sampleRateHz, this.watch);
    this.axis.open();
    const events: IntakeEvent[] = [this.deviceEvent(opened, decoder, 'found', false)];
    if (pace?.kind === 'unpaced' && !pace.isSure) events.push(notice(UNSTEADY));
    if (opened.channels > 1) events.push(notice(channelSentence(opened, this.channel, passedOver)));
    for (const { bytes, atMs } of kept) events.push(...this.take(bytes, Math.min(atMs, nowMs), false));
    return events;
  }

  private take(bytes: Uint8Array, nowMs: number, isNew: boolean): IntakeEvent[] {
    const values = this.axis!.push(bytes, nowMs);
    if (isNew) this.setAgainstClock(values, nowMs);
    if (!this.isUnpaced) {
      // Gaps are the clock's own; only what came is set against it.
      for (const value of values) if (value.kind === 'samples') this.driftSamples += value.samples.length;
      if (values.some(({ kind }) => kind === 'gap')) {
        this.driftRun++;
        this.driftSamples = 0;
      }
      const deviceMicros = (this.driftSamples / this.sampleRateHz) * 1e6;
      if (values.length > 0) this.drift.push({ atSample: 0, deviceMicros, run: this.driftRun }, nowMs);
    }
    return this.count(values);
  }

  private count(values: readonly Sampled[]): IntakeEvent[] {
    const events: IntakeEvent[] = [];
    for (const value of values) {
      events.push(value);
      if (value.kind === 'gap') {
        this.counts.gaps++;
        this.counts.lostSamples += value.lostSamples;
        if (value.cause === 'overrun') this.counts.overrunSamples += value.lostSamples;
        this.pace?.restart();
        continue;
      }
      this.counts.samples += value.samples.length;
      for (const level of this.meter?.push(value.samples) ?? []) {
        this.counts.clippedSamples += level.clippedSamples;
        events.push(level);
        if (level.advice === 'good' || this.advised.has(level.advice)) continue;
        this.advised.add(level.advice);
        events.push(notice(GAIN_ADVICE[level.advice]));
      }
    }
    return events;
  }

  private setAgainstClock(values: readonly Sampled[], nowMs: number): void {
    if (this.isUnpaced || values.length === 0) return;
    const samples = values.reduce((sum, value) => sum + (value.kind === 'gap' ? 0 : lengthOf(value)), 0);
    const pace = this.pace!.push(samples, nowMs);
    if (pace?.kind === 'wrong-rate') throw this.wrongRate(pace);
  }

  private wrongRate({ measuredHz, fittingHz }: MeasuredRate): ConfigurationError {
    const said = this.sampleRateHz;
    const remedy =
      fittingHz < MIN_SOURCE_RATE_HZ
        ? `so slow a source cannot be screened (at least ${MIN_SOURCE_RATE_HZ} Hz), or most of its samples are lost on the way`
        : `say --rate ${fittingHz}`;
    const doubts =
      measuredHz < said
        ? 'unless samples are lost on the way (a baud rate that is too low, a busy machine)'
        : 'unless it is a stored recording that comes as fast as it goes: then say --unpaced';
    return new ConfigurationError(
      `${this.opened!.path}: the rate was said to be ${said} Hz, but ${Math.round(measuredHz)} samples a second come by ` +
        `the clock; ${remedy}, ${doubts}`,
    );
  }

  private deviceEvent(
    { path, serialNumber, sampleRateHz, simulated = false }: SourceOpened,
    { bitsPerSample, fullScale }: PlainWireDecoder,
    occasion: 'found' | 'returned',
    formatChanged: boolean,
  ): DeviceEvent {
    return {
      kind: 'device',
      path,
      occasion,
      formatChanged,
      firmware: null,
      serialNumber,
      sampleRateHz,
      bitsPerSample,
      fullScale,
      protocolVersion: null,
      waitsForCredit: false,
      simulated,
      info: null,
    };
  }
}

const UNSTEADY =
  'samples come faster than the clock and unevenly: taken for a stored recording that comes as fast as it goes, so that ' +
  'no clock can tell whether the rate is right or samples are lost';

const GAIN_ADVICE = {
  quiet:
    'the signal is very quiet: turn the gain of the microphone or the sound card up, or press the chest piece on',
  clipping: 'the signal is cut off at full scale: turn the gain of the microphone or the sound card down',
} as const;

const notice = (message: string): NoticeEvent => ({ kind: 'notice', message });

function channelSentence(opened: SourceOpened, channel: number, passedOver: readonly string[]): string {
  const faults = passedOver.map((state, i) => `channel ${i + 1} is ${state}`).join(' and ');
  const why =
    opened.channel !== undefined
      ? ', as it was asked for'
      : faults === ''
        ? ''
        : ` because ${faults} in the first ${CHANNEL_CHOICE_MS / 1000} s`;
  return `${opened.channels} channels: channel ${channel + 1} is screened${why}; --channel N takes another`;
}
