// Bytes as text with what cannot be seen made visible, and as hexadecimal digits.

const LINE = 16; // bytes on a line of digits

/** The bytes of a content or a chunk of the API. @param {{text?: string | null, base64?: string | null}} content */
export function bytesOf({ text, base64 }) {
  if (text !== null && text !== undefined) return new TextEncoder().encode(text);
  return Uint8Array.from(atob(base64 ?? ""), (letter) => letter.charCodeAt(0));
}

/** Bytes as base64 (RFC 4648). @param {Uint8Array} bytes */
export function base64Of(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 4096) letters += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(letters);
}

/** Line ends and other unseen characters are written out; bytes that are no UTF-8 as \xff. @param {Uint8Array} bytes */
export function escaped(bytes) {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const whole = text.includes("\ufffd") ? broken(bytes) : text;
  return whole
    // eslint-disable-next-line no-control-regex -- control characters are what is to be made visible
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (one) => named(one))
    .replaceAll("\n", "\\n\n");
}

/** @param {string} one */
function named(one) {
  const code = one.charCodeAt(0);
  /** @type {Record<number, string>} */
  const names = { 9: "\\t", 13: "\\r" };
  return names[code] ?? (code < 256 ? `\\x${hex(code)}` : `\\u${code.toString(16).padStart(4, "0")}`);
}

/** What is UTF-8 of the bytes as text, the rest as \xff. @param {Uint8Array} bytes */
function broken(bytes) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at] < 0x80 ? 1 : bytes[at] < 0xe0 ? 2 : bytes[at] < 0xf0 ? 3 : 4;
    try {
      text += decoder.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += `\\x${hex(bytes[at])}`;
      at += 1;
    }
  }
  return text;
}

/** Lines of an offset, sixteen bytes and what they are in ASCII. @param {Uint8Array} bytes */
export function dump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += LINE) {
    const line = [...bytes.subarray(at, at + LINE)];
    const digits = line.map(hex).join(" ").padEnd(LINE * 3 - 1);
    const letters = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${digits}  ${letters}`);
  }
  return lines.join("\n");
}

/** @param {number} byte */
function hex(byte) {
  return byte.toString(16).padStart(2, "0");
}
