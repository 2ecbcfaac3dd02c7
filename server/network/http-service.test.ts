import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HttpService } from './http-service.ts';

const service = new HttpService(({ method, path, query }) => {
  if (path === '/fails') throw new Error('broken');
  return { status: 200, text: `${method} ${path} ${query}` };
});

beforeAll(() => service.listen({ host: '127.0.0.1', port: 0 }));
afterAll(() => service.close());

/** What the service says to octets that no well-behaved client sends. */
function answerTo(request: string): Promise<string> {
  const socket = connect(service.port, '127.0.0.1');
  socket.end(request);
  return text(socket);
}

const get = (target: string) =>
  answerTo(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

test('gives method, path and query', async () => {
  expect(await get('/a/b?c=d')).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*GET \/a\/b c=d/);
});

test.each(['//', 'http://', 'http://[', '/\\'])('answers %s with 400', async (target) => {
  expect(await get(target)).toMatch(/^HTTP\/1\.1 400 /);
});

test('answers with 500 where the answer fails', async () => {
  const answer = await get('/fails');
  expect(answer).toMatch(/^HTTP\/1\.1 500 /);
  expect(answer).not.toContain('broken');
});

test.each(['\r\n\r\n', 'nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\0\x01\x02\r\n\r\n'])(
  'goes on after %j',
  async (octets) => {
    await answerTo(octets);
    expect(await get('/still')).toContain('GET /still');
  },
);
