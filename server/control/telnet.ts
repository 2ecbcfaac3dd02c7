const IAC = 0xff;
const FIRST_COMMAND = 0xf0;
const DATA_MARK = 0xf2;
const WILL = 0xfb;
const DONT = 0xfe;

/**
 * A line without the Telnet commands in it (RFC 959 §2.3, RFC 854): clients send `IAC IP IAC DM`
 * before ABOR. A doubled IAC stands for the octet itself. The DM often travels as urgent data, which
 * the system takes out, so that a lone IAC is left; with tnftp and Net::FTP that befalls its IAC, so that
 * a lone DM is left. Both are dropped.
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
    index += octetsAfterIac(command, line[index + 2]);
  }
  return kept.subarray(0, length);
}

/** How many octets behind an IAC belong to its command, a lone DM included. */
function octetsAfterIac(command: number, next: number | undefined): number {
  if (command < FIRST_COMMAND) return 0;
  if (command === IAC) return 1;
  return (command >= WILL && command <= DONT) || next === DATA_MARK ? 2 : 1;
}
