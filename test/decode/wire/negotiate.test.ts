import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/errors.js';
import { negotiate } from '../../../src/decode/wire/negotiate.js';
import type { HelloPacket, InfoPacket } from '../../../src/decode/wire/packet.js';

const info: InfoPacket = {
  type: 'info',
  protocolCurrent: 1,
  protocolMin: 1,
  firmware: 'f',
  serialNumber: 's',
  sampleRateHz: 4000,
  bitsPerSample: 16,
  fullScale: 32768,
  compatibleFlags: 0xffffffff,
  incompatibleFlags: 0,
};
const versions = (
  protocolCurrent: number,
  protocolMin: number,
): { protocolCurrent: number; protocolMin: number } => ({
  protocolCurrent,
  protocolMin,
});
const hello = (protocolCurrent: number, protocolMin: number): HelloPacket => ({
  type: 'hello',
  ...versions(protocolCurrent, protocolMin),
});

describe('negotiate', () => {
  // The table under "Versions" in firmware-protocol/README.md.
  it('takes the newest version that both sides speak', () => {
    expect(negotiate(info)).to.equal(1);
    expect(negotiate({ ...info, ...versions(3, 1) })).to.equal(1);
    expect(negotiate({ ...info, ...versions(3, 1) }, hello(4, 2))).to.equal(3);
  });

  it('says whose software is too old where no version is common', () => {
    expect(() => negotiate({ ...info, ...versions(3, 2) })).to.throw(
      ProtocolError,
      'must speak one of the protocol versions 1..1, got 2..3: update lubdub',
    );
    expect(() => negotiate(info, hello(4, 2))).to.throw(ProtocolError, "update the stethoscope's firmware");
  });

  it('ignores compatible flags that it does not know and refuses incompatible ones by name', () => {
    expect(negotiate({ ...info, compatibleFlags: 0x80000000 })).to.equal(1);
    expect(() => negotiate({ ...info, incompatibleFlags: 0x80000001 })).to.throw(ProtocolError, '0x80000001');
  });

  it('refuses a format that cannot be', () => {
    expect(() => negotiate({ ...info, bitsPerSample: 32 })).to.throw(
      ProtocolError,
      'must be 16 or 24, got 32',
    );
    expect(() => negotiate({ ...info, fullScale: 0 })).to.throw(
      ProtocolError,
      'fullScale must be in 1..32768',
    );
    expect(() => negotiate({ ...info, fullScale: 32769 })).to.throw(ProtocolError, 'got 32769');
    expect(negotiate({ ...info, bitsPerSample: 24, fullScale: 2 ** 23 })).to.equal(1);
  });

  it('takes a sample rate within the bounds of the protocol, and no other', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
        (sampleRateHz) => {
          const ask = () => negotiate({ ...info, sampleRateHz });
          if (sampleRateHz >= 1000 && sampleRateHz <= 192_000) expect(ask()).to.equal(1);
          else
            expect(ask).to.throw(
              ProtocolError,
              `sampleRateHz must be a whole number in 1000..192000 Hz, got ${sampleRateHz}`,
            );
        },
      ),
    );
    for (const sampleRateHz of [1000, 192_000]) expect(negotiate({ ...info, sampleRateHz })).to.equal(1);
    for (const sampleRateHz of [0, 1, 999, 192_001, 999_983, 100_000_007, 2 ** 32 - 1])
      expect(() => negotiate({ ...info, sampleRateHz })).to.throw(ProtocolError, `got ${sampleRateHz}`);
  });
});
