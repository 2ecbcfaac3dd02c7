import { examineServer } from '../doctor/examine-server.ts';
import type { Finding } from '../doctor/finding.ts';
import {
  countFindings,
  findingJson,
  findingText,
  summaryText,
  titleText,
} from '../doctor/report.ts';
import type { FailureKind } from '../errors/failure.ts';
import type { Site } from '../sites/site.ts';
import { doctorTarget } from './doctor-target.ts';
import { exitCodeOf } from './exit-codes.ts';
import { canAsk } from './questions.ts';
import type { CommandRequest } from './request.ts';
import { type Sessions, withSessions } from './sessions.ts';

/** Looks at a server from outside and says what is wrong and how to mend it. */
export function doctor(request: CommandRequest): Promise<number> {
  const [text = ''] = request.args;
  return withSessions(request, async (sessions) => {
    const { output } = sessions;
    const { site } = await sessions.target(await doctorTarget(text, request.context.environment));
    output.pushText(`${titleText(site)}\n`);
    output.pushText('\n');
    const findings: Finding[] = [];
    for await (const finding of examineServer(await visitOptions(request, sessions, site))) {
      findings.push(finding);
      await output.result(
        () => `${findingText(finding)}\n`,
        () => findingJson(finding),
      );
    }
    const kinds = findings.flatMap(({ kind }): FailureKind[] => (kind === undefined ? [] : [kind]));
    const exitCode = exitCodeOf(kinds);
    const counts = countFindings(findings);
    await output.result(
      () => `\n${summaryText(counts)}\n`,
      () => ({ type: 'summary', ...counts, exitCode }),
    );
    return exitCode;
  });
}

async function visitOptions(
  { context, options, stop }: CommandRequest,
  sessions: Sessions,
  site: Site,
) {
  const { pinned, log, via } = await sessions.connectOptions(site);
  const saved = await sessions.passwords.find(site);
  const isKnown =
    options.passwordStdin === true ||
    saved !== undefined ||
    site.username === 'anonymous' ||
    canAsk(context);
  const password = isKnown ? () => sessions.password(site) : undefined;
  return { site, trusted: options.trust?.at(-1) ?? pinned, password, stop, via, log };
}
