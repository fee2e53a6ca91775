import { expect } from 'chai';
import { crc16 } from '../../../src/decode/wire/crc16.js';

describe('crc16', () => {
  it('gives the published check value of CRC-16/XMODEM', () => {
    expect(crc16(Buffer.from('123456789'))).to.equal(0x31c3);
  });

  it('is 0 for no bytes and for zeros, as its initial value is 0', () => {
    expect(crc16(new Uint8Array(0))).to.equal(0);
    expect(crc16(new Uint8Array(100))).to.equal(0);
  });

  it('gives the polynomial itself for a single one bit', () => {
    expect(crc16(Uint8Array.of(1))).to.equal(0x1021);
  });

  it('is 0 over data followed by its own checksum, high byte first', () => {
    const data = Uint8Array.from({ length: 253 }, (_, i) => (i * 7 + 3) & 0xff);
    const crc = crc16(data);
    expect(crc16(Uint8Array.of(...data, crc >> 8, crc & 0xff))).to.equal(0);
  });

  it('counts only the bytes of the range', () => {
    expect(crc16(Buffer.from('xx123456789y'), 2, 11)).to.equal(0x31c3);
  });
});
