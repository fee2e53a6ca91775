import { isSameUsbDevice, type PortDescription } from '../acquire/list-ports.js';
import type { InfoPacket } from '../decode/wire/packet.js';

/** A device that was chosen, to know it again. */
export class KnownDevice {
  readonly path: string;
  readonly info: InfoPacket;
  private readonly usb: PortDescription | undefined;

  /** @param usb what is known of the port that it was found at. */
  constructor(path: string, info: InfoPacket, usb: PortDescription | undefined) {
    this.path = path;
    this.info = info;
    this.usb = usb;
  }

  /** Whether a port is that of this device, as far as USB tells. */
  isSameUsb(port: PortDescription): boolean {
    return this.usb !== undefined && isSameUsbDevice(this.usb, port);
  }

  /** Why what answers at a port is not this device; undefined where it is. */
  reject(info: InfoPacket, path: string, usb: PortDescription | undefined): string | undefined {
    const { serialNumber } = this.info;
    if (serialNumber !== '' || info.serialNumber !== '') {
      if (info.serialNumber === serialNumber) return undefined;
      return `stethoscope ${info.serialNumber || 'without a serial number'} answers, but ${serialNumber || 'one without a serial number'} is waited for`;
    }
    // Neither has a serial number: then USB tells, and where it does not, the port.
    if (usb !== undefined && this.isSameUsb(usb)) return undefined;
    if (path === this.path) return undefined;
    return 'a stethoscope without a serial number answers at another port than the one that was lost';
  }

  /** Whether samples have to be read otherwise than before. */
  formatDiffers(info: InfoPacket): boolean {
    return (
      info.sampleRateHz !== this.info.sampleRateHz ||
      info.bitsPerSample !== this.info.bitsPerSample ||
      info.fullScale !== this.info.fullScale
    );
  }
}
