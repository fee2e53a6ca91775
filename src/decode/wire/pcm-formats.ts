/** How samples stand in a stream of nothing but samples: little-endian, without a pause between them. */
export const PCM_FORMATS = {
  s16le: { words: '16-bit integers', bytes: 2, bits: 16 },
  s24le: { words: '24-bit integers in three bytes', bytes: 3, bits: 24 },
  s32le: { words: '32-bit integers', bytes: 4, bits: 24 },
  f32le: { words: '32-bit floats, full scale 1', bytes: 4, bits: 24 },
} as const satisfies Record<string, PcmRow>;

interface PcmRow {
  readonly words: string;
  /** Of one sample of one channel. */
  readonly bytes: number;
  /** That are kept of it: sessions store 24 at most. */
  readonly bits: 16 | 24;
}

export type PcmFormat = keyof typeof PCM_FORMATS;

export const PCM_FORMAT_NAMES = Object.keys(PCM_FORMATS) as PcmFormat[];
