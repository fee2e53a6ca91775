import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Command, type Option } from 'commander';
import { buildProgram } from '../../src/present/command-line.js';
import { COMMANDS, type CommandRow } from '../../src/present/commands.js';
import { applyConfigurationFile, applyEnvironment, checkRequired } from '../../src/present/configuration.js';
import { declareOptions, type OptionDeclaration } from '../../src/present/option-declarations.js';
import { ConfigurationError } from '../../src/errors.js';

/** A text that the option takes and that is not its default. */
function textFor({ choices, read, default: usual }: OptionDeclaration<unknown>): string {
  const candidates = (choices as string[] | undefined) ?? ['7', '5000', '0.1', 'urn:x:y', '3/16', 'a text'];
  const taken = candidates.find((text) => {
    try {
      return (read === undefined ? text : read(text)) !== usual;
    } catch {
      return false;
    }
  });
  return taken!;
}

/** With the names of their groups. */
function commandsOf(place: Command, before = ''): Map<string, Command> {
  return new Map(
    place.commands.flatMap((command): [string, Command][] => {
      const name = before + command.name();
      return command.commands.length === 0 ? [[name, command]] : [...commandsOf(command, `${name} `)];
    }),
  );
}

const isSwitch = ({ argument }: OptionDeclaration<unknown>): boolean => argument === undefined;

