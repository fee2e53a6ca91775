/**
 * What a stethoscope profile is worth, and how far to trust a few people: draws healthy people of one database, places
 * the threshold by them, and scores everybody else of that database. Then the same with people drawn from everybody, ill
 * and healthy alike and nobody told which: their median is the threshold.
 *
 *   node tools/stethoscope/study.mjs [--draws 500] [--seed 1] [--resamples 0] [--spread LOGITS] PREDICTIONS.csv...
 *
 * PREDICTIONS.csv are those that `lubdub evaluate` writes without a profile, with `database` and `group` (a person)
 * filled in; best by a network that had not learned from the database. Prints JSON. The rule is that of
 * src/calibrate/fit-profile.ts. `nested` is what choosing a rule is worth (nested-choice.mjs); with --resamples of the people
 * there are intervals of its distance from the rule that ships, and of that from no profile. --spread is the typical spread of
 * healthy people, default the databases' median; the product's is .81.
 */
import { parseArgs } from 'node:util';
import { groupBy, mean, median, mulberry32, readPredictions, score } from '../study-parts.mjs';
import { CRITERIA, interval, nestedChoice, ruleScores } from './nested-choice.mjs';

const NUMBERS = [3, 5, 8, 12, 20];
/** The threshold that healthy people ask for: so many standard deviations over their mean. */
const DEVIATIONS = [0, 0.25, 0.5, 0.75];
const SHIPPED_DEVIATIONS = 0.25;
/** A median's standard error beside a mean's. */
const MEDIAN_ERROR = 1.25;
/** How far a stethoscope moves all evidence, in calibrated logits, beside what its database does already. */
const SHIFTS = [-2, -1, 0, 1, 2];
/** Persons that the typical spread counts for. */
const SPREAD_PERSONS = 3;
const LEAST_LEFT = 3;
const RESAMPLED_DRAWS = 12;

/** How far to go from the shipped threshold (0) to the one that the drawn people ask for. */
const RULES = {
  shipped: () => 0,
  whole: () => 1,
  'fixed 1': (wanted, error, persons) => persons / (persons + 1),
  'fixed 2': (wanted, error, persons) => persons / (persons + 2),
  'fixed 4': (wanted, error, persons) => persons / (persons + 4),
  'by error 1': (wanted, error) => wanted ** 2 / (wanted ** 2 + error ** 2),
  'by error 2': (wanted, error) => wanted ** 2 / (wanted ** 2 + 2 * error ** 2),
  'by error 4': (wanted, error) => wanted ** 2 / (wanted ** 2 + 4 * error ** 2),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    draws: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    resamples: { type: 'string', default: '0' },
    spread: { type: 'string' },
  },
});
const draws = Number(values.draws);
const databases = [...groupBy(positionals.flatMap(readPredictions), ({ database }) => database)].map(
  ([database, recordings]) => ({ database, people: personsOf(recordings) }),
);
const healthyOf = ({ people }) => people.filter(({ abnormal }) => !abnormal);
const described = databases.map(({ database, people }) => {
  const healthy = healthyOf({ people }).map((person) => person.mean);
  const count = { healthy: healthy.length, ill: people.length - healthy.length };
  return { database, ...count, mean: mean(healthy), spread: deviation(healthy) };
});
const typicalSpread = Number(values.spread ?? median(described.map(({ spread }) => spread)));

/** Who is drawn and what they ask for: `wanted` is the threshold, `error` its standard error. */
const WAYS = {
  ...Object.fromEntries(
    DEVIATIONS.map((deviations) => [
      `healthy, mean + ${deviations}`,
      {
        among: healthyOf,
        ask: (evidence, spread) => ({
          wanted: mean(evidence) + deviations * spread,
          error: spread / Math.sqrt(evidence.length),
        }),
      },
    ]),
  ),
  'anyone, median': {
    among: ({ people }) => people,
    ask: (evidence, spread) => ({
      wanted: median(evidence),
      error: (MEDIAN_ERROR * spread) / Math.sqrt(evidence.length),
    }),
  },
};
const SHIPPED_WAY = `healthy, mean + ${SHIPPED_DEVIATIONS}`;
const SHIPPED_RULE = `${SHIPPED_WAY}, by error 2`;
const HEALTHY_WAYS = Object.fromEntries(Object.entries(WAYS).filter(([name]) => name !== 'anyone, median'));

