import { expect } from 'chai';
import fc from 'fast-check';
import { isSameStethoscope, proposedName } from '../../src/calibrate/device-identity.js';
import { checkProfileName } from '../../src/verdict/stethoscope-profile.js';

describe('proposedName', () => {
  it('is the serial number, or the USB name without what all of these share', () => {
    const of = (serialNumber: string | null, usbId: string | null) => proposedName({ serialNumber, usbId });
    expect(of('LD-0001', 'usb-x')).to.equal('LD-0001');
    expect(of(null, 'usb-FTDI_FT232R_USB_UART_A5XK3RJT-if00-port0')).to.equal(
      'FTDI_FT232R_USB_UART_A5XK3RJT',
    );
    expect(of('Ward 3 / ünit', null)).to.equal('Ward-3-nit');
    for (const nameless of [of('–', null), of('none', null), proposedName(null)])
      expect(nameless).to.equal('stethoscope-1');
  });

  it('can be the name of a profile, whatever a device calls itself', () => {
    const said = fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }));
    fc.assert(
      fc.property(said, said, (serialNumber, usbId) => {
        const name = proposedName({ serialNumber, usbId });
        expect(checkProfileName(name)).to.equal(name);
      }),
    );
  });
});

describe('isSameStethoscope', () => {
  it('goes by serial number, then by USB name, and by the port of one that tells neither', () => {
    const same = (one: [string | null, string], other: [string | null, string]) =>
      isSameStethoscope({ serialNumber: one[0], path: one[1] }, { serialNumber: other[0], path: other[1] });
    expect(same(['A', '/dev/a'], ['A', '/dev/b'])).to.equal(true);
    expect(same(['A', '/dev/a'], ['B', '/dev/a'])).to.equal(false);
    expect(same([null, '/dev/serial/by-id/x'], [null, '/dev/serial/by-id/x'])).to.equal(true);
    expect(same([null, '/dev/serial/by-id/x'], [null, '/dev/serial/by-id/y'])).to.equal(false);
    expect(same([null, '/dev/a'], [null, '/dev/a'])).to.equal(true);
    expect(same([null, '/dev/a'], [null, '/dev/b'])).to.equal(false);
    expect(same([null, '/dev/a'], ['A', '/dev/a'])).to.equal(false);
  });
});
