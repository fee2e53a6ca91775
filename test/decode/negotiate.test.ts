import { expect } from 'chai';
import { ProtocolError } from '../../src/errors.js';
import { negotiate } from '../../src/decode/negotiate.js';
import type { HelloPacket, InfoPacket } from '../../src/decode/packet.js';

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
    expect(() => negotiate({ ...info, sampleRateHz: 0 })).to.throw(
      ProtocolError,
      'sampleRateHz must be positive',
    );
  });
});
