import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readCaptureControls } from '../../src/acquire/capture-mixer.js';
import {
  isSameSoundCard,
  listSoundCards,
  soundCardsNamed,
  type SoundCardPlaces,
} from '../../src/acquire/list-sound-cards.js';

/** As the kernel writes them for a laptop with a USB microphone. */
const CARDS = ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xdf240000 irq 129
 1 [Device         ]: USB-Audio - USB PnP Sound Device
                      C-Media Electronics Inc. USB PnP Sound Device at usb-0000:00:14.0-3, full speed
 2 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
`;
const STREAM = `C-Media Electronics Inc. USB PnP Sound Device at usb-0000:00:14.0-3, full speed : USB Audio

Playback:
  Status: Stop
  Interface 1
    Altset 1
    Format: S16_LE
    Channels: 2
    Rates: 32000, 96000

Capture:
  Status: Stop
  Interface 2
    Altset 1
    Format: S16_LE
    Channels: 1
    Rates: 44100, 48000
`;

describe('listSoundCards', () => {
  let folder: string;
  let places: SoundCardPlaces;
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lubdub-cards-'));
    places = { proc: join(folder, 'proc'), dev: join(folder, 'dev'), sys: join(folder, 'sys') };
    put('proc/cards', CARDS);
    put('proc/card0/pcm0c/sub0/status', 'closed\n');
    put('proc/card0/pcm0p/sub0/status', 'closed\n');
    put('proc/card1/usbid', '0d8c:0014\n');
    put('proc/card1/stream0', STREAM);
    put('proc/card1/pcm0c/sub0/status', 'state: RUNNING\nowner_pid   : 4711\ntrigger_time: 1.2\n');
    put('proc/card2/pcm0p/sub0/status', 'closed\n');
    put('dev/controlC1', '');
    put('dev/pcmC1D0c', '');
    put('dev/pcmC0D0c', '');
    mkdirSync(join(folder, 'dev/by-id'));
    symlinkSync('../controlC1', join(folder, 'dev/by-id/usb-C-Media_USB_PnP_Sound_Device-00'));
    put('devices/usb1/1-3/serial', 'A-17\n');
    mkdirSync(join(folder, 'devices/usb1/1-3/1-3:1.0'), { recursive: true });
    mkdirSync(join(folder, 'sys/card1'), { recursive: true });
    symlinkSync('../../devices/usb1/1-3/1-3:1.0', join(folder, 'sys/card1/device'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lists those that record, USB first, with all that tells one from another', () => {
    const cards = listSoundCards(places);
    expect(cards.map(({ number }) => number)).to.deep.equal([1, 0]);
    expect(cards[0]).to.deep.equal({
      path: 'hw:CARD=Device,DEV=0',
      number: 1,
      id: 'Device',
      name: 'C-Media Electronics Inc. USB PnP Sound Device',
      byId: join(folder, 'dev/by-id/usb-C-Media_USB_PnP_Sound_Device-00'),
      usbId: '0d8c:0014',
      usbSerialNumber: 'A-17',
      usbPlace: 'usb-0000:00:14.0-3',
      ratesHz: [44_100, 48_000],
      usedBy: 4711,
      isPermitted: true,
    });
    expect(cards[1]).to.deep.include({ path: 'hw:CARD=PCH,DEV=0', usbId: null, usedBy: null, ratesHz: null });
  });

  it('is empty where there is no ALSA', () => {
    expect(listSoundCards({ proc: '/nonexistent', dev: '/nonexistent', sys: '/nonexistent' })).to.deep.equal(
      [],
    );
  });

  it('finds a card by its number, its names and a part of its name', () => {
    const cards = listSoundCards(places);
    for (const word of [
      '1',
      'Device',
      'usb-C-Media_USB_PnP_Sound_Device-00',
      'hw:CARD=Device,DEV=0',
      'c-media',
    ]) {
      expect(
        soundCardsNamed(word, cards).map(({ number }) => number),
        word,
      ).to.deep.equal([1]);
    }
    expect(soundCardsNamed('plughw:1', cards)).to.deep.equal([]);
  });

  it('knows a card again by its serial number, else by its kind', () => {
    const [usb, builtIn] = listSoundCards(places);
    const moved = { ...usb, number: 5, id: 'Device_1', path: 'hw:CARD=Device_1,DEV=0' };
    expect(isSameSoundCard(usb, moved)).to.equal(true);
    expect(isSameSoundCard(usb, { ...moved, usbSerialNumber: 'A-18' })).to.equal(false);
    expect(isSameSoundCard(usb, builtIn)).to.equal(false);
  });
});

describe('readCaptureControls', () => {
  it('tells what is muted and what has no gain', () => {
    const controls = readCaptureControls(`Simple mixer control 'Speaker',0
  Capabilities: pvolume pswitch
  Playback channels: Front Left - Front Right
  Limits: Playback 0 - 37
  Front Left: Playback 20 [54%] [-17.00dB] [on]
  Front Right: Playback 20 [54%] [-17.00dB] [on]
Simple mixer control 'Mic',0
  Capabilities: pvolume pvolume-joined cvolume cvolume-joined pswitch pswitch-joined cswitch cswitch-joined
  Playback channels: Mono
  Capture channels: Mono
  Limits: Playback 0 - 31 Capture 0 - 35
  Mono: Playback 23 [74%] [-8.00dB] [off] Capture 0 [0%] [-12.00dB] [on]
Simple mixer control 'Line',0
  Capabilities: cvolume cswitch
  Capture channels: Front Left - Front Right
  Limits: Capture 0 - 35
  Front Left: Capture 20 [57%] [8.00dB] [off]
  Front Right: Capture 20 [57%] [8.00dB] [off]
`);
    expect(controls).to.deep.equal([
      { name: 'Mic', isMuted: false, gainPercent: 0 },
      { name: 'Line', isMuted: true, gainPercent: 57 },
    ]);
  });
});
