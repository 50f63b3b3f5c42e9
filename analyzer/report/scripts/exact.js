// Exact decimals: whole units and how many of their digits stand after the point. No number of the page's money is a float.
const exact = (units, scale = 0) => ({ units, scale });
const power = (digits) => 10n ** BigInt(digits);
const parsed = (text) => {
  const match = /^\s*(-?)(\d*)(?:\.(\d*))?\s*$/.exec(text);
  if (!match || !(match[2] || match[3])) return null;
  const [, sign, whole, part = ""] = match;
  return exact(BigInt(`${sign}${whole}${part}` || "0"), part.length);
};
const aligned = (one, other) => {
  const scale = Math.max(one.scale, other.scale);
  return [one.units * power(scale - one.scale), other.units * power(scale - other.scale), scale];
};
const plus = (one, other) => {
  const [left, right, scale] = aligned(one, other);
  return exact(left + right, scale);
};
const minus = (one, other) => plus(one, exact(-other.units, other.scale));
const times = (one, other) => exact(one.units * other.units, one.scale + other.scale);
const total = (parts) => parts.reduce(plus, exact(0n));
const [NOTHING, ONE] = [exact(0n), exact(1n)];

// All its digits in plain notation, without trailing zeros.
const plain = ({ units, scale }) => {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const [whole, part] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale).replace(/0+$/, "")];
  return `${units < 0n ? "-" : ""}${whole}${part ? `.${part}` : ""}`;
};
// Whole units of the last place: below, and half to even. With thousands separators, as the tables of the page write them.
const below = ({ units, scale }, places) => {
  if (scale <= places) return units * power(places - scale);
  const step = power(scale - places);
  return units / step - (units % step < 0n ? 1n : 0n);
};
const nearest = (amount, places) => {
  const floor = below(amount, places);
  const twice = minus(amount, exact(floor, places)).units * 2n;
  const step = power(Math.max(amount.scale - places, 0));
  return floor + (twice > step || (twice === step && floor % 2n !== 0n) ? 1n : 0n);
};
const written = (value, places) => {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${value < 0n ? "-" : ""}${whole}${places ? `.${digits.slice(digits.length - places)}` : ""}`;
};
const rounded = (amount, places) => written(nearest(amount, places), places);
// What one amount is more than another where both are shown (amounts.py says why), in whole units of the last place.
const apart = (amount, other, places) => nearest(amount, places) - nearest(other, places);
// One amount divided by another, in whole units of the last place, half to even.
const divided = (one, other, places) => {
  const [top, bottom] = [one.units * power(other.scale + places), other.units * power(one.scale)];
  const [part, whole] = bottom < 0n ? [-top, -bottom] : [top, bottom];
  const floor = part / whole - (part % whole < 0n ? 1n : 0n);
  const twice = (part - floor * whole) * 2n;
  return floor + (twice > whole || (twice === whole && floor % 2n !== 0n) ? 1n : 0n);
};
// The amounts of a column by largest remainder: they add up to their rounded sum.
const together = (amounts, places) => {
  const floors = amounts.map((amount) => below(amount, places));
  const over = amounts.map((amount, place) => minus(amount, exact(floors[place], places)));
  const most = amounts.map((_, place) => place).sort((one, other) => {
    const more = minus(over[other], over[one]).units;
    return more > 0n ? 1 : more < 0n ? -1 : 0;
  });
  const missing = nearest(total(amounts), places) - floors.reduce((sum, each) => sum + each, 0n);
  most.slice(0, Number(missing)).forEach((place) => { floors[place] += 1n; });
  return floors.map((each) => written(each, places));
};
