import { expect } from 'chai';
import { checkMachine } from '../../src/present/supported-machine.js';

describe('the machine', () => {
  it('may be a 64-bit one', () => {
    for (const architecture of ['arm64', 'x64', process.arch]) checkMachine(architecture);
  });

  it('is refused with 32 bits, and told what to install', () => {
    expect(() => checkMachine('arm'))
      .to.throw(/64-bit.*Raspberry Pi OS \(64-bit\)/)
      .with.property('code', 'LUBDUB_CONFIGURATION');
    expect(() => checkMachine('ia32')).to.throw(/64-bit operating system/);
  });
});
