import { expect } from 'chai';
import { messageOf, Worth, type PublishedEvent } from '../../src/publish/published-message.js';

const context = {
  recording: '5f0f4bd2-8d0a-4f57-9a5f-0d6c7a1b2c3d',
  subject: 'P-1',
  site: 'mitral',
  at: new Date('2026-01-02T03:04:05.678Z'),
} as const;

describe('messageOf', () => {
  it('says whose and when beside the event, not in it', () => {
    const event: PublishedEvent = { kind: 'gap', atSample: 10, lostSamples: 3, cause: 'lost' };
    const { kind, payload, properties, worth } = messageOf(event, context);
    expect(kind).to.equal('gap');
    expect(JSON.parse(payload)).to.deep.equal(event);
    expect(properties).to.deep.equal({
      at: '2026-01-02T03:04:05.678Z',
      recording: context.recording,
      subject: 'P-1',
      site: 'mitral',
    });
    expect(worth).to.equal(Worth.seldom);
  });

  it('leaves out what nobody named', () => {
    const event: PublishedEvent = { kind: 'notice', file: '', message: 'a word' };
    const { properties } = messageOf(event, { recording: null, subject: null, site: null, at: context.at });
    expect(Object.keys(properties)).to.deep.equal(['at']);
  });

  it('names no folder of the machine', () => {
    const begun: PublishedEvent = {
      kind: 'recording',
      state: 'begun',
      directory: '/home/jane-doe/visits/2026-01-02_P-1',
      message: 'stored in /home/jane-doe/visits/2026-01-02_P-1',
    };
    const failed: PublishedEvent = {
      kind: 'error',
      file: '/home/jane-doe/heart.wav',
      code: 'LUBDUB_RECORDING',
      message: 'torn',
    };
    expect(messageOf(begun, context).payload).to.include('2026-01-02_P-1').and.not.include('jane-doe');
    expect(messageOf(failed, context).payload).to.include('heart.wav').and.not.include('jane-doe');
  });

  it('keeps results to the last', () => {
    const examination: PublishedEvent = {
      kind: 'examination',
      verdict: 'normal',
      probability: 0.1,
      reasons: [],
      recordings: 4,
      usableSeconds: 60,
    };
    expect(messageOf(examination, context).worth).to.equal(Worth.result);
    const status: PublishedEvent = {
      kind: 'status',
      batteryPercent: 80,
      contact: true,
      overrunSamples: 0,
      clippedSamples: 0,
    };
    expect(messageOf(status, context).worth).to.equal(Worth.frequent);
  });
});
