import { PacketDecoder } from '../../src/decode/wire/packet-decoder.js';
import { encodePacket, type InfoPacket, type Packet } from '../../src/decode/wire/packet.js';
import { PortLink } from '../../src/simulate/port-link.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import { SeededRandom } from '../../src/simulate/seeded-random.js';
import { SimulatedStethoscope } from '../../src/simulate/simulated-stethoscope.js';
import { rampRecording } from './simulated-devices.js';

/**
 * Firmware that answers properly, sends a few samples, and then nothing but garbage, whoever asks. What it says of itself
 * can be made wrong too.
 */
export class RogueDevice {
  private readonly decoder = new PacketDecoder();
  private readonly random = new SeededRandom(4);
  private readonly terminal: PseudoTerminal;
  private readonly link: PortLink;
  private timer: NodeJS.Timeout | undefined;

  constructor(link: string, said: Partial<InfoPacket> = {}) {
    const { info: proper } = new SimulatedStethoscope({ recording: rampRecording(1), serialNumber: 'ROGUE' });
    const info: InfoPacket = { ...proper, ...said };
    const answers: Partial<Record<Packet['type'], Packet>> = {
      hello: info,
      stop: { type: 'stopped', reason: 'request', sampleIndex: 0 },
      start: {
        type: 'samples',
        sequence: 0,
        firstSample: 0,
        deviceMicros: 0,
        bitsPerSample: 16,
        samples: new Int32Array(40),
      },
    };
    this.terminal = new PseudoTerminal({
      onBytes: (bytes) => {
        if (this.timer !== undefined) return;
        for (const decoded of this.decoder.push(bytes)) {
          if (decoded.kind !== 'packet') continue;
          const { type } = decoded.packet;
          const answer = answers[type];
          if (answer !== undefined) this.terminal.write(encodePacket(answer));
          if (type === 'start')
            this.timer = setInterval(() => this.terminal.write(this.random.bytes(400)), 5);
        }
      },
    });
    this.link = new PortLink(link);
    this.link.point(this.terminal.path);
  }

  unplug(): void {
    clearInterval(this.timer);
    this.link.remove();
    this.terminal.close();
  }
}
