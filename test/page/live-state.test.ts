import { expect } from 'chai';
import { LiveState } from '../../src/page/server/live-state.js';
import type { ControllerStatus } from '../../src/bedside/bedside-status.js';
import type { WindowEvent } from '../../src/screen/result-events.js';

const status = (state: ControllerStatus['state']): ControllerStatus => ({
  state,
  site: null,
  subject: null,
  session: null,
});
const device = {
  kind: 'device',
  path: '/dev/ttyACM0',
  firmware: null,
  serialNumber: null,
  sampleRateHz: 2000,
} as const;

const final = {
  kind: 'final',
  file: 'x',
  verdict: 'normal',
  probability: 0.2,
  reasons: [],
  durationSeconds: 20,
  usableSeconds: 18,
  windows: 18,
  lostSamples: 0,
  droppedWindows: 0,
  quality: 0.9,
  heartRateBpm: 71,
  sampleRateHz: 2000,
  model: { name: 'm', version: '1', sha256: '0' },
  stethoscope: null,
} as const;

function window(index: number, change: Partial<WindowEvent> = {}): WindowEvent {
  return {
    kind: 'window',
    index,
    startSeconds: index,
    endSeconds: index + 3,
    probability: 0.3,
    logit: null,
    quality: 0.9,
    usable: true,
    heartRateBpm: 70,
    reasons: [],
    dropped: null,
    ...change,
  };
}

function recordingState(): LiveState {
  const state = new LiveState();
  state.setStatus(status('connecting'));
  state.push(device);
  state.setStatus(status('recording'));
  return state;
}

