import { readdirSync, readFileSync } from 'node:fs';
import type { CorruptReason, Decoded } from '../../../src/decode/wire/packet-decoder.js';
import type { Packet } from '../../../src/decode/wire/packet.js';

export const vectorFolder = 'firmware-protocol/vectors';

export interface GoldenPacket {
  readonly file: string;
  readonly name: string;
  /** Why the vector is there. */
  readonly reason: string;
  /** Whether an encoder writes exactly these bytes. */
  readonly canonical: boolean;
  readonly wire: Uint8Array;
  readonly decoded: readonly Decoded[];
}

type JsonDecoded =
  { corrupt: CorruptReason; byteCount: number } | (Record<string, unknown> & { type: string });

interface JsonVector {
  name: string;
  reason: string;
  canonical: boolean;
  wire: string;
  decoded: JsonDecoded[];
}

/** JSON knows no typed arrays: samples are a list there, a payload hexadecimal. */
function revive(item: JsonDecoded): Decoded {
  if ('corrupt' in item && typeof item.corrupt === 'string') {
    return { kind: 'corrupt', byteCount: Number(item.byteCount), reason: item.corrupt as CorruptReason };
  }
  const fields: Record<string, unknown> = { ...item };
  if (Array.isArray(fields.samples)) fields.samples = Int32Array.from(fields.samples as number[]);
  if (typeof fields.payload === 'string')
    fields.payload = Uint8Array.from(Buffer.from(fields.payload, 'hex'));
  return { kind: 'packet', packet: fields as unknown as Packet };
}

export function readGoldenPackets(): GoldenPacket[] {
  return readdirSync(vectorFolder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const { vectors } = JSON.parse(readFileSync(`${vectorFolder}/${file}`, 'utf8')) as {
        vectors: JsonVector[];
      };
      return vectors.map((vector) => ({
        ...vector,
        file: file.replace('.json', ''),
        wire: Uint8Array.from(Buffer.from(vector.wire, 'hex')),
        decoded: vector.decoded.map(revive),
      }));
    });
}
