import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isSameUsbDevice, listPorts, type PortSources } from '../../src/acquire/list-ports.js';

type Listed = Awaited<ReturnType<PortSources['list']>>[number];

const plain: Listed = {
  path: '',
  manufacturer: undefined,
  serialNumber: undefined,
  pnpId: undefined,
  locationId: undefined,
  productId: undefined,
  vendorId: undefined,
};

describe('listPorts', () => {
  let root = '';
  let sources: PortSources;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'lubdub-ports-')));
    for (const directory of ['dev', 'by-id', 'tty/ttyS0', 'tty/ttyS1']) {
      mkdirSync(join(root, directory), { recursive: true });
    }
    writeFileSync(join(root, 'tty/ttyS0/type'), '4\n');
    writeFileSync(join(root, 'tty/ttyS1/type'), '0\n');
    for (const name of ['ttyS0', 'ttyS1', 'ttyACM0', 'ttyUSB0', 'tty7', 'null']) {
      writeFileSync(join(root, 'dev', name), '');
    }
    symlinkSync(join(root, 'dev/ttyACM0'), join(root, 'by-id/usb-Maker_lubdub_0042-if00'));
    symlinkSync(join(root, 'dev/ttyACM9'), join(root, 'by-id/usb-Maker_gone-if00'));
    sources = {
      list: () => Promise.resolve([]),
      byIdDirectory: join(root, 'by-id'),
      deviceDirectory: join(root, 'dev'),
      ttyDirectory: join(root, 'tty'),
    };
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const dev = (name: string): string => join(root, 'dev', name);

  it('prefers lasting names, puts USB first and leaves out built-in ports without hardware', async () => {
    const list = (): Promise<Listed[]> =>
      Promise.resolve([
        { ...plain, path: dev('ttyS1') },
        { ...plain, path: dev('ttyS0') },
        { ...plain, path: dev('ttyUSB0'), vendorId: '10C4', productId: 'EA60' },
        { ...plain, path: dev('ttyACM0'), vendorId: '303A', productId: '1001', serialNumber: '0042' },
      ]);
    const ports = await listPorts({ ...sources, list });
    expect(ports.map((port) => port.path)).to.deep.equal([
      join(root, 'by-id/usb-Maker_lubdub_0042-if00'),
      dev('ttyUSB0'),
      dev('ttyS0'),
    ]);
    expect(ports[0]).to.deep.equal({
      path: join(root, 'by-id/usb-Maker_lubdub_0042-if00'),
      device: dev('ttyACM0'),
      manufacturer: null,
      vendorId: '303a',
      productId: '1001',
      usbSerialNumber: '0042',
    });
  });

  it('looks at the names in /dev where the system cannot be asked', async () => {
    const list = (): Promise<Listed[]> => Promise.reject(new Error('spawn udevadm ENOENT'));
    const ports = await listPorts({ ...sources, list });
    expect(ports.map((port) => port.device)).to.deep.equal([dev('ttyACM0'), dev('ttyUSB0'), dev('ttyS0')]);
  });

  it('answers on this machine, whatever is plugged in', async () => {
    for (const port of await listPorts()) expect(port.path).to.be.a('string').and.not.equal('');
  });

  it('takes two ports for the same device only when both tell vendor, product and serial number', async () => {
    const list = (): Promise<Listed[]> =>
      Promise.resolve([
        { ...plain, path: 'a', vendorId: '303a', productId: '1001', serialNumber: '0042' },
        { ...plain, path: 'b', vendorId: '303A', productId: '1001', serialNumber: '0042' },
        { ...plain, path: 'c', vendorId: '303a', productId: '1001', serialNumber: '0043' },
        { ...plain, path: 'd', vendorId: '303a', productId: '1001' },
        { ...plain, path: 'e', vendorId: '303a', productId: '1001' },
      ]);
    const [a, b, c, d, e] = await listPorts({ ...sources, list });
    expect(isSameUsbDevice(a, b)).to.equal(true);
    expect(isSameUsbDevice(a, c)).to.equal(false);
    expect(isSameUsbDevice(d, e), 'two boards without serial numbers').to.equal(false);
  });
});
