import { expect } from 'chai';
import fc from 'fast-check';
import { BedsideStateTracker } from '../../src/publish/bedside-state.js';
import { readWardMessage, type ReceivedMessage } from '../../src/ward/ward-message.js';
import { finalOf, MODEL, windowAt } from '../support/published-bedside.js';

const AT = '2026-01-02T03:04:05.678Z';
const properties = { schema: '1', id: '3206d62c-b2e7-4831-89da-21df9e6d35e1.7', at: AT };

const message = (kind: string, value: unknown, change: Partial<ReceivedMessage> = {}): ReceivedMessage => ({
  topic: `lubdub/ward-3/${kind}`,
  payload: Buffer.from(JSON.stringify(value)),
  userProperties: properties,
  ...change,
});

const state = new BedsideStateTracker({ bedside: 'ward-3', lubdub: '1', model: MODEL }).view(new Date(AT));

describe('readWardMessage', () => {
  it('reads states, windows and results as bedsides send them', () => {
    expect(readWardMessage(message('state', state))).to.deep.include({ kind: 'state', bedside: 'ward-3' });
    expect(readWardMessage(message('window', windowAt(3)))).to.deep.include({
      kind: 'window',
      window: windowAt(3),
    });
    const read = readWardMessage(
      message('final', finalOf(20), { userProperties: { ...properties, subject: 'P-1', site: 'mitral' } }),
    );
    expect(read)
      .to.have.property('result')
      .that.deep.includes({
        id: properties.id,
        bedside: 'ward-3',
        subject: 'P-1',
        site: 'mitral',
        recording: null,
        result: finalOf(20),
      });
  });

  it('takes whole characters of any kind, and what only looks like half of one', () => {
    for (const file of ['\u{1f493}.wav', '\\u0000.wav', 'ä\n.wav']) {
      expect(readWardMessage(message('final', { ...finalOf(1), file })), file).to.be.an('object');
    }
  });

  for (const [what, received, why] of [
    ['a result with NUL', message('final', { ...finalOf(1), file: 'a\0b' }), /no database keeps/],
    ['half a character', message('final', { ...finalOf(1), reasons: ['\ud83d'] }), /no database keeps/],
    ['a topic of somebody else', message('final', finalOf(1), { topic: 'other/ward-3/final' }), /topic/],
    ['a name that is none', message('final', finalOf(1), { topic: 'lubdub/<b>/final' }), /topic/],
    ['a longer topic', message('final', finalOf(1), { topic: 'lubdub/ward-3/final/x' }), /topic/],
    ['a state of another bedside', message('state', { ...state, bedside: 'ward-4' }), /another bedside/],
    [
      'another schema',
      message('final', finalOf(1), { userProperties: { ...properties, schema: '2' } }),
      /schema/,
    ],
    ['no id', message('final', finalOf(1), { userProperties: { schema: '1', at: AT } }), /id/],
    [
      'a name for a subject',
      message('final', finalOf(1), { userProperties: { ...properties, subject: 'Jane Doe' } }),
      /subject/,
    ],
    [
      'a formula for an id',
      message('final', finalOf(1), { userProperties: { ...properties, id: '=cmd|calc' } }),
      /id/,
    ],
    [
      'a time that is none',
      message('final', finalOf(1), { userProperties: { ...properties, at: 'now' } }),
      /at/,
    ],
    ['a probability above 1', message('final', finalOf(1, { probability: 2 })), /probability/],
    ['a verdict that there is not', message('final', { ...finalOf(1), verdict: 'healthy' }), /verdict/],
    ['something huge', message('final', { ...finalOf(1), file: 'x'.repeat(70_000) }), /bytes/],
    ['no JSON', message('final', 0, { payload: Buffer.from('{') }), /JSON/],
    ['no text', message('final', 0, { payload: Buffer.from([0xff, 0xfe]) }), /JSON/],
    ['a kind that is none', message('party', {}), /kind/],
  ] as const) {
    it(`refuses ${what}, and says why`, () => {
      expect(readWardMessage(received)).to.be.a('string').that.matches(why);
    });
  }

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom('lubdub/ward-3/state', 'lubdub/a/window', 'lubdub/a/final'), fc.string()),
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.dictionary(
          fc.constantFrom('schema', 'id', 'at', 'subject', 'site'),
          fc.oneof(fc.string(), fc.constant('1')),
        ),
        (topic, payload, userProperties) => {
          readWardMessage({ topic, payload, userProperties });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes no state or result with one field spoilt for whole, and keeps none of what it does not know', () => {
    const spoil = fc.oneof(fc.constant(undefined), fc.integer(), fc.array(fc.string()), fc.object());
    const known = Object.keys(state) as (keyof typeof state)[];
    fc.assert(
      fc.property(fc.constantFrom(...known), spoil, (field, value) => {
        const read = readWardMessage(message('state', { ...state, [field]: value, extra: 1 }));
        if (typeof read === 'string' || read.kind !== 'state') return;
        expect(read.state).to.not.have.property('extra');
      }),
    );
  });
});
