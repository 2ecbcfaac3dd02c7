import { ControlClient } from '../../server/testing/control-client.ts';
import { Octets } from './content.ts';
import type { DoomedTask } from './doomed-clients.ts';

/** Uploads all it is told to at the same time, and tells of each that the server has called complete. */
process.once('message', (task: DoomedTask) => {
  const octets = new Octets(task.seed);
  for (const upload of task.uploads) {
    void store(task, upload, octets).then(
      (code) => process.send?.({ path: upload.path, code }),
      () => {},
    );
  }
});

async function store(
  { port, username, password }: DoomedTask,
  { path, content }: DoomedTask['uploads'][number],
  octets: Octets,
): Promise<number> {
  const client = await ControlClient.open(port);
  await client.login(username, password);
  const { closing } = await client.store(`STOR ${path}`, octets.of(content));
  return closing.code;
}
