import { expect } from 'chai';
import type { PortDescription } from '../../src/acquire/list-ports.js';
import type { InfoPacket } from '../../src/decode/wire/packet.js';
import { candidatePorts } from '../../src/device/candidate-ports.js';
import { KnownDevice } from '../../src/device/known-device.js';

const info = (serialNumber: string, sampleRateHz = 2000): InfoPacket => ({
  type: 'info',
  protocolCurrent: 1,
  protocolMin: 1,
  firmware: '',
  serialNumber,
  sampleRateHz,
  bitsPerSample: 16,
  fullScale: 32768,
  compatibleFlags: 0,
  incompatibleFlags: 0,
});
const usb = (path: string, usbSerialNumber: string | null): PortDescription => ({
  path,
  device: path,
  manufacturer: null,
  vendorId: '303a',
  productId: '1001',
  usbSerialNumber,
});

describe('KnownDevice', () => {
  it('knows a device by its serial number, at any port', () => {
    const known = new KnownDevice('/dev/a', info('42'), undefined);
    expect(known.reject(info('42'), '/dev/b', undefined)).to.equal(undefined);
    expect(known.reject(info('43'), '/dev/a', undefined)).to.match(/stethoscope 43 answers, but 42/);
    expect(known.reject(info(''), '/dev/a', undefined)).to.match(/without a serial number answers, but 42/);
  });

  it('knows one without a serial number by USB, and else by its port', () => {
    const known = new KnownDevice('/dev/a', info(''), usb('/dev/a', 'u1'));
    expect(known.reject(info(''), '/dev/b', usb('/dev/b', 'u1'))).to.equal(undefined);
    expect(known.reject(info(''), '/dev/b', usb('/dev/b', 'u2'))).to.match(/another port/);
    expect(known.reject(info(''), '/dev/a', undefined)).to.equal(undefined);
    expect(known.reject(info('42'), '/dev/a', undefined)).to.match(/42 answers, but one without/);
  });

  it('tells whether samples are to be read otherwise', () => {
    const known = new KnownDevice('/dev/a', info('42'), undefined);
    expect(known.formatDiffers({ ...info('42'), firmware: 'newer' })).to.equal(false);
    expect(known.formatDiffers(info('42', 4000))).to.equal(true);
    expect(known.formatDiffers({ ...info('42'), bitsPerSample: 24 })).to.equal(true);
    expect(known.formatDiffers({ ...info('42'), fullScale: 2048 })).to.equal(true);
  });
});

describe('candidatePorts', () => {
  const ports = [usb('/dev/a', 'u1'), usb('/dev/b', 'u2'), usb('/dev/c', null)];
  const lists = {
    listPorts: () => Promise.resolve(ports),
    listSimulatedPorts: () => ['/run/simulator-1'],
  };
  const known = new KnownDevice('/dev/b', info('42'), ports[1]);

  it('asks all ports, and simulated ones only when no other answers', async () => {
    const { paths, lastResort } = await candidatePorts('auto', undefined, lists);
    expect(paths).to.deep.equal(['/dev/a', '/dev/b', '/dev/c']);
    expect(lastResort).to.deep.equal(['/run/simulator-1']);
  });

  it('asks simulated ports at once where there is no other', async () => {
    const none = { ...lists, listPorts: () => Promise.resolve([]) };
    const { paths, lastResort } = await candidatePorts('auto', undefined, none);
    expect({ paths, lastResort }).to.deep.equal({ paths: ['/run/simulator-1'], lastResort: [] });
  });

  it('asks a named port alone, even where ports cannot be listed', async () => {
    const broken = { listPorts: () => Promise.reject(new Error('no udev')) };
    expect((await candidatePorts('/dev/x', undefined, broken)).paths).to.deep.equal(['/dev/x']);
  });

  it('looks for a lost device at its own port first, and then at all others', async () => {
    const { paths } = await candidatePorts('auto', known, lists);
    expect(paths).to.deep.equal(['/dev/b', '/dev/a', '/dev/c', '/run/simulator-1']);
  });

  it('looks for a device at a named port there and where the same USB device is, nowhere else', async () => {
    const moved = { ...lists, listPorts: () => Promise.resolve([ports[0], usb('/dev/d', 'u2'), ports[2]]) };
    expect((await candidatePorts('/dev/b', known, moved)).paths).to.deep.equal(['/dev/b', '/dev/d']);
  });
});
