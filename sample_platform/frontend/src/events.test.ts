import assert from "node:assert/strict";
import { test } from "node:test";

import { detailsOf, progressOf, readEvents, type StreamEvent } from "./events.ts";

const BODY = new TextEncoder().encode(
  'event: progress\ndata: {"step": "é→😀", "progress": 10}\n\n: a comment\n\ndata: no JSON\n\n' +
    'event: result\ndata: {"response":\ndata: "two lines"}\n\n',
);

const EVENTS: StreamEvent[] = [
  { type: "progress", data: { step: "é→😀", progress: 10 } },
  { type: "message", data: null },
  { type: "result", data: { response: "two lines" } },
];

async function read(chunks: Uint8Array[]): Promise<StreamEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return Array.fromAsync(readEvents(body, () => {}));
}

test("the events are the same at every split", async () => {
  for (let at = 0; at <= BODY.length; at++) {
    assert.deepEqual(await read([BODY.slice(0, at), BODY.slice(at)]), EVENTS, `split at ${at}`);
  }
  assert.deepEqual(await read(Array.from(BODY, (byte) => Uint8Array.of(byte))), EVENTS);
});

test("progress takes what is of the right type, and no other number than a percentage", () => {
  assert.deepEqual(progressOf({ progress: 12.5, message: "m", step: "s", more: 1 }), { progress: 12.5, message: "m", step: "s" });
  assert.deepEqual(progressOf({ progress: "12", message: 1, step: null }), {});
  assert.deepEqual(progressOf({ progress: 1e9 }), { progress: 100 });
  assert.deepEqual(progressOf({ progress: -1 }), { progress: 0 });
});

test("details are short texts", () => {
  const details = { documents_found: 12, sources: ["A", "B", { no: 1 }], nested: { no: 1 }, long: "x".repeat(999) };
  assert.deepEqual(detailsOf({ details }), ["documents found: 12", "sources: A, B", `long: ${"x".repeat(300)}...`]);
  assert.deepEqual(detailsOf({ details: "none" }), []);
});
