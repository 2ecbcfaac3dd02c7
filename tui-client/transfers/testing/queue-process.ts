import { Journal } from '../queue/journal.ts';
import type { TransferPlan } from '../transfer-plan.ts';
import { SiteQueue } from './site-queue.ts';

// A program of its own, so that a test can kill it: moves what its journal has left, else the plans given.
const [port = '', journalPath = '', plans = '[]'] = process.argv.slice(2);
const journal = await Journal.open(journalPath);
const { queue, close } = await openQueue();
if (journal.unfinished.length > 0) queue.restore(journal.unfinished);
else queue.add(JSON.parse(plans) as TransferPlan[]);
await queue.idle();
const { counts, jobs } = queue.snapshot();
await journal.close();
await close();
const verified = jobs.filter((job) => typeof job.verified === 'object').length;
process.stdout.write(`${JSON.stringify({ counts, verified })}\n`);

async function openQueue() {
  const site = await SiteQueue.open(Number(port), {
    journal,
    log: (line) => process.stdout.write(`${line}\n`),
  });
  return { queue: site.queue, close: () => site.close() };
}
