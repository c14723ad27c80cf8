// A fault as the line that plans are written in: `reset after-events=3 path=/jobs/*`. Nothing here draws.

/** @import { FaultEntry, ParameterEntry } from "../../core/api_types.d.ts" */

/**
 * @param {FaultEntry} fault
 * @param {Record<string, string>} values what was given; empty texts are left out
 * @returns {string}
 */
export function lineOf(fault, values) {
  const given = fault.parameters.filter(({ name }) => values[name]);
  return [fault.name, ...given.map((parameter) => word(parameter, values[parameter.name]))].join(" ");
}

/** @param {ParameterEntry} parameter @param {string} value */
function word({ name, kind }, value) {
  if (kind === "") return name;
  return `${name}=${kind === "JSON" ? json(value) : quoted(value)}`;
}

/** JSON is written as it is, and a text that is none as a JSON string. @param {string} value */
function json(value) {
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

/** @param {string} value */
function quoted(value) {
  return /[\s'"{}[\]\\]/.test(value) ? JSON.stringify(value) : value;
}

/**
 * The parameter that the server's refusal is about, and what it says of it; no name when it is about the whole line.
 * @param {string} message
 * @returns {{name: string, text: string}}
 */
export function refusal(message) {
  const wrong = /^fault [\w-]+: ([\w-]+): (.*)$/s.exec(message);
  if (wrong) return { name: wrong[1], text: wrong[2] };
  const needed = /^fault [\w-]+ needs ([\w-]+)=/.exec(message);
  return { name: needed ? needed[1] : "", text: message };
}
