import { ConfigurationError, RecordingError } from '../../errors.js';
import { ChannelChoice } from '../channel-choice.js';
import { KIND_BYTES, latin1, notWanted, skipId3 } from './file-kind.js';
import type { FlacRecording } from './flac-file.js';
import { scanOther } from './other-containers.js';
import type { RecordingFile } from './recording.js';
import { FileBytes } from './file-bytes.js';
import { WavRecording } from './wav-file.js';
import { CodedWavError } from './wav-format.js';
import { scanWav, type WavLayout } from './wav-riff.js';

export interface OpenRecordingOptions {
  /** Which channel to read, 1 for the first. Default: the first that is not dead, see {@link ChannelChoice}. */
  readonly channel?: number | undefined;
}

/** A channel is chosen by so much of the recording's beginning, and of so many channels: the choice costs no time. */
const CHOICE_SECONDS = 10;
const MAX_COMPARED_CHANNELS = 8;

/**
 * Opens a recording, whatever its name, by what it begins with: WAV, FLAC, and what {@link scanOther} lays out; others
 * where FFmpeg is installed.
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
  const bytes = await FileBytes.open(path);
  let file: WavRecording | FlacRecording | undefined;
  try {
    file = await openKind(bytes);
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
    await (file ?? bytes).close();
    throw error;
  }
}

async function openKind(bytes: FileBytes): Promise<WavRecording | FlacRecording> {
  const head = await bytes.read(0, KIND_BYTES);
  const other = await bytes.scan(scanOther(bytes.path, bytes.size));
  if (other !== undefined) {
    const { encoding } = other.format;
    const law = encoding === 'mulaw' ? 'mu-law' : encoding === 'alaw' ? 'A-law' : null;
    return WavRecording.laidOut(bytes, law === null ? other : withNotice(other, lossyNotice(law)), law);
  }
  if (/^RIFF....WAVE/s.test(latin1(head))) {
    try {
      return await WavRecording.scan(bytes);
    } catch (error) {
      const decoded = error instanceof CodedWavError ? await openDecoded(bytes, head) : undefined;
      if (decoded === undefined) throw error;
      return decoded;
    }
  }
  const proper = await bytes.read(await bytes.scan(skipId3()), KIND_BYTES);
  if (latin1(proper).startsWith('fLaC')) {
    // What reads a kind of file is loaded with the first of it.
    const { FlacRecording } = await import('./flac-file.js');
    return FlacRecording.scan(bytes);
  }
  const decoded = await openDecoded(bytes, head);
  if (decoded !== undefined) return decoded;
  throw notWanted(bytes.path, 'a WAV or a FLAC file', head);
}

/** What FFmpeg makes of the file, in its place. */
async function openDecoded(bytes: FileBytes, head: Uint8Array): Promise<WavRecording | undefined> {
  const { decodeWithFfmpeg } = await import('./lossy-decoder.js');
  const decoded = await decodeWithFfmpeg(bytes.path, head);
  if (decoded === undefined) return undefined;
  try {
    const layout = await decoded.bytes.scan(scanWav(bytes.path, decoded.bytes.size));
    await bytes.checkUnchanged();
    await bytes.close();
    // FFmpeg writes without going back: that the header leaves the length open means nothing.
    const notices = [...decoded.notices, ...(decoded.isLossy ? [lossyNotice(decoded.codec)] : [])];
    return WavRecording.laidOut(
      decoded.bytes,
      { ...layout, notices },
      decoded.isLossy ? decoded.codec : null,
    );
  } catch (error) {
    await decoded.bytes.close();
    throw error;
  }
}

const withNotice = (layout: WavLayout, notice: string): WavLayout => ({
  ...layout,
  notices: [...layout.notices, notice],
});

const lossyNotice = (codec: string): string =>
  `the sound was stored with the lossy codec ${codec}, which changes faint sounds; what is known of the accuracy holds ` +
  'for uncompressed recordings: let the recorder write WAV or FLAC';

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
