import { parentPort } from 'node:worker_threads';
import type { MessageFromWorker, MessageToWorker } from './messages.ts';
import { TaskRunner } from './task-runner.ts';
import { loadTasks } from './tasks.ts';

// The program of each worker thread.

const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread only');

const { tasks, warnings } = await loadTasks();
const runner = new TaskRunner({
  tasks,
  send: (message, transfer) => port.postMessage(message, transfer),
});
port.on('message', (message: MessageToWorker) => runner.receive(message));
port.postMessage({ kind: 'ready', warnings } satisfies MessageFromWorker);
