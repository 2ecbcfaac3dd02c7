import { describe, expect, test } from '@jest/globals';
import { siteFileOf } from './read-site-file.ts';

const SECRET = 'c2VjcmV0LXBhc3N3b3Jk';

const SITE_MANAGER = `<?xml version="1.0" encoding="UTF-8"?>
<FileZilla3 version="3.66.5" platform="*nix">
  <Servers>
    <Folder expanded="1">Customers &amp; friends
      <Server>
        <Host>ftp.example.org</Host><Port>2121</Port><Protocol>4</Protocol><Type>0</Type>
        <User>anna</User><Pass encoding="base64">${SECRET}</Pass><Logontype>1</Logontype>
        <Name>Shop</Name><LocalDir>/home/anna/shop</LocalDir>
        <RemoteDir>1 0 3 www 9 my images</RemoteDir>
      </Server>
    </Folder>
    <Server><Host>implicit.example.org</Host><Protocol>3</Protocol><Logontype>0</Logontype>
      <User>ignored</User><LocalDir>C:\\data</LocalDir><RemoteDir>1 0</RemoteDir>Old name</Server>
    <Server><Host>plain.example.org</Host><Protocol>6</Protocol><User>ben</User></Server>
    <Server><Host>ssh.example.org</Host><Protocol>1</Protocol><Name>shell</Name></Server>
    <Server><Host>h</Host><Port>99999</Port><Name>bad port</Name></Server>
  </Servers>
</FileZilla3>`;

const WINSCP = `\uFEFF[Configuration\\Interface]
RandomSeedFile=%25APPDATA%25
[Sessions\\Default%20Settings]
HostName=none
[Sessions\\Customers/My%20shop]
HostName=ftp.example.org
PortNumber=2121
UserName=%EF%BB%BFj%C3%B6rg
Password=${SECRET}
FSProtocol=5
Ftps=3
RemoteDirectory=/www
LocalDirectory=C:%5CUsers
[Sessions\\shell]
HostName=h
`;

const RCLONE = `[home]
type = ftp
host = ftp.example.org
user = anna
pass = ${SECRET}
explicit_tls = true

[cloud]
type = s3
`;

const LFTP = `work\tftp://anna:${SECRET}@ftp.example.org:2121/www
secure\tftps://[::1]/~/in%20box
shell\tsftp://h/x
bare\tftp.example.org
`;

describe('sites are read', () => {
  test("from FileZilla's sitemanager.xml", () => {
    const { client, entries } = siteFileOf(SITE_MANAGER);
    expect(client).toBe('FileZilla');
    expect(entries).toEqual([
      {
        labels: ['Customers & friends', 'Shop'],
        host: 'ftp.example.org',
        port: 2121,
        tls: 'explicit',
        username: 'anna',
        remotePath: '/www/my images',
        localPath: '/home/anna/shop',
      },
      expect.objectContaining({
        labels: ['Old name'],
        tls: 'implicit',
        username: 'anonymous',
        remotePath: '/',
        localPath: undefined,
      }),
      expect.objectContaining({ labels: ['plain.example.org'], tls: 'none', port: undefined }),
      { labels: ['shell'], reason: 'SFTP is not supported.' },
      { labels: ['bad port'], reason: 'invalid port "99999".' },
    ]);
  });

  test('from WinSCP.ini', () => {
    const { client, entries } = siteFileOf(WINSCP);
    expect(client).toBe('WinSCP');
    expect(entries).toEqual([
      {
        labels: ['Customers', 'My shop'],
        host: 'ftp.example.org',
        port: 2121,
        tls: 'explicit',
        username: 'jörg',
        remotePath: '/www',
        localPath: undefined,
      },
      { labels: ['shell'], reason: 'SFTP is not supported.' },
    ]);
  });

  test('from rclone.conf', () => {
    const { client, entries } = siteFileOf(RCLONE);
    expect(client).toBe('rclone');
    expect(entries).toEqual([
      expect.objectContaining({ labels: ['home'], tls: 'explicit', username: 'anna' }),
      { labels: ['cloud'], reason: 'its type is s3, not ftp.' },
    ]);
  });

  test("from lftp's bookmarks", () => {
    const { client, entries } = siteFileOf(LFTP);
    expect(client).toBe('lftp');
    expect(entries).toEqual([
      expect.objectContaining({
        labels: ['work'],
        port: 2121,
        username: 'anna',
        remotePath: '/www',
      }),
      expect.objectContaining({ host: '::1', tls: 'implicit', remotePath: 'in box' }),
      { labels: ['shell'], reason: 'sftp is not supported.' },
      expect.objectContaining({ host: 'ftp.example.org', tls: 'explicit', username: 'anonymous' }),
    ]);
  });

  test.each([SITE_MANAGER, WINSCP, RCLONE, LFTP])('without passwords (%#)', (text) => {
    expect(JSON.stringify(siteFileOf(text))).not.toContain(SECRET);
  });
});

describe('a file is refused with a sentence', () => {
  test.each([
    ['', /^No sites found: expected FileZilla/],
    ['hello there, world', /^No sites found/],
    ['<html><body/></html>', /Not a FileZilla file/],
    ['<FileZilla3><Servers>', /^Malformed XML: /],
    ['<!DOCTYPE a [<!ENTITY b "c">]><FileZilla3>&b;</FileZilla3>', /^Malformed XML: /],
    ['# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc=', /is encrypted/],
  ])('%j', (text, reason) => {
    expect(() => siteFileOf(text)).toThrow(reason);
  });

  test('that repeats no password', () => {
    const cut = SITE_MANAGER.slice(0, SITE_MANAGER.indexOf('</Pass>') + 3);
    expect(() => siteFileOf(cut)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(SECRET) }),
    );
  });
});
