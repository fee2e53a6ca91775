import { crc32, deflateSync } from 'node:zlib';

/**
 * A PNG file of palette colours, 8 bits a pixel.
 *
 * @param pixels `[height][width]`, row by row from the top: indices into the palette
 * @param palette up to 256 colours, red, green, blue and opacity in 0..255 each
 * @see PNG specification, third edition
 */
export function encodePng(
  width: number,
  height: number,
  pixels: Uint8Array,
  palette: readonly (readonly [number, number, number, number])[],
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits, colour type 3: palette; the rest are the only values that there are.
  header.set([8, 3, 0, 0, 0], 8);
  const lines = new Uint8Array(height * (width + 1));
  // Each line begins with its filter: 0, none.
  for (let y = 0; y < height; y++)
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    pngChunk('IHDR', header),
    pngChunk('PLTE', Uint8Array.from(palette.flatMap(([red, green, blue]) => [red, green, blue]))),
    pngChunk(
      'tRNS',
      Uint8Array.from(palette, ([, , , opacity]) => opacity),
    ),
    pngChunk('IDAT', deflateSync(lines, { level: 9 })),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}
