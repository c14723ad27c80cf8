/** The sources of an answer: every string in them is a stranger's. */

export interface Source {
  type: string;
  title: string;
  /** Only where it is an https address. */
  url?: string;
  /** What else is known, such as a page. */
  detail: string;
}

const KINDS: Record<string, string> = { web: "Web page", document: "Document", dataset: "Dataset" };

export function sourcesOf(value: unknown): Source[] {
  return Array.isArray(value) ? value.filter(isObject).map(sourceOf) : [];
}

function sourceOf(given: Record<string, unknown>): Source {
  const type = typeof given.type === "string" && Object.hasOwn(KINDS, given.type) ? given.type : "other";
  const url = httpsUrl(given.url);
  const title = typeof given.title === "string" && given.title.trim() ? given.title : "Untitled";
  return { type, title, detail: detailOf(given, url), ...(url && { url: url.href }) };
}

function detailOf(given: Record<string, unknown>, url: URL | null): string {
  if (typeof given.page === "number") return `page ${given.page}`;
  if (typeof given.rows === "number") return `${given.rows} rows`;
  return url?.hostname ?? "";
}

export function httpsUrl(value: unknown): URL | null {
  if (typeof value !== "string" || !URL.canParse(value)) return null;
  const url = new URL(value);
  return url.protocol === "https:" ? url : null;
}

export function kindOf(source: Source): string {
  return KINDS[source.type] ?? "Source";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
