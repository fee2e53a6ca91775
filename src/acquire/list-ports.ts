import { readFileSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { SerialPort } from 'serialport';

/** A serial port of this machine, and what its USB descriptors say. Null is "not known". */
export interface PortDescription {
  /** The name to use: under `/dev/serial/by-id/` where there is one, as it survives replugging. */
  readonly path: string;
  /** The system's own name, e.g. `/dev/ttyACM0` or `COM3`. */
  readonly device: string;
  readonly manufacturer: string | null;
  /** Four hexadecimal digits in lower case. */
  readonly vendorId: string | null;
  readonly productId: string | null;
  readonly usbSerialNumber: string | null;
}

/** Where to look; a test names other places. */
export interface PortSources {
  readonly list: () => Promise<readonly ListedPort[]>;
  readonly byIdDirectory: string;
  readonly deviceDirectory: string;
  /** Kernel's directory of terminals, which tells a real built-in port from a name without hardware. */
  readonly ttyDirectory: string;
}

type ListedPort = Awaited<ReturnType<typeof SerialPort.list>>[number];

const systemSources: PortSources = {
  list: () => SerialPort.list(),
  byIdDirectory: '/dev/serial/by-id',
  deviceDirectory: '/dev',
  ttyDirectory: '/sys/class/tty',
};

/**
 * The serial ports of this machine, the likeliest first: those with a USB identity, then USB ports without, then
 * built-in ones. Built-in names without hardware behind them, of which a PC has dozens, are left out.
 */
export async function listPorts(sources: PortSources = systemSources): Promise<PortDescription[]> {
  const names = namesById(sources.byIdDirectory);
  const listed = await listOrLook(sources);
  return listed
    .filter((port) => isReal(port.path, sources.ttyDirectory))
    .map((port) => ({
      path: names.get(port.path) ?? port.path,
      device: port.path,
      manufacturer: port.manufacturer ?? null,
      vendorId: port.vendorId?.toLowerCase() ?? null,
      productId: port.productId?.toLowerCase() ?? null,
      usbSerialNumber: port.serialNumber ?? null,
    }))
    .sort((one, other) => rank(one) - rank(other) || one.path.localeCompare(other.path, 'en'));
}

/** Whether both are the same USB device, whatever port it is plugged into; false where that cannot be told. */
export function isSameUsbDevice(one: PortDescription, other: PortDescription): boolean {
  return (
    one.vendorId !== null &&
    one.usbSerialNumber !== null &&
    one.vendorId === other.vendorId &&
    one.productId === other.productId &&
    one.usbSerialNumber === other.usbSerialNumber
  );
}

function rank(port: PortDescription): number {
  if (port.path !== port.device) return 0;
  return port.vendorId !== null || /tty(ACM|USB)|usb/i.test(port.device) ? 1 : 2;
}

function namesById(directory: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    try {
      names.set(realpathSync(path), path);
    } catch {
      // A link that udev has not removed yet: the device is gone.
    }
  }
  return names;
}

/** The binding asks udevadm, which a container or a small system lacks: the names in /dev still tell the ports. */
async function listOrLook(sources: PortSources): Promise<readonly ListedPort[]> {
  try {
    return await sources.list();
  } catch {
    return namesIn(sources.deviceDirectory)
      .filter((name) => /^tty(ACM|USB|AMA|S)\d+$/.test(name))
      .map((name) => ({ ...unknownPort, path: join(sources.deviceDirectory, name) }));
  }
}

const unknownPort = {
  manufacturer: undefined,
  serialNumber: undefined,
  pnpId: undefined,
  locationId: undefined,
  productId: undefined,
  vendorId: undefined,
};

function isReal(path: string, ttyDirectory: string): boolean {
  const builtIn = /\/(ttyS\d+)$/.exec(path);
  if (builtIn === null) return true;
  try {
    // 0 is PORT_UNKNOWN of the kernel's serial_core.h.
    return readFileSync(join(ttyDirectory, builtIn[1], 'type'), 'utf8').trim() !== '0';
  } catch {
    return true;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
