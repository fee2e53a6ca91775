import { ConfigurationError, RecordingError } from '../errors.js';
import { ChannelChoice } from './channel-choice.js';
import { KIND_BYTES, latin1, notWanted, skipId3 } from './file-kind.js';
import { FlacRecording } from './flac-file.js';
import type { RecordingFile } from './recording.js';
import { WavBytes } from './wav-bytes.js';
import { WavRecording } from './wav-file.js';

export interface OpenRecordingOptions {
  /** Which channel to read, 1 for the first. Default: the first that is not dead, see {@link ChannelChoice}. */
  readonly channel?: number | undefined;
}

/** A channel is chosen by so much of the recording's beginning, and of so many channels: the choice costs no time. */
const CHOICE_SECONDS = 10;
const MAX_COMPARED_CHANNELS = 8;

/**
 * Opens a WAV or a FLAC file, whatever its name, by what it begins with.
 *
 * @throws RecordingError for a file that is neither, is damaged or lacks the channel, with what is wrong and the remedy
 */
export async function openRecording(
  path: string,
  { channel }: OpenRecordingOptions = {},
): Promise<RecordingFile> {
  if (channel !== undefined && !(Number.isInteger(channel) && channel >= 1)) {
    throw new ConfigurationError(`channel must be an integer from 1 on, got ${channel}`);
  }
  const bytes = await WavBytes.open(path);
  try {
    const file = await openKind(bytes);
    const { channels } = file;
    if (channel !== undefined && channel > channels) {
      throw new RecordingError(
        `${path}: channel ${channel} is asked for, but the file has ${channels}; choose one of 1..${channels}`,
      );
    }
    if (channels === 1) return await file.select(0);
    if (channel !== undefined)
      return await file.select(channel - 1, [channelNotice(channels, channel, ', as it was asked for')]);
    const { index, why } = await chooseChannel(file);
    return await file.select(index, [channelNotice(channels, index + 1, why)]);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function openKind(bytes: WavBytes): Promise<WavRecording | FlacRecording> {
  const head = await bytes.read(0, KIND_BYTES);
  if (/^RIFF....WAVE/s.test(latin1(head))) return WavRecording.scan(bytes);
  const proper = await bytes.read(await bytes.scan(skipId3()), KIND_BYTES);
  if (latin1(proper).startsWith('fLaC')) return FlacRecording.scan(bytes);
  throw notWanted(bytes.path, 'a WAV or a FLAC file', head);
}

/** The same for every way that a recording takes: it depends on nothing but the file. */
async function chooseChannel(file: WavRecording | FlacRecording): Promise<{ index: number; why: string }> {
  const compared = Array.from({ length: Math.min(file.channels, MAX_COMPARED_CHANNELS) }, (_, i) => i);
  const choice = new ChannelChoice(compared.length, file.sampleRateHz);
  let left = CHOICE_SECONDS * file.sampleRateHz;
  for await (const blocks of file.blocks(compared)) {
    choice.push(blocks.map((block) => block.subarray(0, left)));
    left -= blocks[0].length;
    if (left <= 0) break;
  }
  const { index, passedOver } = choice.decide();
  const faults = passedOver.map((state, i) => `channel ${i + 1} is ${state}`).join(' and ');
  return { index, why: faults === '' ? '' : ` because ${faults} in the first ${CHOICE_SECONDS} s` };
}

function channelNotice(channels: number, channel: number, why: string): string {
  const others = Array.from({ length: channels }, (_, i) => i + 1).filter((other) => other !== channel);
  const named =
    others.length === 1
      ? `channel ${others[0]} is`
      : others.length < MAX_COMPARED_CHANNELS
        ? `channels ${others.slice(0, -1).join(', ')} and ${others.at(-1)} are`
        : 'the others are';
  return `${channels} channels: channel ${channel} is screened${why}, ${named} not read; --channel N takes another`;
}
