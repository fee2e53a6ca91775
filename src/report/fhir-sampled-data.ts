import { ConfigurationError } from '../errors.js';
import type { SampledData } from './fhir-types.js';
import { quantity } from './fhir-codes.js';
import type { ReportedRecording } from './reported-recording.js';

/** FHIR allows strings of up to 1024 * 1024 characters; a sample takes at most nine, its space included. */
const MAX_DATA_CHARACTERS = 1_000_000;
/** Lost samples are written as `E` each; where more are missing than this, another piece begins. */
const MAX_LOST_SECONDS = 10;
/** Over 80 minutes at 2,000 Hz. A bundle is made in memory, and whoever reads it does the same. */
export const MAX_SAMPLES = 10_000_000;

/** Samples next to each other in time, as one value of FHIR. */
export interface SampledPiece {
  /** On the recording's time axis. */
  readonly startSeconds: number;
  /** Samples and holes between them. */
  readonly samples: number;
  readonly data: SampledData;
}

/**
 * A recording's samples as the integers that were stored, none left out, none changed: a number times `factor` is the
 * amplitude, full scale 1. A lost sample is `E`, so that the time axis stays.
 *
 * @throws ConfigurationError for more than {@link MAX_SAMPLES} samples, SessionError where they cannot be read
 */
export async function sampledPieces({ session, name }: ReportedRecording): Promise<SampledPiece[]> {
  const { sampleRateHz, fullScale } = session.description.storage;
  if (session.storedSamples > MAX_SAMPLES) {
    throw new ConfigurationError(
      `a FHIR bundle can hold at most ${MAX_SAMPLES} samples of a recording, got ${session.storedSamples} in ${name}; ` +
        'leave them out with --no-samples',
    );
  }
  const pieces: SampledPiece[] = [];
  let texts: string[] = [];
  let characters = 0;
  let firstSample = 0;
  let position = 0;
  const finish = () => {
    if (texts.length > 0) {
      pieces.push({
        startSeconds: firstSample / sampleRateHz,
        samples: texts.length,
        data: {
          origin: quantity(0, 'full scale', '1'),
          period: 1000 / sampleRateHz,
          factor: 1 / fullScale,
          dimensions: 1,
          data: texts.join(' '),
        },
      });
    }
    texts = [];
    characters = 0;
  };
  const add = (text: string) => {
    if (characters + text.length + 1 > MAX_DATA_CHARACTERS) finish();
    if (texts.length === 0) firstSample = position;
    texts.push(text);
    characters += text.length + 1;
    position++;
  };
  for await (const value of session.sampled()) {
    if (value.kind === 'gap') {
      const { atSample, lostSamples } = value;
      const isLong = lostSamples > MAX_LOST_SECONDS * sampleRateHz;
      // A device that counts anew stands elsewhere on the time axis.
      if (isLong || texts.length === 0 || atSample !== position) finish();
      else for (let i = 0; i < lostSamples; i++) add('E');
      continue;
    }
    if (value.firstSample !== position) finish();
    position = value.firstSample;
    for (const amplitude of value.samples) add(String(Math.round(amplitude * fullScale)));
  }
  finish();
  return pieces;
}
