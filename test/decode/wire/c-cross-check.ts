import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { maxSamplesPerPacket, messageType, stopReasons } from '../../../src/decode/wire/packet-layout.js';
import { PacketDecoder } from '../../../src/decode/wire/packet-decoder.js';
import { encodePacket, type Packet } from '../../../src/decode/wire/packet.js';
import { decodedLine, packetLine } from './packet-line.js';

/** What the two codecs agreed on. */
export interface CrossCheck {
  readonly packets: number;
  readonly bytes: number;
}

const batchPackets = 2000;

/** Packets and damage from a seed, fast enough for millions: mulberry32. */
class RandomPackets {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(): Packet {
    const kind = this.below(12);
    switch (kind) {
      case 0:
        return { type: 'hello', protocolCurrent: this.below(256), protocolMin: this.below(256) };
      case 1:
        return {
          type: 'info',
          protocolCurrent: this.below(256),
          protocolMin: this.below(256),
          firmware: this.text(64),
          serialNumber: this.text(64),
          sampleRateHz: this.field(),
          bitsPerSample: this.below(256),
          fullScale: this.field(),
          compatibleFlags: this.field(),
          incompatibleFlags: this.field(),
        };
      case 2:
        return { type: this.below(2) === 0 ? 'start' : 'stop' };
      case 3:
        return { type: 'credit', sampleLimit: this.field() };
      case 4:
        return {
          type: 'status',
          overrunSamples: this.field(),
          clippedSamples: this.field(),
          batteryPercent: this.below(4) === 0 ? null : this.below(101),
          contact: [null, false, true][this.below(3)],
        };
      case 5:
        return { type: 'stopped', reason: stopReasons[this.below(4)], sampleIndex: this.field() };
      case 6:
        return { type: 'error', code: this.below(65536), text: this.text(128) };
      case 7:
        return { type: 'unknown', typeByte: this.unknownType(), payload: this.payload(this.below(251)) };
      default:
        return this.samples();
    }
  }

  /** 0 <= result < bound */
  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let value = this.state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) % bound;
  }

  private field(): number {
    const ends = [0, 1, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff, 0x00ff0000];
    return this.below(3) === 0 ? ends[this.below(ends.length)] : this.below(2 ** 32);
  }

  private text(maxBytes: number): string {
    const alphabet = 'abcXYZ 0129.-_/"\\\u00e9\u00ff\u20ac\u{1f493}';
    const characters = [...alphabet];
    const length = this.below(maxBytes + 1);
    let text = '';
    for (;;) {
      const longer = text + characters[this.below(characters.length)];
      if (Buffer.byteLength(longer) > length) return text;
      text = longer;
    }
  }

  private unknownType(): number {
    const known = new Set<number>(Object.values(messageType));
    for (;;) {
      const type = this.below(256);
      if (!known.has(type)) return type;
    }
  }

  private payload(length: number): Uint8Array {
    const zeros = this.below(3) === 0;
    return Uint8Array.from({ length }, () => (zeros && this.below(2) === 0 ? 0 : this.below(256)));
  }

  private samples(): Packet {
    const bitsPerSample = this.below(2) === 0 ? 16 : 24;
    const range = 2 ** (bitsPerSample - 1 - this.below(bitsPerSample - 1));
    return {
      type: 'samples',
      sequence: this.below(65536),
      firstSample: this.field(),
      deviceMicros: this.field(),
      bitsPerSample,
      samples: Int32Array.from(
        { length: 1 + this.below(maxSamplesPerPacket(bitsPerSample)) },
        () => this.below(2 * range) - range,
      ),
    };
  }
}

/** Changes, drops or puts in a byte, about once in four packets. */
function damage(wire: Uint8Array, random: RandomPackets): Uint8Array {
  const at = random.below(wire.length);
  const byte = random.below(256);
  switch (random.below(12)) {
    case 0:
      return Uint8Array.of(...wire.subarray(0, at), byte, ...wire.subarray(at + 1));
    case 1:
      return Uint8Array.of(...wire.subarray(0, at), ...wire.subarray(at + 1));
    case 2:
      return Uint8Array.of(...wire.subarray(0, at), byte, ...wire.subarray(at));
    default:
      return wire;
  }
}

/** Two streams of lines that must be the same, whichever comes first. */
class LineMatch {
  private readonly waiting = { typeScript: [] as string[], c: [] as string[] };
  private ownMatched = 0;

  get matched(): number {
    return this.ownMatched;
  }

