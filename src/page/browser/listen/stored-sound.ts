import { WAV_HEADER_BYTES } from '../../../decode/file/wav-writer.js';

/** What is asked for at once. */
const PIECE_SECONDS = 1.5;
const BYTES_PER_SAMPLE = 2;
const RATE_AT = 24;

/** A session's sound as the server hands it out, read piece by piece: any part without those before it. */
export class StoredSound {
  private constructor(
    private readonly address: string,
    readonly sampleRateHz: number,
    /** Of the recording, at {@link sampleRateHz}. */
    readonly totalSamples: number,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param address of a WAV file of 16 bits, one channel, whose server answers ranges
   * @throws Error (rejection) with the server's words
   */
  static async open(address: string, signal: AbortSignal): Promise<StoredSound> {
    const response = await fetchRange(address, 0, WAV_HEADER_BYTES, signal);
    const total = Number(/\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1]);
    const header = new DataView(await response.arrayBuffer());
    const samples = Math.floor((total - WAV_HEADER_BYTES) / BYTES_PER_SAMPLE);
    return new StoredSound(address, header.getUint32(RATE_AT, true), samples, signal);
  }

  /** A piece from there on; shorter at the end of the recording. */
  async read(firstSample: number): Promise<Int16Array> {
    const end = Math.min(this.totalSamples, firstSample + Math.ceil(PIECE_SECONDS * this.sampleRateHz));
    const at = (sample: number) => WAV_HEADER_BYTES + BYTES_PER_SAMPLE * sample;
    const response = await fetchRange(this.address, at(firstSample), at(end), this.signal);
    const bytes = new DataView(await response.arrayBuffer());
    const samples = new Int16Array(bytes.byteLength / BYTES_PER_SAMPLE);
    for (let i = 0; i < samples.length; i++) samples[i] = bytes.getInt16(BYTES_PER_SAMPLE * i, true);
    return samples;
  }
}

async function fetchRange(
  address: string,
  begin: number,
  end: number,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(address, { signal, headers: { Range: `bytes=${begin}-${end - 1}` } });
  if (response.status !== 206) throw new Error((await response.text()).trim() || `status ${response.status}`);
  return response;
}
