// Builds elements. Whatever is shown was sent by somebody else, so there is no way to put HTML in.

const SVG = "http://www.w3.org/2000/svg";
const LINKS = new Set(["href", "src", "action", "formaction", "xlink:href"]);

/**
 * @typedef {Node | string | number | null | undefined | false | Child[]} Child  lists may be nested
 * @typedef {{[name: string]: any}} Attributes  `on` is an object of listeners, `style` one of CSS properties,
 *   `data` one of data attributes, `class` a string; false, null and undefined leave an attribute out, true sets it empty.
 */

/**
 * A new HTML element; children that are no nodes become text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * The same for SVG.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * Replaces what is in an element.
 * @param {Element} element
 * @param {...Child} children
 */
export function put(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/** Whether a link may lead there: to https, to a place of this page, or to what the page made itself. @param {string} url */
export function isSafeLink(url) {
  return /^(https:\/\/|blob:|#\/|\/inspect\/static\/)/i.test(url);
}

/** A link where the address is https, else plain text. @param {string} url @param {string} [text] */
export function link(url, text = url) {
  if (!/^https:\/\/[^\s]+$/i.test(url)) return document.createTextNode(text);
  return h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, text);
}

/** The kinds of pictures that a browser decodes without running anything: SVG, which may hold scripts, is not among them. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);

/** Whether a body of a media type may be shown as a picture. @param {string} type */
export function isPicture(type) {
  return PICTURES.has(type);
}

/**
 * A picture of bytes; its address holds them, so that nothing is fetched, and a browser that opens it gives it an origin of its own.
 * @param {string} type @param {string} base64 @param {string} text what it is, in words
 */
export function picture(type, base64, text) {
  if (!isPicture(type)) throw new TypeError(`${type} is no picture`);
  const image = h("img", { alt: text });
  image.src = `data:${type};base64,${base64}`;
  return image;
}

/**
 * @template {Element} Filled
 * @param {Filled} element @param {Attributes} attributes @param {Child[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...nodes(children));
  return element;
}

/** @param {any} element @param {string} name @param {any} value */
function set(element, name, value) {
  if (value === false || value === null || value === undefined) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (name === "style") {
    for (const [property, one] of Object.entries(value)) element.style.setProperty(property, String(one));
  } else if (name === "data") {
    Object.assign(element.dataset, value);
  } else if (/^on|^srcdoc$/i.test(name)) {
    throw new TypeError(`${name} would run text as a program`);
  } else if (LINKS.has(name.toLowerCase()) && !isSafeLink(String(value))) {
    throw new TypeError(`no link may lead to ${value}`);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** The children as one list, without those that stand for nothing. @param {Child[]} children @returns {(Node | string)[]} */
function nodes(children) {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return nodes(child);
    if (child === null || child === undefined || child === false) return [];
    return [child instanceof Node ? child : String(child)];
  });
}
