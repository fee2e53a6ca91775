import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../src/errors.js';
import { bedsideName, brokerAddress } from '../../src/publish/broker-address.js';
import { inFolder } from '../support/sessions.js';

describe('brokerAddress', () => {
  it('reads certificates, key and login from their files', () =>
    inFolder(async (folder) => {
      const pem = join(folder, 'a.pem');
      const login = join(folder, 'login');
      await writeFile(pem, '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n');
      await writeFile(login, 'ward-3:a:secret\r\nanother line');
      const address = brokerAddress({ url: 'mqtts://broker.example', ca: pem, cert: pem, key: pem, login });
      expect(address.ca).to.include('BEGIN CERTIFICATE');
      expect(address.username).to.equal('ward-3');
      expect(address.password).to.equal('a:secret');
    }));

  for (const [what, options, remedy] of [
    ['no address', { url: 'broker' }, /mqtts:\/\/broker\.example/],
    ['another protocol', { url: 'http://broker' }, /mqtt, mqtts, ws or wss/],
    ['a password in the address', { url: 'mqtt://user:secret@broker' }, /--broker-login/],
    ['a certificate without its key', { url: 'mqtts://broker', cert: 'a' }, /--broker-key/],
    ['an authority for a line that is not encrypted', { url: 'mqtt://broker', ca: 'a' }, /mqtts:/],
    ['a file that is not there', { url: 'mqtts://broker', ca: '/nonexistent/ca' }, /--broker-ca/],
    ['a file that is no certificate', { url: 'mqtts://broker', ca: '/dev/null' }, /PEM/],
    ['a login without a password', { url: 'mqtts://broker', login: '/dev/null' }, /user:password/],
  ] as const) {
    it(`refuses ${what}, with the remedy, and repeats no secret`, () => {
      expect(() => brokerAddress(options))
        .to.throw(ConfigurationError, remedy)
        .with.property('message')
        .that.does.not.include('secret');
    });
  }

  it('makes a name of the machine where none is given, and refuses what topics cannot hold', () => {
    expect(bedsideName(undefined)).to.match(/^[A-Za-z0-9_-]{1,64}$/);
    expect(bedsideName('ward-3')).to.equal('ward-3');
    for (const name of ['', 'a/b', '+', '#', 'Jane Doe', 'x'.repeat(65)]) {
      expect(() => bedsideName(name)).to.throw(ConfigurationError, /--bedside/);
    }
  });
});
