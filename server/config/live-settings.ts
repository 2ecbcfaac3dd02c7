import type { Settings } from './settings.ts';

/** Settings that can be replaced while the server runs. */
export class LiveSettings {
  #current: Settings;
  /** An object like {@link Settings} whose properties are always the current ones. */
  readonly view: Settings;

  constructor(settings: Settings) {
    this.#current = settings;
    const names = Object.keys(settings) as (keyof Settings)[];
    const properties = names.map((name) => {
      const get = () => this.#current[name];
      return [name, { get, enumerable: true }] as const;
    });
    this.view = Object.defineProperties({}, Object.fromEntries(properties)) as Settings;
  }

  get current(): Settings {
    return this.#current;
  }

  replace(settings: Settings): void {
    this.#current = settings;
  }
}
