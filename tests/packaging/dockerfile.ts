/** An instruction of a Dockerfile. */
export interface DockerInstruction {
  readonly name: string;
  readonly text: string;
}

/** Reads the instructions of a Dockerfile in their order; comments go, continued lines are joined. */
export function instructionsOf(dockerfile: string): readonly DockerInstruction[] {
  return dockerfile
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return { name, text };
    });
}