describe('the options of every command', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'lubdub-options-'))));
  after(() => rmSync(folder, { recursive: true }));

  /** What the command gets of its options. */
  function given(
    row: CommandRow,
    { flags = [], environment = {}, settings }: Given,
  ): Record<string, unknown> {
    const command = new Command(row.name).argument('[words...]').exitOverride();
    declareOptions(command, row.options);
    command.parse(flags, { from: 'user' });
    applyEnvironment(command, environment);
    if (settings !== undefined) {
      const file = join(folder, 'config.json');
      writeFileSync(file, JSON.stringify(settings));
      applyConfigurationFile(command, file);
    }
    return command.opts();
  }
  interface Given {
    readonly flags?: string[];
    readonly environment?: NodeJS.ProcessEnv;
    readonly settings?: Record<string, unknown>;
  }

  it('stand in the table, and their help names their environment variables', () => {
    const program = buildProgram(() => Promise.resolve());
    const commands = commandsOf(program);
    expect([...commands.keys()]).to.deep.equal(COMMANDS.map(({ name }) => name));
    for (const [called, command] of commands) {
      const row = COMMANDS.find(({ name }) => name === called)!;
      const keys = new Set(command.options.map((option: Option) => option.attributeName()));
      expect([...keys], row.name).to.deep.equal(Object.keys(row.options));
      const help = command.helpInformation();
      for (const option of command.options.filter(({ hidden }) => !hidden)) {
        const own = row.options[option.attributeName()].setting ?? option.long!.slice(2);
        const variable = `LUBDUB_${own.replaceAll('-', '_').toUpperCase()}`;
        expect(help, row.name).to.match(new RegExp(`\\(env:\\s+${variable}\\)`));
      }
    }
  });

  for (const row of COMMANDS) {
    for (const [key, declaration] of Object.entries(row.options)) {
      const long = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const setting = declaration.setting ?? long;
      const variable = `LUBDUB_${setting.replaceAll('-', '_').toUpperCase()}`;
      const of = (what: Given) => given(row, what)[key];

      if (isSwitch(declaration)) {
        it(`lubdub ${row.name} --${long} can be said and taken back everywhere`, () => {
          const opposite = variable.replace('LUBDUB_', 'LUBDUB_NO_');
          for (const [value, word, flag] of [
            [true, 'Yes', `--${long}`],
            [false, '0', `--no-${long}`],
          ] as const) {
            expect(of({ flags: [flag] }), flag).to.equal(value);
            expect(of({ environment: { [variable]: word } }), `${variable}=${word}`).to.equal(value);
            expect(of({ environment: { [opposite]: word } }), `${opposite}=${word}`).to.equal(!value);
            expect(of({ settings: { [setting]: value } })).to.equal(value);
            expect(of({ settings: { [`no-${setting}`]: value } })).to.equal(!value);
          }
          expect(of({ flags: [`--no-${long}`], environment: { [variable]: 'yes' } })).to.equal(false);
          expect(of({ environment: { [variable]: 'no' }, settings: { [setting]: true } })).to.equal(false);
        });
        it(`lubdub ${row.name} --${long} says what it does not understand`, () => {
          for (const [what, message] of [
            [
              { environment: { [variable]: 'perhaps' } },
              /must be 1, true, yes or 0, false, no, got "perhaps"/,
            ],
            [{ settings: { [`no-${setting}`]: 'x' } }, /--no-\S+ in .* must be true or false, got "x"/],
            [{ settings: { [setting]: true, [`no-${setting}`]: true } }, /contradict each other/],
          ] as [Given, RegExp][]) {
            expect(() => of(what)).to.throw(ConfigurationError, message);
          }
        });
      } else {
        it(`lubdub ${row.name} --${long} comes from a flag, the environment or the file, in this order`, () => {
          const text = textFor(declaration);
          const flags = [`--${long}`, text];
          const value = of({ flags });
          expect(value, text).to.not.equal(undefined);
          expect(value).to.not.equal(declaration.default);
          expect(of({ environment: { [variable]: text } })).to.deep.equal(value);
          expect(of({ settings: { [setting]: text } })).to.deep.equal(value);
          if (typeof value === 'number') expect(of({ settings: { [setting]: value } })).to.deep.equal(value);
          expect(
            of({ flags, environment: { [variable]: '!' }, settings: { [setting]: true } }),
          ).to.deep.equal(value);
          expect(of({ environment: { [variable]: text }, settings: { [setting]: true } })).to.deep.equal(
            value,
          );
          expect(of({ environment: { [variable]: '' } })).to.deep.equal(declaration.default);
          expect(() => of({ settings: { [setting]: [] } })).to.throw(
            ConfigurationError,
            /a text or a number/,
          );
        });
        if (declaration.isRequired === true) {
          it(`lubdub ${row.name} cannot do without --${long}`, () => {
            const command = new Command(row.name);
            const only = { [key]: declaration };
            declareOptions(command, only);
            expect(() => checkRequired(command, only)).to.throw(ConfigurationError, `needs --${long} `);
            applyEnvironment(command, { [variable]: textFor(declaration) });
            checkRequired(command, only);
          });
        }
      }
    }
  }

  it('store recordings and results in different places by different settings', () => {
    const of = (name: string, what: Given) =>
      given(
        COMMANDS.find((row) => row.name === name)!,
        what,
      ).out;
    const environment = { LUBDUB_OUT: 'sessions' };
    expect(of('live', { environment })).to.equal('sessions');
    expect(of('evaluate', { environment })).to.equal(undefined);
    expect(of('calibrate', { environment })).to.equal(undefined);
    expect(of('evaluate', { environment: { ...environment, LUBDUB_EVALUATE_OUT: 'results' } })).to.equal(
      'results',
    );
  });

  it('that say what arguments say yield to those that are typed, wherever else they were set', () => {
    const classify = COMMANDS.find((row) => row.name === 'classify')!;
    const elsewhere = { environment: { LUBDUB_LIST: 'a.txt' }, settings: { list: 'b.txt' } };
    expect(given(classify, elsewhere).list).to.equal('a.txt');
    expect(given(classify, { ...elsewhere, flags: ['a.wav'] }).list).to.equal(undefined);
    expect(given(classify, { settings: { list: 'b.txt' }, flags: ['a.wav'] }).list).to.equal(undefined);
    // Whoever types both is told so.
    expect(given(classify, { flags: ['a.wav', '--list', 'c.txt'] }).list).to.equal('c.txt');
  });

  it('are told apart from a name that no command has, with the nearest that one has', () => {
    const program = buildProgram(() => Promise.resolve());
    const live = program.commands.find((command) => command.name() === 'live')!;
    const file = join(folder, 'config.json');
    const of = (settings: object) => () => {
      writeFileSync(file, JSON.stringify(settings));
      applyConfigurationFile(live, file);
    };
    expect(of({ 'evaluate-out': 'x', link: 'y' })).to.not.throw();
    for (const [slip, meant] of [
      ['subjct', 'subject'],
      ['no_page', 'no-page'],
      ['sekonds', 'seconds'],
      ['__proto__x', 'port'],
    ]) {
      const expected =
        slip === '__proto__x'
          ? /did you mean "/
          : `got "${slip}", which no command has; did you mean "${meant}"?`;
      expect(of({ [slip]: 1 }), slip).to.throw(ConfigurationError, expected);
    }
  });

  it('say what is wrong with a value of the environment', () => {
    const live = COMMANDS.find(({ name }) => name === 'live')!;
    const of = (environment: NodeJS.ProcessEnv) => () => given(live, { environment });
    expect(of({ LUBDUB_SECONDS: 'many' })).to.throw(
      ConfigurationError,
      'LUBDUB_SECONDS must be a number above 0., got many',
    );
    expect(of({ LUBDUB_WIRE: 'morse' })).to.throw(ConfigurationError, /LUBDUB_WIRE .*protocol.*got morse/);
  });
});
