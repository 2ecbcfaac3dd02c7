import { fstatSync } from 'node:fs';
import { changeTimes } from '../disk/disk.ts';
import { ParameterNotSupportedError } from '../errors/errors.ts';
import { machineTime } from '../listing/machine-time.ts';

/** The coarsest unit in which a file system stores a modification time (FAT). */
const COARSEST_UNIT_MS = 2000;

/**
 * Sets the access and modification time of an open file.
 *
 * Node takes a negative number for the present time, but not a `Date`. Linux stores the nearest time that the
 * file system can hold and reports success, so the stored time is read back.
 *
 * @throws ParameterNotSupportedError if the file system cannot store that time; the times stay as they were.
 */
export async function setFileTimes(descriptor: number, modifiedMs: number): Promise<void> {
  const before = fstatSync(descriptor);
  const wanted = new Date(modifiedMs);
  await changeTimes(descriptor, wanted, wanted);
  if (Math.abs(fstatSync(descriptor).mtimeMs - modifiedMs) < COARSEST_UNIT_MS) return;
  await changeTimes(descriptor, before.atime, before.mtime);
  throw new ParameterNotSupportedError(
    `The file system of the server cannot store the time ${machineTime(modifiedMs)}.`,
  );
}
