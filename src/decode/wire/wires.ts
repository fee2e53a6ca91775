import { AsciiWire } from './ascii-wire.js';
import type { PlainWireDecoder, PlainWireDecoderOptions } from './plain-wire.js';
import { S16leWire } from './s16le-wire.js';

interface PlainWireRow {
  /** What comes over it, for people. */
  readonly words: string;
  /** @throws ConfigurationError for options that cannot be */
  readonly decoder: (options: PlainWireDecoderOptions) => PlainWireDecoder;
}

/**
 * How boards that know no protocol write their samples. A new wire is a row here, its decoder, and its writer among those
 * of the simulator.
 */
export const PLAIN_WIRES = {
  ascii: { words: 'a decimal number a line', decoder: (options) => new AsciiWire(options) },
  s16le: { words: 'raw little-endian 16-bit samples', decoder: () => new S16leWire() },
} as const satisfies Record<string, PlainWireRow>;

export type PlainWire = keyof typeof PLAIN_WIRES;

export const PLAIN_WIRE_NAMES = Object.keys(PLAIN_WIRES) as PlainWire[];

/** All that can come over a wire. `protocol` is lubdub's own: packets, and a device that answers. */
export type Wire = 'protocol' | PlainWire;

export const WIRES: Readonly<Record<Wire, { readonly words: string }>> = {
  protocol: { words: "packets of lubdub's protocol" },
  ...PLAIN_WIRES,
};
