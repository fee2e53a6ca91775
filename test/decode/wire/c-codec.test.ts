import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { encodePacket, type InfoPacket, type Packet } from '../../../src/decode/wire/packet.js';
import { PacketDecoder } from '../../../src/decode/wire/packet-decoder.js';
import { SampleAssembler } from '../../../src/decode/wire/sample-assembler.js';
import type { Sampled } from '../../../src/decode/samples.js';
import { cReadsWhatTypeScriptWrites, typeScriptReadsWhatCWrites } from './c-cross-check.js';

const folder = 'firmware-protocol/c';
const recording = 'test/recordings/a0050.wav';
const compiler = process.env.CC ?? 'cc';
const strict = ['-Wall', '-Wextra', '-Werror', '-std=c99', '-pedantic', '-O2'];

function missing(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0;
}

/** The 16-bit samples of a plain WAV file, read without any of our code. */
function samplesOf(file: string): Int16Array {
  const bytes = readFileSync(file);
  const data = bytes.indexOf('data', 12, 'latin1');
  const length = bytes.readUInt32LE(data + 4);
  return Int16Array.from({ length: length / 2 }, (_, i) => bytes.readInt16LE(data + 8 + 2 * i));
}

/** Talks to the example stethoscope over its stdin and stdout until `enough`, and gives all that it said. */
async function listen(
  program: string,
  options: string[],
  requests: Packet[],
  enough: (packets: Packet[]) => boolean,
): Promise<Packet[]> {
  const child = spawn(program, ['--stdio', ...options, recording], { stdio: ['pipe', 'pipe', 'inherit'] });
  const decoder = new PacketDecoder();
  const packets: Packet[] = [];
  child.stdin.write(Buffer.concat(requests.map((packet) => encodePacket(packet))));
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (const decoded of decoder.push(chunk)) {
      if (decoded.kind === 'corrupt') throw new Error(`corrupt: ${decoded.reason}`);
      packets.push(decoded.packet);
    }
    if (enough(packets)) break;
  }
  child.kill();
  return packets;
}

function assemble(packets: Packet[], info: InfoPacket): Sampled[] {
  const assembler = new SampleAssembler(info);
  const started = packets.slice(packets.findIndex((packet) => packet.type === 'samples'));
  return [...started.flatMap((packet) => assembler.push(packet)), ...assembler.finish()];
}

describe('reference codec in C', function () {
  let build = '';

  function compile(name: string, ...sources: string[]): string {
    const program = join(build, name);
    execFileSync(compiler, [...strict, '-o', program, ...sources.map((source) => join(folder, source))]);
    return program;
  }

  before(function () {
    if (missing(compiler)) {
      if (process.env.LUBDUB_REQUIRE_ALL) throw new Error(`the C compiler "${compiler}" is missing`);
      console.warn(`      SKIPPED: the C codec is not checked, as the C compiler "${compiler}" is missing`);
      this.skip();
    }
    build = mkdtempSync(join(tmpdir(), 'lubdub-c-'));
  });

  after(() => {
    if (build !== '') rmSync(build, { recursive: true });
  });

  it('passes its own tests, golden packets among them', () => {
    const sources = ['test/packet_line.c', 'test/random_packet.c', 'lubdub_protocol.c'];
    const program = compile('test_protocol', 'test/test_protocol.c', ...sources);
    expect(execFileSync(program, { encoding: 'utf8' })).to.match(/\d+ golden packets read/);
    const device = compile(
      'test_device',
      'test/test_device.c',
      'test/packet_line.c',
      'lubdub_protocol.c',
      'lubdub_device.c',
    );
    expect(execFileSync(device, { encoding: 'utf8' })).to.match(/every arrow of the state diagram/);
  });

  it('reads and writes the same as TypeScript, in whole streams and in damaged ones', async () => {
    const program = compile(
      'cross_check',
      'test/cross_check.c',
      'test/packet_line.c',
      'test/random_packet.c',
      'lubdub_protocol.c',
    );
    await cReadsWhatTypeScriptWrites(program, 10_000, 11);
    await cReadsWhatTypeScriptWrites(program, 10_000, 12, true);
    await typeScriptReadsWhatCWrites(program, 10_000, 13);
  });

  it('plays a recording through the example stethoscope as fast as credit allows, every sample as in the file', async () => {
    const program = compile('stethoscope', 'examples/stethoscope.c', 'lubdub_protocol.c', 'lubdub_device.c');
    const packets = await listen(
      program,
      ['--speed', 'max', '--serial', 'C-42'],
      [
        { type: 'hello', protocolCurrent: 1, protocolMin: 1 },
        { type: 'credit', sampleLimit: 2 ** 30 },
        { type: 'start' },
      ],
      (said) => said.some((packet) => packet.type === 'stopped'),
    );
    const info = packets.find((packet) => packet.type === 'info');
    expect(info).to.include({
      serialNumber: 'C-42',
      sampleRateHz: 2000,
      bitsPerSample: 16,
      fullScale: 32768,
    });
    const expected = samplesOf(recording);
    const received = assemble(packets, info as InfoPacket).flatMap((item) =>
      item.kind === 'samples' ? [...item.samples].map(String) : [`${item.cause} ${item.lostSamples}`],
    );
    expect(received.length).to.equal(expected.length);
    expect(received).to.deep.equal([...expected].map((sample) => String(sample / 32768)));
  });

  it('keeps the pace of its clock without credit', async () => {
    const program = compile('stethoscope', 'examples/stethoscope.c', 'lubdub_protocol.c', 'lubdub_device.c');
    const startMs = performance.now();
    const countOf = (packets: Packet[]): number =>
      packets.reduce((sum, packet) => sum + (packet.type === 'samples' ? packet.samples.length : 0), 0);
    const packets = await listen(
      program,
      ['--speed', 'max'],
      [{ type: 'hello', protocolCurrent: 1, protocolMin: 1 }, { type: 'start' }],
      (said) => countOf(said) >= 1000,
    );
    const seconds = (performance.now() - startMs) / 1000;
    // The clock began after the program did; one sample more than its time may have come, and no packet's worth.
    expect(countOf(packets)).to.be.at.most(seconds * 2000 + 1);
  });
});
