import { buildProgram as buildServerProgram } from '../../server/cli/program.ts';
import { definitionOf, settingNames } from '../../server/config/settings.ts';
import { buildProgram as buildClientProgram } from '../../tui-client/cli/program.ts';
import { type CommandModel, type DocumentedProgram, modelOf } from './command-model.ts';

/** The commands of `myftp-server`, from the table that its `--help` shows. */
export function serverModel(): CommandModel {
  return modelWith((output) => ({
    // Nothing is parsed, so no action is called.
    program: buildServerProgram(output, {} as Parameters<typeof buildServerProgram>[1]),
    argumentKinds: {},
    choicesOf: settingChoices,
  }));
}

/** The commands of `myftp-tui`. */
export function clientModel(version: string): CommandModel {
  return modelWith((output) => ({
    program: buildClientProgram(output, version, {} as Parameters<typeof buildClientProgram>[2]),
    choicesOf: () => [],
    argumentKinds: {
      place: 'remote',
      places: 'places',
      from: 'places',
      site: 'sites',
      mode: 'remote',
      'mv from': 'remote',
      'show name': 'sites',
      'remove name': 'sites',
      'myftp-tui ': 'sites',
    },
  }));
}

/** The words that the setting of a flag takes. */
function settingChoices(flag: string): readonly string[] {
  const name = settingNames.find((one) => `--${one}` === flag);
  return (name && definitionOf(name).parse.choices) ?? [];
}

type Output = Parameters<typeof buildServerProgram>[0];

function modelWith(build: (output: Output) => Omit<DocumentedProgram, 'takeOutput'>): CommandModel {
  let written = '';
  const stream = {
    columns: 100,
    write(text: string) {
      written += text;
      return true;
    },
  } as unknown as Output['stdout'];
  const takeOutput = () => {
    const taken = written;
    written = '';
    return taken;
  };
  return modelOf({ ...build({ stdout: stream, stderr: stream }), takeOutput });
}