const rows = databases.flatMap((set) =>
  Object.entries(WAYS).flatMap(([name, way]) =>
    NUMBERS.filter((persons) => canDraw(set, way, persons)).flatMap((persons) =>
      (name === SHIPPED_WAY ? SHIFTS : [0]).flatMap((shift) =>
        Object.keys(RULES).map((rule) => ({ way: name, ...study(set, way, persons, shift, rule) })),
      ),
    ),
  ),
);
const scopes = { 'as they are': [0], 'moved by -2 to 2': SHIFTS };
const overDatabases = NUMBERS.flatMap((persons) =>
  Object.entries(scopes).flatMap(([scope, shifts]) =>
    Object.keys(WAYS)
      .filter((way) => way === SHIPPED_WAY || shifts.length === 1)
      .flatMap((way) => Object.keys(RULES).map((rule) => [way, rule]))
      .map(([way, rule]) => {
        const own = rows.filter(
          (row) =>
            row.way === way && row.persons === persons && row.rule === rule && shifts.includes(row.shift),
        );
        const names = [...new Set(own.map(({ database }) => database))].join(' ');
        const over = (pickOne) => mean(own.map(pickOne));
        return {
          persons,
          scope,
          way,
          rule,
          databases: names,
          worst: Math.min(...own.flatMap(({ sensitivity, specificity }) => [sensitivity, specificity])),
          byRecording: over(({ balanced }) => balanced),
          byPerson: over(({ balancedByPerson }) => balancedByPerson),
        };
      }),
  ),
);
const nested = NUMBERS.flatMap((persons) => {
  const own = rows.filter((row) => row.persons === persons && row.shift === 0 && row.way in HEALTHY_WAYS);
  return Object.keys(CRITERIA).flatMap((by) => nestedChoice(own, by) ?? []);
});
const intervals = Number(values.resamples) === 0 ? [] : [3, 5].flatMap(resampled);
console.log(
  JSON.stringify(
    {
      draws,
      seed: Number(values.seed),
      typicalSpread,
      databases: described,
      overDatabases,
      nested,
      intervals,
      rows,
    },
    null,
    1,
  ),
);

/** Enough people must stay to be scored; a draw that takes all healthy or all ill ones does not count. */
function canDraw(set, { among }, persons) {
  return among(set).length >= persons + LEAST_LEFT;
}

/** Draws the people anew, the ill and the healthy ones of each database apart, and chooses and scores on them. */
function resampled(persons) {
  const differences = Array.from({ length: Number(values.resamples) }, (_, number) => {
    const random = mulberry32(1000 * Number(values.seed) + number);
    const again = (own) => own.map(() => ({ ...own[Math.floor(random() * own.length)] }));
    const own = databases.flatMap((set) => {
      const ill = set.people.filter(({ abnormal }) => abnormal);
      const drawn = { ...set, people: [...again(healthyOf(set)), ...again(ill)] };
      return Object.entries(HEALTHY_WAYS).flatMap(([name, way]) =>
        Object.keys(RULES).map((rule) => ({
          way: name,
          ...study(drawn, way, persons, 0, rule, RESAMPLED_DRAWS, number),
        })),
      );
    });
    const ships = ruleScores(own, SHIPPED_RULE).byRecording;
    return {
      nested: (nestedChoice(own, 'byRecording')?.byRecording ?? NaN) - ships,
      profile: ships - ruleScores(own, 'shipped').byRecording,
    };
  });
  return {
    persons,
    nestedLessShips: interval(differences.map(({ nested }) => nested)),
    shipsLessNoProfile: interval(differences.map(({ profile }) => profile)),
  };
}

function study({ database, people }, way, persons, shift, rule, count = draws, stream = 0) {
  const random = mulberry32(Number(values.seed) + 7919 * stream);
  const moved = people.map((person) => ({
    ...person,
    mean: person.mean + shift,
    evidence: person.evidence.map((value) => value + shift),
  }));
  const scores = Array.from({ length: count }, () => {
    const drawn = new Set(pick(way.among({ people: moved }), persons, random));
    const threshold = thresholdOf(
      [...drawn].map((person) => person.mean),
      way,
      RULES[rule],
    );
    const others = moved.filter((person) => !drawn.has(person));
    return {
      byRecording: score(
        others.flatMap(({ evidence, abnormal }) => evidence.map((value) => ({ value, abnormal }))),
        threshold,
      ),
      byPerson: score(
        others.map(({ mean: value, abnormal }) => ({ value, abnormal })),
        threshold,
      ),
    };
  });
  const whole = scores.filter(({ byRecording }) => Number.isFinite(byRecording.balanced));
  return { database, persons, shift, rule, draws: whole.length, ...summary(whole) };
}

/** Where calibrated evidence becomes abnormal, the shipped place being 0; the rule of src/calibrate/fit-profile.ts. */
function thresholdOf(evidence, way, trustOf) {
  const persons = evidence.length;
  const own = (persons - 1) * deviation(evidence) ** 2;
  const spread = Math.sqrt((own + SPREAD_PERSONS * typicalSpread ** 2) / (persons - 1 + SPREAD_PERSONS));
  const { wanted, error } = way.ask(evidence, spread);
  return trustOf(wanted, error, persons) * wanted;
}

function personsOf(recordings) {
  return [...groupBy(recordings, ({ group, abnormal }) => `${group} ${abnormal}`).values()].map((own) => {
    const evidence = own.map((recording) => recording.evidence);
    return { abnormal: own[0].abnormal, evidence, mean: mean(evidence) };
  });
}

function summary(scores) {
  const of = (pickOne) => scores.map(pickOne);
  const balanced = of(({ byRecording }) => byRecording.balanced).sort((a, b) => a - b);
  return {
    sensitivity: mean(of(({ byRecording }) => byRecording.sensitivity)),
    specificity: mean(of(({ byRecording }) => byRecording.specificity)),
    balanced: mean(balanced),
    low: balanced[Math.floor(0.025 * balanced.length)],
    high: balanced[Math.floor(0.975 * balanced.length)],
    balancedByPerson: mean(of(({ byPerson }) => byPerson.balanced)),
  };
}

function pick(values, count, random) {
  const left = [...values];
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (left.length - i));
    [left[i], left[j]] = [left[j], left[i]];
  }
  return left.slice(0, count);
}

function deviation(values) {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
