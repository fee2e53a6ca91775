import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { Subject } from 'rxjs';
import { BedsideVitals } from '../../src/health/bedside-vitals.js';
import { DiskSpace } from '../../src/health/disk-space.js';
import type { ControllerStatus } from '../../src/bedside/bedside-status.js';
import type { TraceChunk } from '../../src/bedside/screening-controller.js';
import { startPage } from '../../src/page/server/start-page.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { ask } from '../support/page-client.js';

const MIB = 2 ** 20;
const TOKEN = 'a-token-of-enough-letters';
const model = { name: 'm "quoted" \\ and\nnewline', version: '1', sha256: 'ab' };

class Source {
  readonly status$ = new Subject<ControllerStatus>();
  readonly events$ = new Subject<ScreeningEvent>();
  readonly trace$ = new Subject<TraceChunk>();

  status(state: ControllerStatus['state']): void {
    this.status$.next({ state, site: null, subject: null, session: null });
  }

  window(endSeconds: number, change: object = {}): void {
    const window = {
      startSeconds: endSeconds - 3,
      endSeconds,
      index: 0,
      probability: 0.5,
      logit: 0,
      quality: 1,
    };
    const rest = { usable: true, heartRateBpm: null, reasons: [], dropped: null };
    this.events$.next({ kind: 'window', ...window, ...rest, ...change });
  }

  hear(startSeconds: number, seconds: number): void {
    this.trace$.next({ startSeconds, sampleRateHz: 1000, samples: new Float64Array(1000 * seconds) });
  }
}

function watched(freeBytes = 1000 * MIB) {
  const source = new Source();
  const disk = new DiskSpace('/sessions', () => Promise.resolve(freeBytes), 50);
  const vitals = new BedsideVitals({
    controller: source,
    version: '0.1.0',
    model,
    disk,
    publishWaiting: () => 7,
  });
  return { source, vitals };
}

function busy(source: Source): void {
  source.status('connecting');
  source.events$.next({
    kind: 'device',
    path: '/dev/x',
    firmware: null,
    serialNumber: null,
    sampleRateHz: 4000,
  });
  source.status('recording');
  source.events$.next({ kind: 'recording', state: 'begun', directory: '/s', message: '' });
  source.events$.next({
    kind: 'status',
    batteryPercent: 80,
    contact: true,
    overrunSamples: 0,
    clippedSamples: 0,
  });
  source.hear(0, 5);
  source.window(3);
  source.window(4, { usable: false });
  source.window(5, { dropped: 'overload', usable: false });
  source.events$.next({ kind: 'gap', atSample: 20_000, lostSamples: 123, cause: 'lost' });
}

