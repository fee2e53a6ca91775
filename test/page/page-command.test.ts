import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { parseCommand } from '../../src/page/server/page-command.js';
import { MOST_NOTE_CHARACTERS } from '../../src/record/session-corrections.js';
import { isSessionFolderName } from '../../src/record/session-names.js';
import { SITES } from '../../src/verdict/site.js';
import { SUBJECT } from '../../src/verdict/subject.js';

const id = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const session = z.string().refine(isSessionFolderName);
const naming = { site: z.enum(SITES).nullable(), subject: z.string().regex(SUBJECT).nullable() };
const profile = z.string().max(200);
const plain = [
  'stop',
  'discard',
  'fit-record',
  'fit-stop',
  'fit-next',
  'fit-leave-out',
  'fit-finish',
] as const;

/** The same as a schema. */
const schema = z.discriminatedUnion('command', [
  z.strictObject({ id, command: z.literal('start'), ...naming }),
  z.strictObject({ id, command: z.literal('name'), ...naming }),
  z.strictObject({
    id,
    command: z.literal('correct'),
    session,
    site: naming.site.optional(),
    subject: naming.subject.optional(),
    note: z.string().max(MOST_NOTE_CHARACTERS).nullable().optional(),
  }),
  z.strictObject({ id, command: z.literal('delete'), session }),
  z.strictObject({ id, command: z.literal('fit'), name: profile, keep: z.boolean() }),
  z.strictObject({ id, command: z.literal('remove-profile'), name: profile }),
  z.strictObject({ id, command: z.literal('listen'), isOn: z.boolean(), receivedSamples: id }),
  ...[...plain, 'fit-cancel' as const].map((word) => z.strictObject({ id, command: z.literal(word) })),
]);

const folder = '20261127T101103Z_P-7.2';
const right: readonly Record<string, unknown>[] = [
  ...[...plain, 'fit-cancel'].map((command) => ({ id: 1, command })),
  { id: 0, command: 'start', site: null, subject: 'P-7' },
  { id: 2, command: 'name', site: SITES[0], subject: null },
  { id: 3, command: 'correct', session: folder, site: SITES[1], note: 'x'.repeat(MOST_NOTE_CHARACTERS) },
  { id: 4, command: 'correct', session: folder, subject: null, note: null },
  { id: 5, command: 'delete', session: folder },
  { id: 6, command: 'fit', name: 'ward 3', keep: true },
  { id: 7, command: 'remove-profile', name: 'y'.repeat(200) },
  { id: Number.MAX_SAFE_INTEGER, command: 'listen', isOn: false, receivedSamples: 0 },
];

describe('commands of a page', () => {
  for (const command of right) {
    it(`reads ${String(command.command)}`, () => {
      expect(parseCommand(JSON.stringify(command))).to.deep.equal(command);
      expect(schema.parse(command)).to.deep.equal(command);
    });
  }

  it('are taken and refused as a schema would, whatever is put into them, left out or added', () => {
    const keys = [...new Set(right.flatMap((command) => Object.keys(command))), '__proto__', 'toString'];
    const values = fc.oneof(
      ...right.flatMap((command) => Object.values(command)).map((value) => fc.constant(value)),
      fc.constantFrom(
        ...SITES,
        'toString',
        '__proto__',
        'x'.repeat(301),
        'y'.repeat(201),
        '../x',
        -1,
        1.5,
        2 ** 53,
      ),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const change = fc.record({ key: fc.constantFrom(...keys), value: values, isTaken: fc.boolean() });
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...right), fc.array(change, { maxLength: 2 }), (command, changes) => {
        const entries = new Map(Object.entries(command));
        for (const { key, value, isTaken } of changes) {
          if (isTaken) entries.delete(key);
          else entries.set(key, value);
        }
        const items = [...entries].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
        const text = `{${items.join()}}`;
        const { success } = schema.safeParse(JSON.parse(text));
        if (success) taken++;
        expect(parseCommand(text), text).to.deep.equal(success ? JSON.parse(text) : null);
      }),
      { numRuns: 3000 },
    );
    expect(taken).to.be.within(300, 2900);
    for (const text of ['', 'null', '[]', '3', '"stop"', '{}', '[{"id":1,"command":"stop"}]']) {
      expect(parseCommand(text), text).to.equal(null);
    }
  });
});
