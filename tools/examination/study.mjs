/**
 * How several recordings of one person should become one verdict: joins the recordings that `lubdub evaluate` scored by
 * several rules and says how each ranks and sorts people.
 *
 *   node tools/examination/study.mjs [--replicates 1000] [--seed 1] PREDICTIONS.csv...
 *
 * PREDICTIONS.csv are those of networks that had not learned from the recordings (a fold, or a database left out), with
 * `database` and `group` filled in. Only people with two usable recordings or more count. Prints JSON. The rule that ships
 * is `mean by seconds`, src/verdict/joint-evidence.ts.
 */
import { parseArgs } from 'node:util';
import { groupBy, mean, median, mulberry32, readPredictions, score } from '../study-parts.mjs';

/** Evidence, in calibrated logits, from which one strongly abnormal recording decides alone. */
const STRONG = [0.5, 1, 1.5, 2, 3];
const FEWEST_RECORDINGS = 2;

const bySeconds = (own) => {
  const seconds = own.reduce((sum, one) => sum + one.seconds, 0);
  return own.reduce((sum, one) => sum + one.evidence * one.seconds, 0) / seconds;
};
const most = (own) => Math.max(...own.map(({ evidence }) => evidence));
/** Evidence of a person; 0 is where it becomes abnormal. */
const RULES = {
  'mean by seconds': bySeconds,
  'plain mean': (own) => mean(own.map(({ evidence }) => evidence)),
  median: (own) => median(own.map(({ evidence }) => evidence)),
  'mean of the upper half': (own) => mean(descending(own).slice(0, Math.ceil(own.length / 2))),
  'log-sum-exp': (own) => Math.log(mean(own.map(({ evidence }) => Math.exp(evidence)))),
  maximum: most,
  'first recording': (own) => own[0].evidence,
  ...Object.fromEntries(
    STRONG.map((limit) => [
      `mean by seconds, or one of ${limit}`,
      (own) => Math.max(bySeconds(own), most(own) - limit),
    ]),
  ),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { replicates: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const people = [
  ...groupBy(
    positionals.flatMap(readPredictions),
    (one) => `${one.database} ${one.group} ${one.abnormal}`,
  ).values(),
]
  .filter((own) => own.length >= FEWEST_RECORDINGS)
  .map((own) => ({ database: own[0].database, abnormal: own[0].abnormal, recordings: own.length, own }));
const names = [...new Set(people.map(({ database }) => database))].sort();
const of = (database) => people.filter((person) => person.database === database);
const scored = Object.fromEntries(
  Object.entries(RULES).map(([rule, join]) => [
    rule,
    Object.fromEntries(
      names.map((database) => [
        database,
        ranked(of(database).map((one) => ({ ...one, value: join(one.own) }))),
      ]),
    ),
  ]),
);
console.log(
  JSON.stringify(
    {
      replicates: Number(values.replicates),
      people: Object.fromEntries(names.map((database) => [database, described(of(database))])),
      rules: scored,
      lessThanShipped: Object.fromEntries(
        Object.keys(RULES).map((rule) => [
          rule,
          Object.fromEntries(names.map((database) => [database, difference(of(database), RULES[rule])])),
        ]),
      ),
    },
    null,
    1,
  ),
);

function described(own) {
  const share = (abnormal) => own.filter((person) => person.abnormal === abnormal).length;
  return {
    healthy: share(false),
    ill: share(true),
    recordings: mean(own.map(({ recordings }) => recordings)),
  };
}

/** AUC by person of the rule that ships less another rule's, with the 95 % interval over drawn people. */
function difference(own, join) {
  const both = own.map((one) => ({ ...one, shipped: bySeconds(one.own), other: join(one.own) }));
  const of_ = (some) =>
    auc(some.map((one) => ({ ...one, value: one.shipped }))) -
    auc(some.map((one) => ({ ...one, value: one.other })));
  const random = mulberry32(Number(values.seed));
  const classes = [true, false].map((abnormal) => both.filter((one) => one.abnormal === abnormal));
  const drawn = Array.from({ length: Number(values.replicates) }, () =>
    of_(classes.flatMap((some) => some.map(() => some[Math.floor(random() * some.length)]))),
  ).sort((a, b) => a - b);
  const at = (share) => drawn[Math.floor(share * drawn.length)];
  return { auc: of_(both), low: at(0.025), high: at(0.975) };
}

function ranked(cases) {
  return { auc: auc(cases), ...score(cases) };
}

function auc(cases) {
  const ill = cases.filter(({ abnormal }) => abnormal);
  const healthy = cases.filter(({ abnormal }) => !abnormal);
  let wins = 0;
  for (const a of ill) for (const b of healthy) wins += a.value > b.value ? 1 : a.value === b.value ? 0.5 : 0;
  return wins / (ill.length * healthy.length);
}

function descending(own) {
  return own.map(({ evidence }) => evidence).sort((a, b) => b - a);
}
