import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openRecording } from '../../src/decode/file/recording-file.js';
import { SessionRecorder } from '../../src/record/session-recorder.js';
import type { FinalEvent, WindowEvent } from '../../src/screen/result-events.js';

export interface RecordedSessionOptions {
  /** A bundled recording. */
  readonly wav: string;
  readonly root: string;
  readonly startedAt: Date;
  readonly subject?: string;
  readonly site?: string;
  readonly verdict?: FinalEvent['verdict'];
  /** Where in time so many samples are missing. */
  readonly gap?: { readonly atSample: number; readonly lostSamples: number };
  /** Leave it as a crash does: without a result. */
  readonly isTorn?: boolean;
}

/** Stores a bundled recording as a session, with made-up windows and result; returns the session's folder. */
export async function recordSession(options: RecordedSessionOptions): Promise<string> {
  const { wav, root, startedAt, subject, site = null, verdict = 'normal', gap } = options;
  const recording = await openRecording(wav);
  const { sampleRateHz, bitsPerSample } = recording;
  const recorder = new SessionRecorder({
    outDirectory: root,
    ...(subject === undefined ? {} : { subject }),
    format: { sampleRateHz, bitsPerSample },
    device: { path: '/dev/ttyACM0', firmware: '1.2.0' },
    model: { name: 'made-up', version: '0.0.0', sha256: '0'.repeat(64) },
    configuration: { site },
    lubdubVersion: '0.1.0',
    startedAt,
  });
  let position = 0;
  let lost = 0;
  for await (const { samples } of recording.chunks(1000)) {
    if (gap !== undefined && lost === 0 && position >= gap.atSample) {
      lost = gap.lostSamples;
      recorder.push({ kind: 'gap', atSample: position, lostSamples: lost, cause: 'lost' });
      position += lost;
    }
    recorder.push({ kind: 'samples', firstSample: position, samples });
    position += samples.length;
  }
  await recording.close();
  const durationSeconds = position / sampleRateHz;
  const probability = { normal: 0.2, abnormal: 0.85, inconclusive: 0.55 }[verdict];
  for (let index = 0; index + 3 <= durationSeconds; index++) {
    recorder.event({
      kind: 'window',
      index,
      startSeconds: index,
      endSeconds: index + 3,
      probability: Math.min(0.98, probability + 0.1 * Math.sin(index)),
      logit: null,
      quality: index % 5 === 4 ? 0.2 : 0.9,
      usable: index % 5 !== 4,
      heartRateBpm: 72,
      reasons: index % 5 === 4 ? ['noisy'] : [],
      dropped: null,
    } satisfies WindowEvent);
  }
  const final: FinalEvent = {
    kind: 'final',
    file: '/dev/ttyACM0',
    verdict,
    probability,
    reasons: verdict === 'inconclusive' ? ['evidence-uncertain'] : [],
    durationSeconds,
    usableSeconds: durationSeconds - 2,
    windows: Math.floor(durationSeconds) - 2,
    lostSamples: lost,
    droppedWindows: 0,
    quality: 0.8,
    heartRateBpm: 72,
    sampleRateHz,
    model: { name: 'made-up', version: '0.0.0', sha256: '0'.repeat(64) },
    stethoscope: null,
  };
  const { directory } = await recorder.finish(final);
  if (options.isTorn === true) {
    await rm(join(directory!, 'result.json'));
    await rm(join(directory!, 'result.json.sha256'));
  }
  return directory!;
}
