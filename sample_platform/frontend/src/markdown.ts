/** An answer as HTML: Markdown without HTML in it, without images, and with links to https alone. */

import MarkdownIt from "markdown-it";

import { httpsUrl } from "./sources.ts";

/** Longer answers are shown as they are: laying them out would keep the page busy. */
export const LONGEST = 200_000;

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true }).disable("image");
markdown.validateLink = (url) => httpsUrl(url) !== null;
markdown.renderer.rules.link_open = (tokens, index, options, _environment, renderer) => {
  tokens[index]?.attrSet("rel", "noopener noreferrer");
  tokens[index]?.attrSet("target", "_blank");
  return renderer.renderToken(tokens, index, options);
};
// The page's own headings come first.
markdown.renderer.rules.heading_open = () => '<p class="heading">';
markdown.renderer.rules.heading_close = () => "</p>";

export function toHtml(text: string): string {
  return markdown.render(text);
}
