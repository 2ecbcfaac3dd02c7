import { medians, type Participant, type ScenarioReport } from './run-question.ts';

/** Every figure of a run, for programs and for comparing runs. */
export function reportJson(run: {
  machine: string;
  participants: readonly Participant[];
  reports: readonly ScenarioReport[];
}): string {
  const document = {
    machine: run.machine,
    measuredAt: new Date().toISOString(),
    servers: run.participants.map(({ kind, version }) => ({ name: kind.name, version })),
    scenarios: run.reports.map(({ scenario, outcomes }) => ({
      title: scenario.title,
      better: scenario.better,
      columns: scenario.columns.map(({ title }) => title),
      servers: Object.fromEntries(
        [...outcomes].map(([name, outcome]) => [
          name,
          outcome.kind === 'measured'
            ? { medians: medians(outcome.rounds), rounds: outcome.rounds }
            : outcome,
        ]),
      ),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
