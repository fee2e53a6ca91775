import type { PlainWire } from '../decode/wire/wires.js';
import { AsciiWriter } from './ascii-writer.js';
import type { PlainWireWriter } from './plain-wire-writer.js';
import { S16leWriter } from './s16le-writer.js';

/** One for every wire that `decode` reads. */
export const PLAIN_WIRE_WRITERS: Readonly<Record<PlainWire, () => PlainWireWriter>> = {
  ascii: () => new AsciiWriter(),
  s16le: () => new S16leWriter(),
};
