import type { Gap, Sampled } from '../../src/decode/samples.js';
import { openRecording } from '../../src/decode/file/recording-file.js';
import { defaultModelPath } from '../../src/package-info.js';
import { Screener, type Emit } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { SessionRecorder, type SessionRecorderOptions } from '../../src/record/session-recorder.js';
import { makeReport, type ReportedJoint, type Report, type ReportOptions } from '../../src/report/report.js';
import { readReportedRecording, type ReportedRecording } from '../../src/report/reported-recording.js';
import type { Site } from '../../src/verdict/site.js';
import { fittedModel, type StethoscopeProfile } from '../../src/verdict/stethoscope-profile.js';
import type { FinalVerdict } from '../../src/verdict/verdict-reason.js';
import { madeUpProfile } from '../support/stethoscope-profile.js';

export interface ScreenedSession extends Partial<
  Pick<SessionRecorderOptions, 'subject' | 'device' | 'simulated'>
> {
  /** A bundled recording's name. */
  readonly recording: string;
  readonly site?: string | null;
  /** Minutes after the first session. */
  readonly minute?: number;
  /** Samples that are lost on the way. */
  readonly gaps?: readonly { readonly atSample: number; readonly lostSamples: number }[];
  /** Cuts the recording after so many samples. */
  readonly samples?: number;
  /**
   * What comes out; default what the model says. Another model must not change what a test is about. `unusable`: no
   * window counts.
   */
  readonly as?: 'normal' | 'abnormal' | 'inconclusive' | 'unusable';
  /** The profile that it is judged by. */
  readonly stethoscope?: StethoscopeProfile;
  /** Without a final result, as when the model failed. */
  readonly isUnfinished?: boolean;
}

/** Records bundled recordings as sessions, screened by the model that ships. */
export class SessionStudio {
  private constructor(private readonly screener: Screener) {}

  static async open(): Promise<SessionStudio> {
    return new SessionStudio(await Screener.open(defaultModelPath, 1));
  }

  close(): Promise<void> {
    return this.screener.close();
  }

  /** A made-up profile of the model that ships. */
  profile(change: Partial<StethoscopeProfile> = {}): StethoscopeProfile {
    return madeUpProfile({ model: fittedModel(this.screener.model.contract), ...change });
  }

  /** @returns the session's folder */
  async record(root: string, session: ScreenedSession): Promise<string> {
    const {
      recording: name,
      site = null,
      minute = 0,
      gaps = [],
      samples = Infinity,
      isUnfinished,
      as,
      stethoscope = null,
    } = session;
    const file = await openRecording(`test/recordings/${name}.wav`);
    const { sampleRateHz, bitsPerSample } = file;
    const { sha256, version, name: modelName } = this.screener.model.contract;
    const recorder = new SessionRecorder({
      outDirectory: root,
      ...(session.subject === undefined ? {} : { subject: session.subject }),
      format: { sampleRateHz, bitsPerSample },
      simulated: session.simulated ?? false,
      device: session.device === undefined ? { serialNumber: 'T-1', firmware: '1.2.0' } : session.device,
      model: { name: modelName, version, sha256 },
      configuration: { site, stethoscope },
      lubdubVersion: '9.8.7',
      startedAt: new Date(Date.UTC(2026, 2, 4, 5, minute, 7, 890)),
    });
    let final: object | null = null;
    async function* recorded(): AsyncGenerator<Sampled> {
      for await (const value of withGaps(file.chunks(1000), gaps, samples)) {
        recorder.push(value);
        yield value;
      }
    }
    const emit: Emit = (screened) => {
      const event = as === undefined ? screened : shaped(screened, as);
      recorder.event(event);
      if (event.kind === 'final') final = event;
    };
    await this.screener.screenStored('a secret path', file, recorded(), emit, { stethoscope });
    await file.close();
    const { directory } = await recorder.finish(isUnfinished === true ? null : final);
    return directory!;
  }
}

function shaped(event: ScreeningEvent, as: NonNullable<ScreenedSession['as']>): ScreeningEvent {
  if (event.kind === 'window') {
    return as === 'unusable'
      ? { ...event, usable: false, reasons: ['noisy'], quality: 0.1, heartRateBpm: null }
      : { ...event, usable: true, reasons: [] };
  }
  if (event.kind !== 'final') return event;
  if (as === 'unusable') {
    const reasons = ['too-little-usable-signal', 'noisy'] as const;
    return { ...event, verdict: 'inconclusive', reasons, usableSeconds: 0, heartRateBpm: null };
  }
  const probability = { normal: 0.2, abnormal: 0.97, inconclusive: 0.5 }[as];
  return { ...event, verdict: as, probability, reasons: as === 'inconclusive' ? ['evidence-uncertain'] : [] };
}

/** Takes samples out at gaps; what follows keeps its place in time. */
async function* withGaps(
  chunks: AsyncIterable<{ readonly firstSample: number; readonly samples: Float64Array }>,
  gaps: readonly { readonly atSample: number; readonly lostSamples: number }[],
  end: number,
): AsyncGenerator<Sampled> {
  const waiting: Gap[] = gaps.map((gap) => ({ kind: 'gap', ...gap, cause: 'lost' }));
  let from = 0;
  for await (const { firstSample, samples } of chunks) {
    for (let at = firstSample; at < Math.min(end, firstSample + samples.length);) {
      const [gap] = waiting;
      if (gap !== undefined && gap.atSample === at) {
        yield gap;
        waiting.shift();
        from = gap.atSample + gap.lostSamples;
      }
      const until = Math.min(end, firstSample + samples.length, waiting[0]?.atSample ?? Infinity);
      const first = Math.max(at, from);
      if (first < until) {
        const piece = samples.slice(first - firstSample, until - firstSample);
        yield { kind: 'samples', firstSample: first, samples: piece };
      }
      at = until;
    }
  }
}

export function reportOf(
  recordings: readonly ReportedRecording[],
  { join, ...options }: Partial<ReportOptions> & { readonly join?: () => ReportedJoint | string } = {},
): Report {
  const report = makeReport(recordings, {
    lubdubVersion: '9.9.9',
    createdAt: new Date('2026-03-05T00:00:00Z'),
    ...options,
  });
  if (join === undefined) return report;
  const joined = join();
  return typeof joined === 'string'
    ? { ...report, joint: null, noJoint: joined }
    : { ...report, joint: joined, noJoint: null };
}

export const readAll = (directories: readonly string[]): Promise<ReportedRecording[]> =>
  Promise.all(directories.map((directory) => readReportedRecording(directory)));

/** A joint result in its sites' words, with figures that no test looks at. */
export function jointOf(
  verdict: FinalVerdict,
  sites: readonly (readonly [site: string, verdict: FinalVerdict])[],
  rule: string,
): ReportedJoint {
  const figures = { probability: 0.5, reasons: [], usableSeconds: 20 };
  return {
    ...figures,
    verdict,
    recordings: sites.length,
    sites: sites.map(([site, word]) => ({ ...figures, site: site as Site, verdict: word, recordings: 1 })),
    rule,
  };
}
