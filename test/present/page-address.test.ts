import { expect } from 'chai';
import jsqr from 'jsqr';
import { pageAddressLines } from '../../src/present/page-address.js';
import { addressesToOpen } from '../../src/page/server/request-guard.js';

const TOKEN = 'a-token-of-enough-letters_0123456789';
const PIXELS = 4;

/** Draws lines of half blocks as a terminal does that writes light on dark, and reads the code in them. */
function readCode(lines: readonly string[]): string | null {
  const width = lines[0].length * PIXELS;
  const height = lines.length * 2 * PIXELS;
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const character = lines[Math.floor(y / PIXELS / 2)][Math.floor(x / PIXELS)];
      const isUpper = Math.floor(y / PIXELS) % 2 === 0;
      const isLight = character === '█' || character === (isUpper ? '▀' : '▄');
      pixels.fill(isLight ? 255 : 0, 4 * (y * width + x), 4 * (y * width + x) + 3);
      pixels[4 * (y * width + x) + 3] = 255;
    }
  }
  const read = jsqr as unknown as { default?: typeof jsqr.default } & typeof jsqr.default;
  return (read.default ?? read)(pixels, width, height)?.data ?? null;
}

describe('the live page’s address', () => {
  it('is a code that a phone reads, with the secret, where a phone can reach it', () => {
    for (const host of ['192.168.1.20', '10.0.0.7', '[fe80::1]', 'ward-pi.local']) {
      const url = `http://${host}:4912/?token=${TOKEN}`;
      const [address, ...code] = pageAddressLines([url, 'http://127.0.0.1:4912/'], true).filter(
        (line) => !line.includes('127.0.0.1'),
      );
      expect(address).to.equal(`live page: ${url}`);
      expect(readCode(code)).to.equal(url);
      // It fits a terminal of 80 columns.
      expect(Math.max(...code.map((line) => line.length))).to.be.at.most(80);
    }
  });

  it('is words alone for this machine itself, and in a log', () => {
    expect(pageAddressLines(['http://127.0.0.1:4912/'], true)).to.deep.equal([
      'live page: http://127.0.0.1:4912/',
    ]);
    const url = `http://192.168.1.20:4912/?token=${TOKEN}`;
    expect(pageAddressLines([url], false)).to.deep.equal([`live page: ${url}`]);
  });

  it('puts what only containers and this machine reach behind the network’s own', () => {
    const found = (address: string, internal = false) =>
      ({ address, family: 'IPv4', internal, netmask: '', mac: '', cidr: null }) as never;
    const interfaces = {
      lo: [found('127.0.0.1', true)],
      docker0: [found('172.17.0.1')],
      'br-1234': [found('172.18.0.1')],
      wlan0: [found('192.168.1.20')],
    };
    expect(addressesToOpen('0.0.0.0', interfaces)).to.deep.equal([
      '192.168.1.20',
      '172.17.0.1',
      '172.18.0.1',
      '127.0.0.1',
    ]);
  });
});
