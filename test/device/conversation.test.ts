import { expect } from 'chai';
import fc from 'fast-check';
import { encodePacket, type InfoPacket, type Packet } from '../../src/decode/wire/packet.js';
import { ConnectionLostError, NoAnswerError } from '../../src/device/connection-error.js';
import { Conversation, type ConversationEvent } from '../../src/device/conversation.js';
import { ProtocolError } from '../../src/errors.js';
import { SeededRandom } from '../../src/simulate/seeded-random.js';

const info: InfoPacket = {
  type: 'info',
  protocolCurrent: 1,
  protocolMin: 1,
  firmware: 'fw 1',
  serialNumber: 'A1',
  sampleRateHz: 2000,
  bitsPerSample: 16,
  fullScale: 32768,
  compatibleFlags: 0,
  incompatibleFlags: 0,
};

function samplesFrom(firstSample: number, sequence: number): Packet {
  return {
    type: 'samples',
    sequence,
    firstSample,
    deviceMicros: (firstSample * 500) >>> 0,
    bitsPerSample: 16,
    samples: Int32Array.from({ length: 40 }, (_, index) => ((firstSample + index) * 7919) % 32768),
  };
}

function bytesOf(...packets: readonly Packet[]): Uint8Array {
  return Buffer.concat(packets.map(encodePacket));
}

function newConversation(): Conversation {
  return new Conversation(
    {
      path: '/dev/test',
      handshakeTimeoutMs: 1000,
      streamOptions: () => ({ afresh: true, silenceTimeoutMs: 3000 }),
    },
    0,
  );
}

/** A conversation that has greeted and streams. */
function streaming(): Conversation {
  const conversation = newConversation();
  conversation.due(0);
  conversation.receive(bytesOf(info), 1);
  conversation.begin();
  conversation.due(2);
  conversation.receive(bytesOf({ type: 'stopped', reason: 'request', sampleIndex: 0 }), 3);
  conversation.due(4);
  return conversation;
}

/** Looks every 50 ms, as a host does. */
function wait(conversation: Conversation, untilMs: number): void {
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 50) conversation.due(nowMs);
}

