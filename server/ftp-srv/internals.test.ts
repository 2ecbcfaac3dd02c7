import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { FileSystem, FTP_SRV_VERSION, FtpCommands, FtpConnection, FtpServer } from './internals.ts';

const require = createRequire(import.meta.url);

/** Members that MyFTP overrides, replaces or reads: another version might not have them. */
describe('ftp-srv', () => {
  test('is the version that MyFTP was written for, and pinned to it', () => {
    const installed = require('ftp-srv/package.json') as { version: string };
    const own = require('../../package.json') as { devDependencies: Record<string, string> };
    expect(installed.version).toBe(FTP_SRV_VERSION);
    expect(own.devDependencies['ftp-srv']).toBe(FTP_SRV_VERSION);
  });

  test.each([
    ['server', FtpServer, ['listen', 'close', 'quit', 'disconnectClient']],
    ['connection', FtpConnection, ['reply', 'close']],
    ['dispatcher', FtpCommands, ['handle']],
    [
      'file system',
      FileSystem,
      ['currentDirectory', 'get', 'list', 'chdir', 'read', 'write', 'delete', 'mkdir', 'rename'],
    ],
  ] as const)('the %s has the methods that MyFTP extends', (_name, of, methods) => {
    const { prototype } = of as unknown as { prototype: Record<string, unknown> };
    for (const method of methods)
      expect([method, typeof prototype[method]]).toEqual([method, 'function']);
  });

  test('the connection has the fields that MyFTP uses, and does not set those that MyFTP computes', () => {
    const log = { child: () => log, trace() {}, error() {} };
    const socket = new EventEmitter();
    const server = { options: {} };
    const connection = new FtpConnection(server as never, { log, socket } as never);
    expect(connection.commands).toBeInstanceOf(FtpCommands);
    for (const name of ['fs', 'authenticated']) {
      expect([name, Object.hasOwn(connection, name)]).toEqual([name, false]);
    }
    for (const event of ['data', 'error', 'timeout', 'close']) {
      expect([event, socket.listenerCount(event)]).toEqual([event, 1]);
    }
  });
});
