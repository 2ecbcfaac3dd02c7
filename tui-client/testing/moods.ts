import { classicAddress, type ScriptedControl } from '../remote/testing/scripted-server.ts';
import { listedTime } from './listed-time.ts';
import type { ListedEntry, Mood } from './mood.ts';

const lines = (all: readonly string[]) => all.map((line) => `${line}\r\n`).join('');

const sizeOf = ({ file }: ListedEntry) => file?.content.length ?? 0;

/** Listings that are understood: the same entries in the formats of the field. */
export const UNDERSTOOD: Readonly<Record<string, Mood>> = {
  DOS: {
    list: (entries) =>
      lines(
        entries.map((one) =>
          one.file
            ? `  03-02-26  02:11PM ${String(sizeOf(one)).padStart(20)} ${one.name}`
            : `  03-02-26  02:11PM       <DIR>          ${one.name}`,
        ),
      ),
  },
  EPLF: {
    list: (entries) =>
      lines(
        entries.map((one) =>
          one.file ? `+i8.1,m825718503,r,s${sizeOf(one)},\t${one.name}` : `+i8.2,/,\t${one.name}`,
        ),
      ),
  },
  VMS: {
    list: (entries) =>
      lines([
        '',
        'Directory DISK$USER:[ANNA]',
        '',
        ...entries.map((one) =>
          one.file
            ? `${one.name};3      1/8    2-MAR-2026 14:11:09.12  [ANNA]  (RWED,RWED,RE,)`
            : `${one.name}.DIR;1\r\n                 1/8   2-MAR-2026 14:11  [ANNA]  (RWE,RWE,RE,)`,
        ),
        '',
        `Total of ${entries.length} files, 5/40 blocks.`,
      ]),
  },
  NetWare: {
    list: (entries) =>
      lines(
        entries.map(
          (one) =>
            `${one.file ? '-' : 'd'} [RWCEAFMS] admin ${sizeOf(one)} Mar 02 14:11 ${one.name}`,
        ),
      ),
  },
  'OS/400': {
    list: (entries) =>
      lines(
        entries.map((one) =>
          one.file
            ? `ANNA ${String(sizeOf(one)).padStart(11)} 26/03/02 14:11:00 *STMF      ${one.name}`
            : `ANNA        8192 26/03/02 14:11:00 *DIR       ${one.name}/`,
        ),
      ),
  },
  MVS: {
    list: (entries) =>
      lines([
        'Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname',
        ...entries.map(
          (one) =>
            `WEB3U1 3390   2026/03/02  1   15  FB      80 27920  ${one.file ? 'PS' : 'PO'}  ${one.name}`,
        ),
      ]),
  },
};

/** Listings that do not show everything. */
export const INCOMPLETE: Readonly<Record<string, Mood>> = {
  'bare names': { list: (entries) => lines(entries.map(({ name }) => name)) },
  'a format of its own': {
    list: (entries) => lines(entries.map((one) => `<${one.name}> (${sizeOf(one)})`)),
  },
  'one odd line': {
    list: (entries) =>
      lines(
        entries.map(({ name }, index) =>
          index === 0 ? `ls: cannot access ${name}` : `-rw-r--r-- 1 a a 1 Mar 02 14:11 ${name}`,
        ),
      ),
  },
  truncated: {
    list: (entries) =>
      lines(entries.slice(1).map(({ name }) => `-rw-r--r-- 1 a a 1 Mar 02 14:11 ${name}`)),
    closing: '226 Output truncated to 2 matches',
  },
  'a last line without an end': {
    list: (entries) =>
      lines(entries.map(({ name }) => `-rw-r--r-- 1 a a 1 Mar 02 14:11 ${name}`)).slice(0, -3),
  },
  'an MLSD name with a path': {
    features: ['MLST type*;size*;', 'REST STREAM'],
    list: (entries) =>
      lines(entries.map((one) => `type=file;size=${sizeOf(one)}; /dir/${one.name}`)),
  },
};

/** Says this instead of listing an empty directory. */
const refusingEmpty = (line: string): Mood => ({ listsEmpty: (control) => control.say(line) });

/** Listings of empty directories that say so. */
export const EMPTY: Readonly<Record<string, Mood>> = {
  'wu-ftpd': refusingEmpty('550 No files found.'),
  'Serv-U': refusingEmpty('450 No files found'),
  'z/OS': refusingEmpty('550 No data sets found.'),
  'a library': refusingEmpty('550 No members found.'),
  'a directory that is called so': refusingEmpty('550 The directory is empty.'),
  'a pattern that matches nothing': refusingEmpty('450 No matching files found.'),
  '150 before the refusal': {
    listsEmpty: async (control) => {
      control.say('150 Opening data connection.');
      (await control.data()).end();
      control.say('550 No files found.');
    },
  },
  '226 that says so, and nothing else': refusingEmpty('226 Transfer complete, 0 bytes sent.'),
  OpenVMS: {
    listsEmpty: (control) => control.sendData('%DIRECT-W-NOFILES, no files found\r\n'),
  },
};

/** Refusals that look as if the directory were empty. */
export const REFUSING: Readonly<Record<string, Mood>> = {
  'no permission': refusingEmpty('550 Permission denied.'),
  'several reasons': refusingEmpty(
    '550 No files found or invalid directory or permission problem.',
  ),
  'no access': refusingEmpty('550 No files found: Access is denied.'),
  'no such file': refusingEmpty('550 No such file or directory.'),
  'a name that says so': refusingEmpty('550 /no files found: it cannot be opened.'),
  'a name in the words': refusingEmpty('550 /no files found'),
  'no room': refusingEmpty('450 No file handles available, try again.'),
};

/** Servers that confirm a listing of which nothing comes. */
export const SILENT: Readonly<Record<string, Mood>> = {
  '226 alone': refusingEmpty('226 Done.'),
  '150 and 226': {
    listsEmpty: (control) => control.say('150 Here it comes.', '226 Done.'),
  },
  'a connection that is reset': {
    listsEmpty: async (control) => {
      (await control.data()).resetAndDestroy();
      control.say('226 Done.');
    },
  },
};

/** Refuses PWD, and says this to CWD of where it is. */
export function refusingPwd(reply: string): Mood {
  return {
    answers: {
      PWD: (_, control) => said(control, '550 PWD is disabled.'),
      CWD: (path, control) => (path === '.' ? said(control, reply) : undefined),
    },
  };
}

export const WITHOUT_MDTM: Mood = {
  answers: { MDTM: (_, control) => said(control, '502 What?') },
};

/** Lists times in a time zone of its own; MDTM is in UTC. */
export function aheadOfUtc(minutes: number): Mood {
  return {
    list: (entries) =>
      lines(
        entries.map(({ name, file }) => {
          const time = listedTime((file?.modifiedMs ?? 0) + minutes * 60_000);
          const [type, size] = file ? ['-', file.content.length] : ['d', 4096];
          return `${type}rw-r--r-- 1 anna users ${size} ${time} ${name}`;
        }),
      ),
  };
}

/** Names this port in replies to EPSV, and one that answers in replies to PASV. */
export function extendedPortAt(port: number): Mood {
  return {
    answers: {
      EPSV: (_, control) => said(control, `229 Come (|||${port}|)`),
      PASV: async (_, control) =>
        said(control, `227 Come (${classicAddress('127.0.0.1', await control.listen())})`),
    },
  };
}

function said(control: ScriptedControl, line: string): true {
  control.say(line);
  return true;
}
