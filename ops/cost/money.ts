/** An amount of US dollars with its cents, without the sign. */
export function dollars(amount: number): string {
  return cents(amount).toFixed(2);
}

/** An amount of US dollars, rounded to cents. */
export function cents(amount: number): number {
  // Not -0, which would be written with its sign.
  return Number(amount.toFixed(2)) + 0;
}

/** A price as it is stated: without an exponent, with two decimals and as many more as it has. */
export function exact(price: number): string {
  return price.toFixed(12).replace(/(\.\d\d\d*?)0+$/, '$1');
}
