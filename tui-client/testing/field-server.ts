import { once } from 'node:events';
import {
  type Script,
  type ScriptedControl,
  ScriptedServer,
} from '../remote/testing/scripted-server.ts';
import { FieldTree } from './field-tree.ts';
import { listedTime } from './listed-time.ts';
import type { ListedEntry, Mood } from './mood.ts';

const OFFSETS = new WeakMap<ScriptedControl, number>();
const DIRECTORIES = new WeakMap<ScriptedControl, string>();
const RENAMES = new WeakMap<ScriptedControl, string>();

type Answer = (argument: string, control: ScriptedControl) => Promise<unknown> | unknown;

/** A server as they are in the field: it keeps files in memory, and has the faults of its mood. */
export class FieldServer {
  readonly tree: FieldTree;
  /** Where a login leads. */
  home = '/';
  readonly #mood: Mood;
  readonly #server: ScriptedServer;

  private constructor(mood: Mood, server: ScriptedServer) {
    this.#mood = mood;
    this.#server = server;
    this.tree = new FieldTree(mood.keptAs);
  }

  static async start(mood: Mood = {}): Promise<FieldServer> {
    const started: { field?: FieldServer } = {};
    const script: Script = (...said) => started.field?.script(...said);
    const features = mood.features ?? ['SIZE', 'MDTM', 'REST STREAM'];
    const field = new FieldServer(mood, await ScriptedServer.start(script, { features }));
    started.field = field;
    return field;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Everything that clients have sent. */
  get lines(): readonly string[] {
    return this.#server.lines;
  }

  url(path = '/'): string {
    return `ftp://anna@127.0.0.1:${this.port}${path}`;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  readonly script: Script = (verb, argument, control) => {
    const special = this.#mood.answers?.[verb]?.(argument, control, this);
    if (special !== undefined) return special;
    return this.#answers[verb]?.(argument, control);
  };

  readonly #answers: Readonly<Record<string, Answer>> = {
    CWD: (path, control) => {
      const isDirectory = this.tree.isDirectory(this.#path(path, control));
      if (isDirectory) DIRECTORIES.set(control, this.#path(path, control));
      return said(control, isDirectory ? '250 There.' : '550 No such directory.');
    },
    PWD: (_, control) => {
      const octets = this.#octets(`257 "${DIRECTORIES.get(control) ?? this.home}"\r\n`);
      control.socket.write(octets);
      return true;
    },
    SIZE: (path, control) => {
      const file = this.tree.get(this.#path(path, control));
      return said(control, file ? `213 ${file.content.length}` : '550 No such file.');
    },
    MDTM: (path, control) => {
      const file = this.tree.get(this.#path(path, control));
      return said(control, file ? `213 ${machineTime(file.modifiedMs)}` : '550 No such file.');
    },
    LIST: (argument, control) => this.#list(argument, control),
    MLSD: (argument, control) => this.#list(argument, control),
    REST: (argument, control) => {
      OFFSETS.set(control, this.#mood.ignoresRest ? 0 : Number(argument));
      return said(control, '350 Go on.');
    },
    RETR: (path, control) => this.#retrieve(path, control),
    STOR: (path, control) => this.#store(path, control),
    DELE: (path, control) => {
      const isGone = this.tree.files.delete(this.tree.find(this.#path(path, control)));
      return said(control, isGone ? '250 Deleted.' : '550 No such file.');
    },
    RMD: (path, control) => {
      const found = this.tree.find(this.#path(path, control));
      if (this.tree.namesIn(found).length > 0) return said(control, '550 Directory not empty.');
      const isGone = this.tree.directories.delete(found);
      return said(control, isGone ? '250 Removed.' : '550 No such directory.');
    },
    MKD: (path, control) => {
      const wanted = this.#path(path, control);
      if (this.tree.isDirectory(wanted)) return said(control, '550 It exists.');
      this.tree.makeDirectory(wanted);
      return said(control, `257 "${wanted}" created.`);
    },
    RNFR: (path, control) => {
      RENAMES.set(control, this.tree.find(this.#path(path, control)));
      return said(control, '350 Ready.');
    },
    RNTO: (path, control) => {
      const from = RENAMES.get(control) ?? '';
      const file = this.tree.files.get(from);
      this.tree.files.delete(from);
      if (file !== undefined) this.tree.files.set(this.#path(path, control), file);
      return said(control, file ? '250 Renamed.' : '550 No such file.');
    },
  };

  #path(written: string, control: ScriptedControl): string {
    // The octet 255 is doubled, as Telnet has it.
    const octets = Buffer.from(written.replaceAll('\u00ff\u00ff', '\u00ff'), 'latin1');
    const path = this.#mood.charset?.decode(octets) ?? octets.toString();
    const start = DIRECTORIES.get(control) ?? this.home;
    const whole = path.startsWith('/') ? path : `${start === '/' ? '' : start}/${path}`;
    return whole === '/' ? whole : whole.replace(/\/+$/, '');
  }

  #octets(text: string): Buffer {
    return this.#mood.charset?.encode(text) ?? Buffer.from(text);
  }

  async #list(argument: string, control: ScriptedControl): Promise<true> {
    const options = /^-(\w+)/.exec(argument)?.[1] ?? '';
    const path = argument.replace(/^-\w+ ?/, '');
    const directory = this.#path(path, control);
    const shown = this.tree
      .namesIn(directory)
      .filter(
        (name) => !this.#mood.hidesDotFiles || options.includes('a') || !name.startsWith('.'),
      );
    const entries = shown.map((name) => {
      const below = `${directory === '/' ? '' : directory}/${name}`;
      return { name, file: this.tree.files.get(below) };
    });
    if (shown.length === 0 && this.#mood.listsEmpty !== undefined) {
      await this.#mood.listsEmpty(control);
      return true;
    }
    const { list = unixListing, closing = '226 Done.' } = this.#mood;
    await control.sendData(this.#octets(list(entries)), closing);
    return true;
  }

  async #retrieve(path: string, control: ScriptedControl): Promise<unknown> {
    const file = this.tree.get(this.#path(path, control));
    const offset = takeOffset(control);
    if (file === undefined) return said(control, '550 No such file.');
    const end = this.#mood.sendsAtMost ?? file.content.length;
    await control.sendData(file.content.subarray(offset, end));
    return true;
  }

  async #store(path: string, control: ScriptedControl): Promise<true> {
    const target = this.#path(path, control);
    const offset = takeOffset(control);
    const { storesInDirectoriesOnly: refusal } = this.#mood;
    const directory = target.slice(0, target.lastIndexOf('/')) || '/';
    if (refusal !== undefined && !this.tree.isDirectory(directory)) return said(control, refusal);
    control.say('150 Go on.');
    const data = await control.data();
    const chunks: Buffer[] = [];
    data.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(data, 'end');
    data.end();
    const before = this.tree.get(target)?.content.subarray(0, offset) ?? Buffer.alloc(0);
    const content = Buffer.concat([before, ...chunks]);
    const kept = content.subarray(0, this.#mood.keepsAtMost ?? content.length);
    this.tree.put(target, kept, Date.now());
    return said(control, '226 Stored.');
  }
}

function unixListing(entries: readonly ListedEntry[]): string {
  const lines = entries.map(({ name, file }) => {
    const size = file?.content.length ?? 4096;
    const time = file === undefined ? 'Mar 02 14:11' : listedTime(file.modifiedMs);
    return `${file ? '-rw-r--r--' : 'drwxr-xr-x'} 1 anna users ${size} ${time} ${name}\r\n`;
  });
  return `total ${entries.length}\r\n${lines.join('')}`;
}

function said(control: ScriptedControl, line: string): true {
  control.say(line);
  return true;
}

function takeOffset(control: ScriptedControl): number {
  const offset = OFFSETS.get(control) ?? 0;
  OFFSETS.delete(control);
  return offset;
}

function machineTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace(/[-T:]/g, '');
}
