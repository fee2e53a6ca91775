import { expect } from 'chai';
import { from, lastValueFrom, of, Subject, toArray } from 'rxjs';
import { Backlog } from '../../src/classify/backlog.js';
import { classifyWindows, type Classified, type WindowScorer } from '../../src/classify/classify-windows.js';
import { ModelError } from '../../src/errors.js';
import type { Gap } from '../../src/decode/samples.js';
import type { HeartSoundWindow } from '../../src/window/window.js';
import { itIsAnOperator } from '../support/operator-cases.js';

const window = (
  index: number,
  features: Float32Array | undefined = Float32Array.of(index),
): HeartSoundWindow => ({
  kind: 'window',
  index,
  startSeconds: index,
  endSeconds: index + 3,
  features,
  quality: { sqi: 1, usable: true, reasons: [] },
  heartRate: null,
});
const gap: Gap = { kind: 'gap', atSample: 5, lostSamples: 2, cause: 'lost' };

/** Answers when told to, so that a test decides how slow the model is. */
class SlowScorer implements WindowScorer {
  readonly threadCount = 1;
  readonly calls: { index: number; resolve: (logit: number) => void; reject: (error: Error) => void }[] = [];

  score(features: Float32Array): Promise<number> {
    return new Promise((resolve, reject) => this.calls.push({ index: features[0], resolve, reject }));
  }
}

const echo: WindowScorer = { threadCount: 2, score: (features) => Promise.resolve(features[0]) };
const summary = (value: Classified) =>
  value.kind === 'gap' ? 'gap' : `${value.index}:${value.logit ?? value.dropped ?? 'unscored'}`;

/** Lets promises settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('classifyWindows', () => {
  itIsAnOperator(() => classifyWindows({ classifier: echo }), [window(0), window(1), gap]);

  it('keeps the order of windows and gaps', async () => {
    const out = await lastValueFrom(
      of(window(0), gap, window(1), window(2), gap).pipe(classifyWindows({ classifier: echo }), toArray()),
    );
    expect(out.map(summary)).to.deep.equal(['0:0', 'gap', '1:1', '2:2', 'gap']);
  });

  it('keeps the order even when a later window is scored first', async () => {
    const classifier = new SlowScorer();
    const seen: string[] = [];
    from([window(0), window(1)])
      .pipe(classifyWindows({ classifier }))
      .subscribe((value) => seen.push(summary(value)));
    classifier.calls[1].resolve(1);
    await settle();
    expect(seen).to.deep.equal([]);
    classifier.calls[0].resolve(0);
    await settle();
    expect(seen).to.deep.equal(['0:0', '1:1']);
  });

  it('drops the oldest waiting window when the queue is full, and says so in its place', async () => {
    const classifier = new SlowScorer();
    const source = new Subject<HeartSoundWindow>();
    const seen: string[] = [];
    source.pipe(classifyWindows({ classifier, capacity: 2 })).subscribe((value) => seen.push(summary(value)));
    for (let i = 0; i < 7; i++) source.next(window(i));
    source.complete();
    // 0 and 1 are with the model, 5 and 6 wait; 2, 3 and 4 were the oldest waiting ones.
    for (let answered = 0; answered < 4; answered++) {
      classifier.calls[answered].resolve(classifier.calls[answered].index);
      await settle();
    }
    expect(seen).to.deep.equal(['0:0', '1:1', '2:overload', '3:overload', '4:overload', '5:5', '6:6']);
  });

  it('hands a window on as lost when its worker dies, and goes on', async () => {
    const classifier: WindowScorer = {
      threadCount: 1,
      score: (features) =>
        features[0] === 1
          ? Promise.reject(new ModelError('trap', { code: 'LUBDUB_RUNTIME' }))
          : Promise.resolve(features[0]),
    };
    const out = await lastValueFrom(
      of(window(0), window(1), window(2)).pipe(classifyWindows({ classifier }), toArray()),
    );
    expect(out.map(summary)).to.deep.equal(['0:0', '1:inference', '2:2']);
  });

  it('fails when the classifier cannot go on', async () => {
    const classifier: WindowScorer = {
      threadCount: 1,
      score: () => Promise.reject(new ModelError('unusable')),
    };
    let failure: unknown;
    of(window(0))
      .pipe(classifyWindows({ classifier }))
      .subscribe({ error: (error: unknown) => (failure = error) });
    await settle();
    expect(failure).to.be.instanceOf(ModelError);
  });

  it('does not score a window without energy', async () => {
    const silent: HeartSoundWindow = { ...window(0), features: undefined };
    const out = await lastValueFrom(of(silent).pipe(classifyWindows({ classifier: echo }), toArray()));
    expect(out.map(summary)).to.deep.equal(['0:unscored']);
  });

  it('tells a source that can wait when there is room', async () => {
    const classifier = new SlowScorer();
    const backlog = new Backlog(2);
    const source = new Subject<HeartSoundWindow>();
    source.pipe(classifyWindows({ classifier, backlog })).subscribe();
    source.next(window(0));
    await backlog.untilRoom();
    source.next(window(1));
    let hasRoom = false;
    const room = backlog.untilRoom().then(() => (hasRoom = true));
    await settle();
    expect(hasRoom).to.equal(false);
    classifier.calls[0].resolve(0);
    await room;
    expect(backlog.size).to.equal(1);
  });

  it('refuses a queue without room', () => {
    expect(() => classifyWindows({ classifier: echo, capacity: 0 })).to.throw(/from 1 on or Infinity, got 0/);
  });
});