describe('LiveState', () => {
  it('shows the figures of the last verdict, whatever windows came after it', () => {
    const state = recordingState();
    const verdict = {
      kind: 'verdict',
      verdict: 'listening',
      probability: 0.25,
      reasons: [],
      usableSeconds: 3,
    } as const;
    state.push(window(0));
    expect(state.view.verdict).to.equal(null);
    state.push(verdict);
    state.push(window(1, { probability: 0.9 }));
    expect(state.view.verdict).to.deep.equal(verdict);
    expect(state.view.windows.map(({ index }) => index)).to.deep.equal([0, 1]);
  });

  it('counts what was lost and where, and takes the final count over its own', () => {
    const state = recordingState();
    state.push({ kind: 'gap', atSample: 4000, lostSamples: 1000, cause: 'lost' });
    expect(state.view.lostSamples).to.equal(1000);
    expect(state.view.gaps).to.deep.equal([
      { fromSeconds: 2, toSeconds: 2.5, lostSamples: 1000, cause: 'lost' },
    ]);
  });

  it('begins anew with every recording, but keeps the device', () => {
    const state = recordingState();
    state.push({ kind: 'status', batteryPercent: 50, contact: true, overrunSamples: 0, clippedSamples: 0 });
    state.push(window(0));
    state.push({ kind: 'error', file: null, code: 'LUBDUB_PORT', message: 'it broke' });
    const { recording } = state;
    state.setStatus(status('stopped'));
    expect(state.view.windows).to.have.length(1);
    state.setStatus(status('connecting'));
    state.setStatus(status('recording'));
    expect(state.recording).to.equal(recording + 1);
    expect(state.view).to.deep.include({
      windows: [],
      error: null,
      verdict: null,
      batteryPercent: 50,
      device,
    });
  });

  it('forgets a recording that is discarded', () => {
    const state = recordingState();
    state.push(window(0));
    state.setStatus(status('idle'));
    expect(state.view).to.deep.include({ windows: [], verdict: null, final: null });
  });

  it('tells a lost connection from one that was never there', () => {
    const state = new LiveState();
    expect(state.view.connection.state).to.equal('none');
    state.setStatus(status('connecting'));
    expect(state.view.connection.state).to.equal('searching');
    state.push(device);
    state.push({ kind: 'connection', state: 'lost', path: '/dev/ttyACM0', message: 'unplugged' });
    expect(state.view.connection).to.deep.equal({ state: 'lost', message: 'unplugged' });
    state.push(device);
    expect(state.view.connection.state).to.equal('connected');
  });

  it('does not grow with the recording', () => {
    const state = recordingState();
    const sizes: number[] = [];
    for (let i = 0; i < 2000; i++) {
      state.push(window(i));
      state.push({ kind: 'gap', atSample: i, lostSamples: 1, cause: 'lost' });
      state.push({ kind: 'notice', file: '', message: 'again' });
      if (i === 100 || i === 1999) sizes.push(JSON.stringify(state.view).length);
    }
    expect(sizes[1]).to.be.below(1.2 * sizes[0]);
  });

  it('shows of each kind of rhythm notice the latest, and none of the recording before', () => {
    const state = recordingState();
    const rhythm = (notice: 'pause' | 'extra-beat', message: string) =>
      state.push({
        kind: 'rhythm',
        file: '',
        notice,
        startSeconds: 1,
        endSeconds: 2,
        confidence: 0.9,
        count: 1,
        message,
      });
    for (let i = 1; i <= 9; i++) rhythm('extra-beat', `beat ${i}`);
    rhythm('pause', 'a pause');
    rhythm('extra-beat', 'beat 10');
    expect(state.view.notices).to.deep.equal(['A pause', 'Beat 10']);
    state.setStatus(status('connecting'));
    expect(state.view.notices).to.deep.equal([]);
  });

  it('shows a preview with a trace of its own, beside the result that came before', () => {
    const state = recordingState();
    state.push(window(0));
    const { recording } = state;
    state.setStatus(status('stopped'));
    state.setStatus({ ...status('stopped'), preview: 'searching' });
    expect(state.view).to.deep.include({ device: null, connection: { state: 'searching', message: null } });
    expect(state.recording).to.equal(recording);
    state.push(device);
    state.setStatus({ ...status('stopped'), preview: 'listening' });
    expect(state.recording).to.equal(recording + 1);
    expect(state.view).to.deep.include({ windows: [], gaps: [], device, preview: null });
    expect(state.view.connection.state).to.equal('connected');
    const preview = { quality: 0.9, usable: true, reasons: [], heartRateBpm: 70 };
    state.takePreview(preview);
    expect(state.view.preview).to.equal(preview);
    state.setStatus({ ...status('connecting'), preview: null });
    expect(state.view.preview).to.equal(null);
    expect(state.recording).to.equal(recording + 2);
  });

  it('says that it waits, not that a connection was lost that never stood', () => {
    const state = new LiveState();
    state.setStatus(status('connecting'));
    state.push({ kind: 'connection', state: 'waiting', path: null, message: 'plug it in' });
    expect(state.view.connection).to.deep.equal({ state: 'searching', message: 'plug it in' });
  });

  it('marks a simulator as long as anything of it is shown', () => {
    const state = new LiveState();
    state.setStatus(status('connecting'));
    state.push({ ...device, simulated: true });
    state.setStatus(status('recording'));
    expect(state.view.simulated).to.equal(true);
    state.push(final);
    state.setStatus({ ...status('stopped'), preview: 'searching' });
    state.push(device);
    state.setStatus({ ...status('stopped'), preview: 'listening' });
    expect(state.view.simulated).to.equal(true);
    state.setStatus({ ...status('connecting'), preview: null });
    expect(state.view.simulated).to.equal(false);
  });

  it('shows a heart rate joined over windows, and of the whole recording at its end', () => {
    const state = recordingState();
    for (const heartRateBpm of [112, 113, 112, 56]) state.push(window(0, { heartRateBpm }));
    expect(state.view.heartRateBpm).to.be.closeTo(112.5, 1);
    state.push(final);
    expect(state.view.heartRateBpm).to.equal(final.heartRateBpm);
    state.setStatus(status('stopped'));
    state.setStatus(status('connecting'));
    state.push(window(0));
    expect(state.view.heartRateBpm).to.equal(null);
  });
});
