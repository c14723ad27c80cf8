// Times, sizes and counts as people read them. Times come in integer microseconds.

/** A length of time: "812 µs", "3.4 ms", "1.204 s", "2 m 03 s". @param {number | null | undefined} us @returns {string} */
export function duration(us) {
  if (us === null || us === undefined) return "–";
  if (us < 0) return `−${duration(-us)}`;
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 10_000) return `${(us / 1000).toFixed(1)} ms`;
  if (us < 999_500) return `${Math.round(us / 1000)} ms`;
  if (us < 10_000_000) return `${(us / 1e6).toFixed(2)} s`;
  if (us < 60_000_000) return `${(us / 1e6).toFixed(1)} s`;
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} m`;
}

/** A place in time, in seconds to the millisecond: "0.004", "12.310". @param {number | null | undefined} us */
export function instant(us) {
  return us === null || us === undefined ? "–" : (us / 1e6).toFixed(3);
}

/** A time of day where the reader is: "11-22 14:11:04.123". @param {number} us since 1970, UTC */
export function clock(us) {
  const time = new Date(us / 1000);
  const day = `${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const part = String(time.getMilliseconds()).padStart(3, "0");
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${part}`;
}

/** "812 B", "1.4 kB", "3.2 MB". @param {number | null | undefined} bytes */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return "–";
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** 12345 as "12 345". @param {number} number */
export function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** "1 event", "2 events". @param {number} number @param {string} one @param {string} [many] */
export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A text on one line and not too long. @param {string} text @param {number} [most] */
export function brief(text, most = 300) {
  const line = text.slice(0, most + 1).replace(/\s+/g, " ");
  return text.length > most ? `${line.slice(0, most)}…` : line;
}

/** What the status of an answer means for its colour. @param {number | null} status */
export function tone(status) {
  if (status === null) return "bad";
  return status >= 400 ? "bad" : status >= 300 ? "warn" : "good";
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}