  add(side: 'typeScript' | 'c', line: string): void {
    this.waiting[side].push(line);
    // Compared in bulk: taking single lines from the front of an array would move all the others each time.
    if (this.waiting.typeScript.length >= 1000 && this.waiting.c.length >= 1000) this.compare();
  }

  end(): void {
    this.compare();
    const { typeScript, c } = this.waiting;
    if (typeScript.length + c.length > 0) this.fail(typeScript[0] ?? '(no more)', c[0] ?? '(no more)');
  }

  private compare(): void {
    const { typeScript, c } = this.waiting;
    const count = Math.min(typeScript.length, c.length);
    for (let i = 0; i < count; i += 1) {
      if (typeScript[i] !== c[i]) this.fail(typeScript[i], c[i]);
      this.ownMatched += 1;
    }
    this.waiting.typeScript = typeScript.slice(count);
    this.waiting.c = c.slice(count);
  }

  private fail(typeScript: string, c: string): never {
    throw new Error(`line ${this.ownMatched} differs:\n  TypeScript ${typeScript}\n  C          ${c}`);
  }
}

async function addLines(stream: Readable, match: LineMatch): Promise<void> {
  for await (const line of createInterface({ input: stream })) match.add('c', line);
}

/**
 * TypeScript writes, C reads. C must say of random packets what they are, and of a stream with damaged bytes what the
 * TypeScript decoder says of it.
 *
 * @param program path of firmware-protocol/c's `cross_check`.
 */
export async function cReadsWhatTypeScriptWrites(
  program: string,
  packets: number,
  seed: number,
  isDamaged = false,
): Promise<CrossCheck> {
  const child = spawn(program, ['read'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const match = new LineMatch();
  const read = addLines(child.stdout, match);
  const random = new RandomPackets(seed);
  const decoder = new PacketDecoder();
  let bytes = 0;
  for (let sent = 0; sent < packets; sent += batchPackets) {
    const batch: Uint8Array[] = [];
    for (let i = sent; i < Math.min(sent + batchPackets, packets); i += 1) {
      const packet = random.next();
      const wire = isDamaged ? damage(encodePacket(packet), random) : encodePacket(packet);
      batch.push(wire);
      bytes += wire.length;
      if (!isDamaged) match.add('typeScript', packetLine(packet));
      else for (const decoded of decoder.push(wire)) match.add('typeScript', decodedLine(decoded));
    }
    if (!child.stdin.write(Buffer.concat(batch))) await once(child.stdin, 'drain');
  }
  for (const decoded of decoder.finish()) match.add('typeScript', decodedLine(decoded));
  child.stdin.end();
  await read;
  match.end();
  return { packets, bytes };
}

/** C writes, TypeScript reads, and writes the same bytes again. */
export async function typeScriptReadsWhatCWrites(
  program: string,
  packets: number,
  seed: number,
): Promise<CrossCheck> {
  const child = spawn(program, ['write', String(packets), String(seed)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const match = new LineMatch();
  const read = addLines(child.stderr, match);
  const decoder = new PacketDecoder();
  let bytes = 0;
  let unread = Buffer.alloc(0);
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    const decoded = decoder.push(chunk);
    for (const item of decoded) match.add('typeScript', decodedLine(item));
    const again = Buffer.concat(
      decoded.map((item) => (item.kind === 'packet' ? encodePacket(item.packet) : chunk)),
    );
    unread = Buffer.concat([unread, chunk]);
    if (!again.equals(unread.subarray(0, again.length))) {
      throw new Error(`TypeScript writes other bytes than C within the bytes before ${bytes}`);
    }
    unread = unread.subarray(again.length);
  }
  await read;
  match.end();
  if (match.matched !== packets) throw new Error(`C wrote ${match.matched} packets, expected ${packets}`);
  return { packets, bytes };
}

async function main(program: string, packets: number, seed: number): Promise<void> {
  const startMs = performance.now();
  const results = [
    await cReadsWhatTypeScriptWrites(program, packets, seed),
    await cReadsWhatTypeScriptWrites(program, packets, seed + 1, true),
    await typeScriptReadsWhatCWrites(program, packets, seed + 2),
  ];
  const megabytes = results.map(({ bytes }) => Math.round(bytes / 1e6));
  console.log(
    `  ${packets} packets TypeScript to C (${megabytes[0]} MB), ${packets} with damage (${megabytes[1]} MB), ` +
      `${packets} C to TypeScript (${megabytes[2]} MB), ${Math.round((performance.now() - startMs) / 1000)} s`,
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const [program, packets, seed] = process.argv.slice(2);
  await main(program, Number(packets), Number(seed));
}
