const DIGIT_VALUES = 0x1_0000;
const DIGITS_OF_DOUBLE = 4;

/**
 * Where the numbers are, the lowest first; of equal ones the first. Digit by digit: a hundred thousand take a few
 * milliseconds, and ten times as long with a comparison.
 */
export function orderOf(numbers: Float64Array): Uint32Array {
  let order = new Uint32Array(numbers.length).map((_, index) => index);
  if (isInOrder(numbers)) return order;
  const digits = digitsOf(numbers);
  let next = new Uint32Array(numbers.length);
  for (let place = 0; place < DIGITS_OF_DOUBLE; place++) {
    const starts = startsOf(digits, place);
    if (starts === undefined) continue;
    for (const index of order) {
      const digit = digits[index * DIGITS_OF_DOUBLE + place] as number;
      next[(starts[digit] as number)++] = index;
    }
    [order, next] = [next, order];
  }
  return order;
}

function isInOrder(numbers: Float64Array): boolean {
  for (let at = 1; at < numbers.length; at++) {
    if ((numbers[at] as number) < (numbers[at - 1] as number)) return false;
  }
  return true;
}

/** Four for each number, the lowest first, that compare as the numbers do. */
function digitsOf(numbers: Float64Array): Uint16Array {
  const digits = new Uint16Array(numbers.length * DIGITS_OF_DOUBLE);
  const double = new DataView(new ArrayBuffer(8));
  numbers.forEach((number, index) => {
    // Zero has two signs.
    double.setFloat64(0, number + 0, true);
    const isNegative = double.getUint16(6, true) >= 0x8000;
    const flipped = isNegative ? 0xffff : 0;
    const at = index * DIGITS_OF_DOUBLE;
    digits[at] = double.getUint16(0, true) ^ flipped;
    digits[at + 1] = double.getUint16(2, true) ^ flipped;
    digits[at + 2] = double.getUint16(4, true) ^ flipped;
    digits[at + 3] = double.getUint16(6, true) ^ (isNegative ? 0xffff : 0x8000);
  });
  return digits;
}

/** Where those with each digit begin; undefined if all have the same. */
function startsOf(digits: Uint16Array, place: number): Uint32Array | undefined {
  const starts = new Uint32Array(DIGIT_VALUES);
  for (let at = place; at < digits.length; at += DIGITS_OF_DOUBLE) {
    (starts[digits[at] as number] as number)++;
  }
  if (starts.includes(digits.length / DIGITS_OF_DOUBLE)) return undefined;
  let start = 0;
  for (let digit = 0; digit < DIGIT_VALUES; digit++) {
    const count = starts[digit] as number;
    starts[digit] = start;
    start += count;
  }
  return starts;
}
