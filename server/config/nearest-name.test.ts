import { expect, test } from '@jest/globals';
import { nearestName } from './nearest-name.ts';
import { settingNames } from './settings.ts';

const names = settingNames;

test.each([
  ['prot', 'port'],
  ['pasv_range', 'pasv-range'],
  ['pasvRange', 'pasv-range'],
  ['PASV_RANG', 'pasv-range'],
  ['max-sesions', 'max-sessions'],
  ['idle', 'idle-timeout'],
  ['datadir', 'data'],
  ['singup', 'signup'],
  ['tls_sesion_reuse', 'tls-session-reuse'],
])('%s is taken for %s', (slip, meant) => {
  expect(nearestName(slip, names)).toBe(meant);
});

test.each(['ssl', 'colour', 'x', 'server'])('%s is taken for none', (name) => {
  expect(nearestName(name, names)).toBeUndefined();
});
