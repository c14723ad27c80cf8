/** The events of the platform's stream, read from whatever their data turns out to be. */

import { createParser } from "eventsource-parser";

import type { Progress } from "./streaming.ts";

export interface StreamEvent {
  type: string;
  /** The JSON object in the data; null when there is none, which does not end the stream. */
  data: Record<string, unknown> | null;
}

const LONGEST_LOGGED = 300;

/** The events of a body, as they arrive; each chunk and each event is told in the console. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  log: (line: string) => void = console.log,
): AsyncGenerator<StreamEvent> {
  const ready: StreamEvent[] = [];
  const parser = createParser({
    onEvent: (event) => ready.push({ type: event.event ?? "message", data: jsonObject(event.data) }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      log(`Frontend received chunk: ${shortened(text)}`);
      parser.feed(text);
      for (const event of ready.splice(0)) {
        log(`Frontend yielding event: ${event.type} with data: ${shortened(JSON.stringify(event.data))}`);
        yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

export function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** What a progress event changes: the fields that it has and that are of the right type. */
export function progressOf(data: Record<string, unknown>): Partial<Progress> {
  const update: Partial<Progress> = {};
  if (typeof data.progress === "number") update.progress = Math.min(100, Math.max(0, data.progress));
  if (typeof data.message === "string") update.message = data.message;
  if (typeof data.step === "string") update.step = data.step;
  return update;
}

/** Details of a step as short texts: plain values, and lists of them. */
export function detailsOf(data: Record<string, unknown>): string[] {
  const details = data.details;
  if (typeof details !== "object" || details === null) return [];
  return Object.entries(details)
    .map(([name, value]) => [name.replaceAll("_", " "), plain(value)] as const)
    .filter(([, value]) => value !== "")
    .slice(0, 8)
    .map(([name, value]) => `${name}: ${value}`);
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.slice(0, 10).map(plain).filter(Boolean).join(", ");
  return typeof value === "string" || typeof value === "number" ? shortened(String(value)) : "";
}

function shortened(text: string): string {
  return text.length > LONGEST_LOGGED ? `${text.slice(0, LONGEST_LOGGED)}...` : text;
}
