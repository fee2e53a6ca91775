import type { Decoded } from '../../../src/decode/wire/packet-decoder.js';
import type { Packet } from '../../../src/decode/wire/packet.js';

const hex = (bytes: Uint8Array): string =>
  `'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}'`;
const hexOf = (text: string): string => hex(Buffer.from(text));

/** FNV-1a over the samples as 32-bit little-endian integers, to compare many without writing them out. */
function fnv1a(samples: Int32Array): string {
  let code = 0x811c9dc5;
  for (const sample of samples) {
    for (let shift = 0; shift < 32; shift += 8)
      code = Math.imul(code ^ ((sample >> shift) & 0xff), 0x01000193);
  }
  return (code >>> 0).toString(16).padStart(8, '0');
}

/** One line that says all of what a decoder read. firmware-protocol/c/test/packet_line.c writes the same. */
export function packetLine(packet: Packet): string {
  switch (packet.type) {
    case 'hello':
      return `hello ${packet.protocolCurrent} ${packet.protocolMin}`;
    case 'info':
      return [
        'info',
        packet.protocolCurrent,
        packet.protocolMin,
        packet.sampleRateHz,
        packet.bitsPerSample,
        packet.fullScale,
        packet.compatibleFlags,
        packet.incompatibleFlags,
        hexOf(packet.firmware),
        hexOf(packet.serialNumber),
      ].join(' ');
    case 'start':
    case 'stop':
      return packet.type;
    case 'credit':
      return `credit ${packet.sampleLimit}`;
    case 'samples':
      return [
        'samples',
        packet.sequence,
        packet.firstSample,
        packet.deviceMicros,
        packet.bitsPerSample,
        packet.samples.length,
        fnv1a(packet.samples),
      ].join(' ');
    case 'status':
      return `status ${packet.overrunSamples} ${packet.clippedSamples} ${packet.batteryPercent ?? '-'} ${
        packet.contact === null ? '-' : Number(packet.contact)
      }`;
    case 'stopped':
      return `stopped ${packet.reason} ${packet.sampleIndex}`;
    case 'error':
      return `error ${packet.code} ${hexOf(packet.text)}`;
    case 'unknown':
      return `unknown ${packet.typeByte} ${hex(packet.payload)}`;
  }
}

export function decodedLine(decoded: Decoded): string {
  return decoded.kind === 'packet'
    ? packetLine(decoded.packet)
    : `corrupt ${decoded.reason} ${decoded.byteCount}`;
}
