/**
 * Gives a process another date, as `node --require` loads it: each moment that it asks for comes `CLOCK_SHIFT_MS` later. It goes into the
 * environment of a whole engine, whose language host and provider host then live on the day of the simulator, as they are shipped.
 */
const shift = Number(process.env.CLOCK_SHIFT_MS);
if (!Number.isFinite(shift)) {
  throw new TypeError("CLOCK_SHIFT_MS is not set");
}
const now = Date.now.bind(Date);
const shifted = () => now() + shift;

globalThis.Date = new Proxy(Date, {
  apply: (RealDate) => new RealDate(shifted()).toString(),
  construct: (RealDate, given, target) => Reflect.construct(RealDate, given.length === 0 ? [shifted()] : given, target),
  get: (RealDate, name, self) => (name === "now" ? shifted : Reflect.get(RealDate, name, self)),
});
