const IAC = 0xff;
const FIRST_COMMAND = 0xf0;
const DATA_MARK = 0xf2;
const WILL = 0xfb;
const DONT = 0xfe;

/**
 * Removes Telnet commands from a line (RFC 959 §2.3, RFC 854): clients send `IAC IP IAC DM` before ABOR. A doubled IAC
 * is the octet itself. The DM often travels as urgent data, which the system takes out of the stream and leaves a lone
 * IAC. With tnftp and Net::FTP the system takes the IAC out and leaves a lone DM. Both are removed.
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

/** Number of octets after an IAC that belong to its command, including a lone DM. */
function octetsAfterIac(command: number, next: number | undefined): number {
  if (command < FIRST_COMMAND) return 0;
  if (command === IAC) return 1;
  return (command >= WILL && command <= DONT) || next === DATA_MARK ? 2 : 1;
}
