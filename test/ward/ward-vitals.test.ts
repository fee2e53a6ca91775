import { expect } from 'chai';
import { WardBoard } from '../../src/ward/ward-board.js';
import { WardVitals } from '../../src/ward/ward-vitals.js';

const never = () => new Promise<never>(() => undefined);

function ward(change: object = {}) {
  return { board: new WardBoard(), isConnected: true, refused: 2, repeated: 3, stored: 4, ...change };
}

describe('WardVitals', function () {
  const store = { list: () => Promise.resolve([]) };

  it('tells the figures of the board and the store', async () => {
    const counted = ward();
    const vitals = new WardVitals(counted, store, '0.1.0');
    const lines = (await vitals.metrics()).split('\n');
    expect(lines).to.include.members([
      'lubdub_ward_broker_connected 1',
      'lubdub_ward_stored_results_total 4',
      'lubdub_ward_repeated_results_total 3',
      'lubdub_ward_refused_messages_total 2',
      '# TYPE lubdub_ward_stored_results counter',
      '# TYPE lubdub_ward_bedsides gauge',
      'lubdub_ward_alarms{alarm="silent"} 0',
      'lubdub_ward_bedsides 0',
      '# EOF',
    ]);
    counted.stored = 9;
    // Asked twice, a result is not counted twice.
    await vitals.metrics();
    expect(await vitals.metrics()).to.include('lubdub_ward_stored_results_total 9\n');
    expect((await vitals.health()).state).to.equal('ok');
  });

  it('is ill without its broker, and where the store fails or hangs', async () => {
    const lonely = new WardVitals(ward({ isConnected: false }), store, '0.1.0');
    expect((await lonely.health()).parts.broker.state).to.equal('failed');
    const full = { list: () => Promise.reject(new Error('disk full')) };
    expect((await new WardVitals(ward(), full, '0.1.0').health()).message).to.include('disk full');
    let questions = 0;
    const hanging = new WardVitals(ward(), { list: () => (questions++, never()) }, '0.1.0');
    expect((await hanging.health()).message).to.include('does not answer');
    await hanging.health();
    expect(questions).to.equal(1);
  });
});
