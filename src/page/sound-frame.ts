import type { LiveSound } from '../listen/live-listening.js';

/** As long as that of a trace frame, whose kind, 0, is at the same place. */
const HEADER_BYTES = 24;
const KIND_AT = 16;
const SOUND = 1;

/**
 * A piece of live sound for a page that listens. On the wire, little-endian: u32 stream (another one has another time
 * axis), u32 samples that were dropped for this page since it listens, f64 index of the first sample (lost ones count),
 * u8 kind 1, three reserved bytes, float32 sample rate in Hz (at most 8,000), then int16 samples, 32768 is full scale.
 */
export interface SoundFrame extends LiveSound {
  readonly droppedSamples: number;
}

export function encodeSoundFrame(frame: SoundFrame): Uint8Array {
  const { stream, droppedSamples, firstSample, sampleRateHz, samples } = frame;
  const bytes = new Uint8Array(HEADER_BYTES + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, stream, true);
  view.setUint32(4, droppedSamples, true);
  view.setFloat64(8, firstSample, true);
  view.setUint8(KIND_AT, SOUND);
  view.setFloat32(20, sampleRateHz, true);
  for (let i = 0, at = HEADER_BYTES; i < samples.length; i++, at += 2) view.setInt16(at, samples[i], true);
  return bytes;
}

/** Whether a binary message is sound; else it is trace. */
export const isSoundFrame = (buffer: ArrayBuffer): boolean =>
  buffer.byteLength >= HEADER_BYTES && new DataView(buffer).getUint8(KIND_AT) === SOUND;

/** @throws RangeError for what is no frame */
export function decodeSoundFrame(buffer: ArrayBuffer): SoundFrame {
  const view = new DataView(buffer);
  const samples = new Int16Array((buffer.byteLength - HEADER_BYTES) >> 1);
  for (let i = 0, at = HEADER_BYTES; i < samples.length; i++, at += 2) samples[i] = view.getInt16(at, true);
  return {
    stream: view.getUint32(0, true),
    droppedSamples: view.getUint32(4, true),
    firstSample: view.getFloat64(8, true),
    sampleRateHz: view.getFloat32(20, true),
    samples,
  };
}
