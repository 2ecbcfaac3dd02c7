import { definitionOf, type SettingName, type Settings, settingNames } from './settings.ts';

/** What a reload has changed. */
export interface SettingsChange {
  readonly changed: readonly SettingName[];
  /** Settings whose change applies after a restart. */
  readonly needRestart: readonly SettingName[];
}

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

  /** Takes over what can be changed while the server runs. */
  replace(settings: Settings): SettingsChange {
    const differing = settingNames.filter((name) => !isEqual(this.#current, settings, name));
    const changed = differing.filter((name) => definitionOf(name).isLive);
    const needRestart = differing.filter((name) => !definitionOf(name).isLive);
    const entries = changed.map((name) => [keyOf(name), settings[keyOf(name)]]);
    this.#current = Object.freeze({ ...this.#current, ...Object.fromEntries(entries) });
    return { changed, needRestart };
  }
}

function isEqual(one: Settings, other: Settings, name: SettingName): boolean {
  return JSON.stringify(one[keyOf(name)]) === JSON.stringify(other[keyOf(name)]);
}

function keyOf(name: SettingName): keyof Settings {
  return definitionOf(name).as as keyof Settings;
}
