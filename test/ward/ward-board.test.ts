import { expect } from 'chai';
import { BedsideStateTracker, type BedsideState } from '../../src/publish/bedside-state.js';
import { WardBoard } from '../../src/ward/ward-board.js';
import { MODEL, windowAt } from '../support/published-bedside.js';

const tracker = (bedside: string) => new BedsideStateTracker({ bedside, lubdub: '1', model: MODEL });
const AT = new Date(1_000_000);

function stateOf(bedside: string, change: Partial<BedsideState> = {}) {
  return { kind: 'state' as const, bedside, state: { ...tracker(bedside).view(AT), ...change } };
}

const recording = (bedside: string) => stateOf(bedside, { state: 'recording', connection: 'connected' });

describe('WardBoard', () => {
  it('shows who is there by name, with the last window on top of the last state', () => {
    const board = new WardBoard();
    board.push(recording('b'), 1000);
    board.push(stateOf('a'), 1000);
    board.push({ kind: 'window', bedside: 'b', at: new Date(1500), window: windowAt(4) }, 1530);
    expect(board.rows.map(({ bedside }) => bedside)).to.deep.equal(['a', 'b']);
    expect(board.rows[1]).to.include({ quality: 0.9, heartRateBpm: 72, windowDelayMs: 30, heardAtMs: 1530 });
  });

  it('makes room by those that ended, the longest silent first, and never by one that somebody has to look after', () => {
    const board = new WardBoard({ maxBedsides: 3 });
    board.push(recording('recording'), 1000);
    board.push(stateOf('vanished', { online: false, absence: 'vanished' }), 1000);
    board.push(stateOf('ended', { online: false, absence: 'ended' }), 2000);
    board.takeChanges();
    expect(board.push(stateOf('new'), 3000)).to.equal(true);
    expect(board.rows.map(({ bedside }) => bedside)).to.deep.equal(['new', 'recording', 'vanished']);
    expect(board.takeChanges().gone).to.deep.equal(['ended']);
    for (let name = 0; name < 10_000; name++) {
      expect(board.push(stateOf(`made-up-${name}`), 4000)).to.equal(false);
    }
    expect(board.refused).to.equal(10_000);
    board.dismiss('vanished');
    expect(board.push(stateOf('after'), 5000)).to.equal(true);
    expect(board.rows.map(({ bedside }) => bedside)).to.deep.equal(['after', 'new', 'recording']);
  });

  it('tells of changes once', () => {
    const board = new WardBoard();
    board.push(recording('a'), 1000);
    board.push(stateOf('b'), 1000);
    expect(board.takeChanges().rows).to.have.length(2);
    expect(board.takeChanges()).to.deep.equal({ rows: [], gone: [] });
    board.push({ kind: 'window', bedside: 'a', at: AT, window: windowAt(4) }, 2000);
    expect(board.takeChanges().rows.map(({ bedside }) => bedside)).to.deep.equal(['a']);
  });

  it('raises an alarm for one that records and falls silent, and takes it back when it is heard again', () => {
    const board = new WardBoard({ silentAfterMs: 10_000 });
    board.push(recording('a'), 1000);
    board.push(stateOf('idle'), 1000);
    board.tend(10_000);
    expect(board.rows[0].alarm).to.equal(null);
    board.tend(12_000);
    expect(board.rows[0]).to.include({ alarm: 'silent', alarmSinceMs: 12_000 });
    board.tend(13_000);
    expect(board.rows[0].alarmSinceMs).to.equal(12_000);
    expect(board.rows[1].alarm, 'nobody expects a word of it').to.equal(null);
    board.push({ kind: 'window', bedside: 'a', at: AT, window: windowAt(4) }, 14_000);
    expect(board.rows[0]).to.include({ alarm: null, alarmSinceMs: null });
  });

  it('raises an alarm for one that vanished until somebody has seen it or it is back', () => {
    const board = new WardBoard();
    board.push(recording('a'), 1000);
    board.push(stateOf('a', { online: false, absence: 'vanished', state: 'recording' }), 2000);
    expect(board.rows[0].alarm).to.equal('vanished');
    board.dismiss('a');
    expect(board.rows).to.deep.equal([]);
    expect(board.takeChanges().gone).to.deep.equal(['a']);
    board.push(recording('a'), 3000);
    expect(board.rows[0]).to.include({ alarm: null, online: true });
  });

  it('lets nobody dismiss one that is there', () => {
    const board = new WardBoard();
    board.push(recording('a'), 1000);
    board.dismiss('a');
    board.dismiss('nobody');
    expect(board.rows).to.have.length(1);
  });

  it('raises an alarm where a stethoscope is lost in a recording', () => {
    const board = new WardBoard();
    board.push(stateOf('a', { state: 'recording', connection: 'lost' }), 1000);
    expect(board.rows[0].alarm).to.equal('stethoscope-lost');
  });

  it('forgets who ended long ago, and never one that vanished', () => {
    const board = new WardBoard({ forgottenAfterMs: 1000 });
    board.push(stateOf('ended', { online: false, absence: 'ended' }), 0);
    board.push(stateOf('vanished', { online: false, absence: 'vanished' }), 0);
    board.tend(5000);
    expect(board.rows.map(({ bedside }) => bedside)).to.deep.equal(['vanished']);
  });

  it('has a bound: no more bedsides than it can show, and counts who is refused', () => {
    const board = new WardBoard({ maxBedsides: 3 });
    for (let index = 0; index < 10; index++) board.push(stateOf(`b${index}`), 0);
    expect(board.rows).to.have.length(3);
    expect(board.refused).to.equal(7);
    board.push(recording('b0'), 1);
    expect(board.rows[0].state).to.equal('recording');
  });
});