function* piecesOf(bytes: Uint8Array, sizes: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const size = sizes();
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('Conversation', () => {
  it('says HELLO at once and every 500 ms until the device answers', () => {
    const conversation = newConversation();
    const hellosAtMs: number[] = [];
    for (let nowMs = 0; nowMs < 1000; nowMs += 50) {
      for (const packet of conversation.due(nowMs)) {
        expect(packet.type).to.equal('hello');
        hellosAtMs.push(nowMs);
      }
    }
    expect(hellosAtMs).to.deep.equal([0, 500]);
    conversation.receive(bytesOf(info), 990);
    expect(conversation.due(5000)).to.deep.equal([]);
  });

  it('finds INFO behind the remains of a stream that an earlier host left', () => {
    const conversation = newConversation();
    const stale = bytesOf(samplesFrom(0, 0), samplesFrom(40, 1)).subarray(17);
    const events = conversation.receive(Buffer.concat([stale, bytesOf(info)]), 5);
    expect(events.map((event) => event.kind)).to.deep.equal(['greeted', 'packet']);
    expect(events[0]).to.deep.include({ info, protocolVersion: 1, restarted: false, path: '/dev/test' });
  });

  it('tells a silent line, a line with other bytes and a port that never opens apart', () => {
    const silent = newConversation();
    expect(() => wait(silent, 1000)).to.throw(NoAnswerError, 'nothing came within 1000 ms');
    const chatty = newConversation();
    chatty.due(0);
    chatty.receive(Buffer.from('$GPGGA,123519,4807.038,N\r\n'), 10);
    expect(() => wait(chatty, 1000))
      .to.throw(NoAnswerError, /26 bytes came.*no answer of a stethoscope.*baud rate.*--wire ascii/)
      .with.property('outcome', 'no-stethoscope');
    const closed = newConversation();
    expect(() => {
      for (let nowMs = 0; nowMs <= 1000; nowMs += 50) closed.expire(nowMs);
    }).to.throw(NoAnswerError, 'did not open');
  });

  it('does not blame the device for the time in which the computer was suspended', () => {
    const conversation = newConversation();
    wait(conversation, 500);
    conversation.due(3_600_000);
    conversation.due(3_600_400);
    expect(() => conversation.due(3_600_500)).to.throw(NoAnswerError);
  });

  it('refuses a device that is too new, and says which side is to be updated', () => {
    const tooNew = { ...info, protocolCurrent: 3, protocolMin: 2 };
    expect(() => newConversation().receive(bytesOf(tooNew), 1)).to.throw(ProtocolError, /update lubdub/);
    const complaint: Packet = { type: 'error', code: 1, text: 'needs version 2' };
    expect(() => newConversation().receive(bytesOf(complaint), 1)).to.throw(ProtocolError, /needs version 2/);
  });

  it('passes on nothing before it is told to begin', () => {
    const conversation = newConversation();
    conversation.receive(bytesOf(info), 1);
    expect(conversation.receive(bytesOf(samplesFrom(0, 0)), 2)).to.deep.equal([]);
    expect(conversation.due(3)).to.deep.equal([]);
  });

  it('counts what was corrupt in the stream', () => {
    const conversation = streaming();
    const packet = bytesOf(samplesFrom(0, 0));
    const damaged = Uint8Array.from(packet);
    damaged[9] ^= 0x55;
    const events = conversation.receive(Buffer.concat([packet, damaged, packet]), 10);
    expect(events.map((event) => event.kind)).to.deep.equal(['packet', 'corrupt', 'packet']);
    expect(events[1]).to.deep.include({ byteCount: packet.length, receivedAtMs: 10 });
  });

  it('takes INFO after samples for a restart, with a rate that may be another', () => {
    const conversation = streaming();
    conversation.receive(bytesOf(samplesFrom(0, 0)), 10);
    const restarted = { ...info, sampleRateHz: 4000 };
    const events = conversation.receive(bytesOf(restarted), 20);
    expect(events[0]).to.deep.include({ kind: 'greeted', restarted: true, info: restarted });
    expect(conversation.due(21).map((packet) => packet.type)).to.deep.equal(['hello', 'start']);
    expect(conversation.receive(bytesOf(restarted), 22), 'the answer to that HELLO').to.deep.equal([]);
    expect(conversation.receive(bytesOf(samplesFrom(0, 0)), 23)).to.have.length(1);
  });

  it('takes INFO after samples for a restart also when nothing in it changed', () => {
    const conversation = streaming();
    conversation.receive(bytesOf(samplesFrom(0, 0)), 10);
    expect(conversation.receive(bytesOf(info), 20)[0]).to.include({ kind: 'greeted', restarted: true });
  });

  it('takes a late answer to HELLO for no restart', () => {
    const conversation = streaming();
    expect(conversation.receive(bytesOf(info), 10)).to.deep.equal([]);
    expect(conversation.due(11)).to.deep.equal([]);
  });

  it('gives up a port where another device answers all of a sudden', () => {
    const conversation = streaming();
    conversation.receive(bytesOf(samplesFrom(0, 0)), 10);
    expect(() => conversation.receive(bytesOf({ ...info, serialNumber: 'B2' }), 11))
      .to.throw(ConnectionLostError, 'B2 instead of A1')
      .with.property('reason', 'other-device');
  });

  describe('whatever the pieces in which the bytes arrive', () => {
    const before = Buffer.concat([
      bytesOf(samplesFrom(0, 0)).subarray(20),
      Buffer.from([0, 1, 2, 0, 0, 255, 255]),
      bytesOf(samplesFrom(40, 1), info),
    ]);
    const packets = Array.from({ length: 100 }, (_, index) => samplesFrom(index * 40, index));
    const after = Buffer.concat([
      bytesOf({ type: 'stopped', reason: 'end', sampleIndex: 1 }, ...packets.slice(0, 50)),
      Buffer.from([9, 9, 9, 0]),
      bytesOf(...packets.slice(50), { type: 'stopped', reason: 'end', sampleIndex: 4000 }),
    ]);
    const talk = (sizes: () => number, repeat = 1): ConversationEvent[] => {
      const conversation = newConversation();
      const events: ConversationEvent[] = [];
      const hear = (bytes: Uint8Array): void => {
        for (const piece of piecesOf(bytes, sizes)) {
          const heard = conversation.receive(piece, 1);
          for (const [i, event] of heard.entries()) {
            const isLast = i === heard.length - 1;
            if (event.kind === 'packet') expect(event.isFollowed, 'all but the last').to.equal(!isLast);
            // What comes together depends on the pieces, and nothing else does.
            events.push(event.kind === 'packet' ? { ...event, isFollowed: false } : event);
          }
        }
      };
      conversation.due(0);
      hear(before);
      conversation.begin();
      conversation.due(2);
      for (let round = 0; round < repeat; round++) {
        hear(round === 0 ? after : after.subarray(10));
        conversation.due(3);
      }
      return events;
    };

    it('says the same', () => {
      const whole = talk(() => Infinity);
      expect(whole.filter((event) => event.kind === 'packet')).to.have.length(1 + 100 + 1);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }), (sizes) => {
          let turn = 0;
          expect(talk(() => sizes[turn++ % sizes.length])).to.deep.equal(whole);
        }),
        { numRuns: 50 },
      );
    });

    it('loses nothing in a hundred thousand random pieces', () => {
      const random = new SeededRandom(20);
      const conversation = streaming();
      let pieces = 0;
      let count = 0;
      let sequence = 0;
      let waiting: Uint8Array = new Uint8Array(0);
      while (pieces < 100_000) {
        if (waiting.length === 0) {
          waiting = encodePacket(samplesFrom((sequence * 40) >>> 0, sequence & 0xffff));
          sequence += 1;
        }
        const size = 1 + random.below(waiting.length);
        for (const event of conversation.receive(waiting.subarray(0, size), 10)) {
          if (event.kind !== 'packet' || event.packet.type !== 'samples') throw new Error(event.kind);
          if (event.packet.firstSample !== count * 40) throw new Error(`index ${event.packet.firstSample}`);
          count += 1;
        }
        waiting = waiting.subarray(size);
        pieces += 1;
      }
      expect(count).to.equal(waiting.length === 0 ? sequence : sequence - 1);
    });
  });
});
