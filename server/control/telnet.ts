const IAC = 0xff;
const FIRST_COMMAND = 0xf0;
const WILL = 0xfb;
const DONT = 0xfe;

/**
 * A line without the Telnet commands in it (RFC 959 §2.3, RFC 854): clients send `IAC IP IAC DM`
 * before ABOR. A doubled IAC stands for the octet itself. The DM often travels as urgent data, which
 * the system takes out, so that a lone IAC is left: it is dropped.
 */
export function withoutTelnet(line: Buffer): Buffer {
  if (!line.includes(IAC)) return line;
  const kept = Buffer.allocUnsafe(line.length);
  let length = 0;
  for (let index = 0; index < line.length; index += 1) {
    const octet = line[index] ?? 0;
    if (octet !== IAC) {
      kept[length++] = octet;
      continue;
    }
    const command = line[index + 1] ?? 0;
    if (command === IAC) kept[length++] = IAC;
    if (command >= FIRST_COMMAND) index += command >= WILL && command <= DONT ? 2 : 1;
  }
  return kept.subarray(0, length);
}
