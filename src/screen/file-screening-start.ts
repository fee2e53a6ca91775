import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../classify/model.js';
import type { RuntimeChoice } from '../classify/runtime-choice.js';
import { isKnownToFit, type FittingModelFile } from '../fitting-model-files.js';
import type { HeartSoundNetwork } from '../heart/heart-sound-emissions.js';
import { packageDirectory } from '../package-info.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { UsedStethoscope } from '../verdict/verdict-words.js';
import type { SignalQualityModel } from '../window/signal-quality-model.js';

/** What screens files is started with: read and checked already, so that a thread need not load what does that. */
export interface FileScreeningStart {
  readonly model: Model;
  readonly signalQuality: SignalQualityModel;
  /** Of the stethoscope that made the recordings, `null` for an unknown one. */
  readonly stethoscope: StethoscopeProfile | null;
  /** The same in the words of results. */
  readonly used: UsedStethoscope | null;
  readonly runtime: RuntimeChoice;
}

/**
 * The coefficients that ship, as `readSignalQualityModel` reads them; what checks them is not loaded where they are known to
 * fit.
 *
 * @throws ModelError where a file cannot be read or does not fit
 */
export async function openSignalQuality(): Promise<SignalQualityModel> {
  const [quality, heartSounds] = await Promise.all([
    knownToFit<Omit<SignalQualityModel, 'heartSounds'>>('signal-quality.json'),
    knownToFit<HeartSoundNetwork>('heart-sounds.json'),
  ]);
  if (quality !== undefined && heartSounds !== undefined) return { ...quality, heartSounds };
  const { readSignalQualityModel } = await import('../window/signal-quality-model.js');
  return readSignalQualityModel();
}

async function knownToFit<Content>(name: FittingModelFile): Promise<Content | undefined> {
  const bytes = await readFile(join(packageDirectory, 'models', name)).catch(() => undefined);
  if (bytes === undefined || !isKnownToFit(bytes, name)) return undefined;
  return JSON.parse(bytes.toString('utf8')) as Content;
}
