/**
 * What the ranking of a stethoscope's recordings allows, beside what the shipped threshold gives: the specificity where
 * sensitivity is .80, and the sensitivity where specificity is. Nobody knows those thresholds beforehand: they are read off the
 * people who are scored, so a profile or any other way to place a threshold can at best come near.
 *
 *   node tools/stethoscope/ranking.mjs [--rate 0.8] [--replicates 1000] [--seed 1] PREDICTIONS.csv...
 *
 * PREDICTIONS.csv as for study.mjs. By recording, and by person: the mean evidence of the own recordings. Brackets are 95 %
 * intervals over people, the ill and the healthy ones drawn anew apart; each draw has a threshold of its own. Prints JSON.
 */
import { parseArgs } from 'node:util';
import { groupBy, mean, mulberry32, readPredictions, score } from '../study-parts.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '0.8' },
    replicates: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const rate = Number(values.rate);

/** What is counted of a person. */
const SCOPES = {
  byRecording: (people) =>
    people.flatMap((own) => own.map(({ evidence: value, abnormal }) => ({ value, abnormal }))),
  byPerson: (people) =>
    people.map((own) => ({ value: mean(own.map(({ evidence }) => evidence)), abnormal: own[0].abnormal })),
};

const databases = groupBy(positionals.flatMap(readPredictions), ({ database }) => database);
const found = [...databases].map(([database, recordings]) => {
  const people = [...groupBy(recordings, ({ group, abnormal }) => `${group} ${abnormal}`).values()];
  const scopes = Object.entries(SCOPES).map(([scope, casesOf]) => [scope, described(people, casesOf)]);
  return { database, people: people.length, ...Object.fromEntries(scopes) };
});
console.log(JSON.stringify({ rate, databases: found }, null, 1));

function described(people, casesOf) {
  const random = mulberry32(Number(values.seed));
  const classes = [true, false].map((abnormal) => people.filter(([{ abnormal: own }]) => own === abnormal));
  const drawn = Array.from({ length: Number(values.replicates) }, () =>
    ratesOf(casesOf(classes.flatMap((some) => some.map(() => some[Math.floor(random() * some.length)])))),
  );
  const rates = Object.entries(ratesOf(casesOf(people)));
  return Object.fromEntries(
    rates.map(([name, value]) => {
      const sorted = drawn.map((one) => one[name]).sort((a, b) => a - b);
      const [low, high] = [0.025, 0.975].map((share) => sorted[Math.floor(share * sorted.length)]);
      return [name, { value, low, high }];
    }),
  );
}

function ratesOf(cases) {
  const { sensitivity, specificity } = score(cases);
  const sorted = (abnormal) =>
    cases
      .filter((one) => one.abnormal === abnormal)
      .map(({ value }) => value)
      .sort((a, b) => a - b);
  const ill = sorted(true);
  const healthy = sorted(false);
  // Abnormal is from the threshold on: it may stand on an ill one's evidence, and must stand over a healthy one's.
  const findsEnough = ill[ill.length - Math.ceil(rate * ill.length)];
  const clearsEnough = healthy[Math.ceil(rate * healthy.length) - 1];
  return {
    sensitivity,
    specificity,
    specificityWhereSensitive: score(cases, findsEnough).specificity,
    sensitivityWhereSpecific: ill.filter((value) => value > clearsEnough).length / ill.length,
  };
}