describe('BedsideVitals', () => {
  it('counts what happened', async () => {
    const { source, vitals } = watched();
    busy(source);
    const text = await vitals.metrics();
    for (const line of [
      'lubdub_windows_total{outcome="usable"} 1',
      'lubdub_windows_total{outcome="unusable"} 1',
      'lubdub_windows_total{outcome="dropped"} 1',
      'lubdub_gaps_total{cause="lost"} 1',
      'lubdub_lost_samples_total 123',
      'lubdub_sessions_total 1',
      'lubdub_window_delay_seconds_count 3',
      'lubdub_device{state="connected"} 1',
      'lubdub_recording 1',
      'lubdub_battery_ratio 0.8',
      'lubdub_publish_waiting 7',
      `lubdub_disk_free_bytes ${1000 * MIB}`,
    ]) {
      expect(text.split('\n')).to.include(line);
    }
    const nothingKnown = { contact: null, overrunSamples: 0, clippedSamples: 0, batteryPercent: null };
    source.events$.next({ kind: 'status', ...nothingKnown });
    expect(await vitals.metrics()).not.to.match(/^lubdub_battery_ratio/m);
    vitals.close();
    source.window(6);
    expect(await vitals.metrics()).to.include('lubdub_windows_total{outcome="usable"} 1\n');
  });

  it('is read by the parser of Prometheus', async function () {
    const python = ['tools/.venv/bin/python', process.env.LUBDUB_PYTHON ?? 'python3'].find(
      (name) => spawnSync(name, ['-c', 'import prometheus_client.openmetrics.parser']).status === 0,
    );
    if (python === undefined) {
      if (process.env.LUBDUB_REQUIRE_ALL !== undefined)
        throw new Error('needs the Python package prometheus-client');
      console.log('      SKIPPED: needs the Python package prometheus-client');
      this.skip();
    }
    const { source, vitals } = watched();
    busy(source);
    const program =
      'import sys, json; from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse; ' +
      'print(json.dumps({s.name + json.dumps(s.labels, sort_keys=True): s.value for f in parse(sys.stdin.read()) for s in f.samples}))';
    const { stdout, stderr } = spawnSync(python, ['-c', program], {
      input: await vitals.metrics(),
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    const samples = JSON.parse(stdout) as Record<string, number>;
    expect(samples['lubdub_windows_total{"outcome": "usable"}']).to.equal(1);
    expect(samples['lubdub_window_delay_seconds_bucket{"le": "+Inf"}']).to.equal(3);
    expect(Object.keys(samples).some((name) => name.includes(JSON.stringify(model.name)))).to.equal(true);
  });

  it('is ill where signal waits, where the disk is full or hangs, where a session is not stored', async () => {
    const { source, vitals } = watched();
    expect((await vitals.health()).state).to.equal('ok');
    busy(source);
    expect((await vitals.health()).state).to.equal('ok');
    source.hear(5, 30);
    expect(await vitals.health()).to.deep.include({ state: 'failed' });
    source.window(35);
    expect((await vitals.health()).state).to.equal('ok');
    const message = 'the disk is full';
    source.events$.next({ kind: 'recording', state: 'stopped', directory: null, message });
    expect(await vitals.health()).to.deep.include({ state: 'failed', message });

    expect((await watched(5 * MIB).vitals.health()).parts.disk.state).to.equal('failed');
    expect((await watched(50 * MIB).vitals.health()).parts.disk.state).to.equal('warning');
    let questions = 0;
    const hanging = new DiskSpace('/sessions', () => (questions++, new Promise<number>(() => {})), 20);
    expect((await hanging.sign()).message).to.include('does not answer');
    await hanging.sign();
    expect(questions).to.equal(1);
  });

  it('a lost stethoscope is a warning: no restart brings it back', async () => {
    const { source, vitals } = watched();
    busy(source);
    source.events$.next({ kind: 'connection', state: 'lost', path: null, message: 'unplugged' });
    expect((await vitals.health()).state).to.equal('warning');
  });
});

describe('health and metrics on the live page', () => {
  it('are for whoever may see the page', async () => {
    const controller = new FakeController(new Float64Array(4000));
    const vitals = new BedsideVitals({ controller, version: '0.1.0', model });
    const page = await startPage({
      controller,
      version: '0.1.0',
      rules: validContract().verdict,
      model: null,
      port: 0,
      vitals,
      token: TOKEN,
    });
    try {
      const headers = { authorization: `Bearer ${TOKEN}` };
      for (const path of ['/healthz', '/metrics']) {
        expect((await ask(page.port, path)).status, path).to.equal(401);
        const foreign = { ...headers, 'sec-fetch-site': 'cross-site' };
        expect((await ask(page.port, path, { headers: foreign })).status, path).to.equal(403);
      }
      const health = await ask(page.port, '/healthz', { headers });
      expect(health.status).to.equal(200);
      expect(JSON.parse(health.body.toString())).to.deep.include({ state: 'ok', version: '0.1.0' });
      const metrics = await ask(page.port, '/metrics', { headers });
      expect(metrics.headers['content-type']).to.equal(
        'application/openmetrics-text; version=1.0.0; charset=utf-8',
      );
      expect(metrics.body.toString()).to.match(/^# EOF\n?$/m);
      const failed = { state: 'failed', message: 'full', version: '1', parts: {} } as const;
      vitals.health = () => Promise.resolve(failed);
      expect((await ask(page.port, '/healthz', { headers })).status).to.equal(503);
    } finally {
      controller.pause();
      await page.close();
      vitals.close();
    }
  });
});
