import type { Using } from '../context/app-context.ts';
import { chosenInSight, type Pane } from '../state/pane.ts';
import { ELSEWHERE_TOO, elsewhereText, firstPaths } from './chosen-text.ts';

type Chosen = ReturnType<typeof chosenInSight>;

/**
 * Chooses the entries of an action: those marked in sight, else the one under the cursor; marks in other directories
 * need a key of their own. Without marks elsewhere no question is asked.
 *
 * @param title as `Edit what?`
 */
export function chooseMarks(
  app: Using<'dialogs'>,
  pane: Pane,
  title: string,
): Promise<Chosen> | Chosen {
  const elsewhere = pane.marks.chosenOutside(pane.path);
  const chosen = chosenInSight(pane);
  return elsewhere.length === 0 ? chosen : ask(app, pane, { title, chosen, elsewhere });
}

async function ask(
  app: Using<'dialogs'>,
  { path }: Pane,
  question: { readonly title: string; readonly chosen: Chosen; readonly elsewhere: Chosen },
): Promise<Chosen> {
  const { title, chosen, elsewhere } = question;
  const answer = await app.dialogs.choose({
    topic: 'copy',
    title,
    lines: [...firstPaths(chosen), elsewhereText(elsewhere)],
    choices: [{ id: 'here', keys: ['h'], label: `only in ${path}` }, ELSEWHERE_TOO],
    escape: 'cancel',
  });
  if (answer === undefined) return [];
  return answer.id === ELSEWHERE_TOO.id ? [...chosen, ...elsewhere] : chosen;
}
