/**
 * A thief: connects to random ports of a range as fast as it can, until its input ends. Then writes the number of
 * connections that got data.
 *
 * usage: thief.ts FIRST LAST
 */
import { connect, type Socket } from 'node:net';

const BATCH = 20;
const MAX_OPEN = 400;

const [first = 0, last = 0] = process.argv.slice(2).map(Number);
const open = new Set<Socket>();
let stolen = 0;
let isOver = false;

function attack(): void {
  if (isOver) return;
  for (let count = 0; count < BATCH; count += 1) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    const socket = connect({ port, host: '127.0.0.1' });
    open.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      stolen += 1;
    });
    socket.once('close', () => open.delete(socket));
  }
  for (const socket of open) {
    if (open.size <= MAX_OPEN) break;
    socket.destroy();
    open.delete(socket);
  }
  setImmediate(attack);
}

process.stdin.resume().on('end', () => {
  isOver = true;
  process.stdout.write(`${stolen}\n`, () => process.exit());
});
process.stdout.write('attacking\n');
attack();
