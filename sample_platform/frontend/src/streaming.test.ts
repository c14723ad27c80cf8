import assert from "node:assert/strict";
import { test } from "node:test";

import { createStreaming, type StreamingState } from "./streaming.ts";

function observed(): { store: ReturnType<typeof createStreaming>; states: StreamingState[]; lines: string[] } {
  const states: StreamingState[] = [];
  const lines: string[] = [];
  const store = createStreaming((line) => lines.push(line));
  store.subscribe((state) => states.push(state));
  return { store, states: states, lines };
}

test("the states of an answer are those of the acceptance document", () => {
  const { store, states, lines } = observed();
  store.start();
  store.updateProgress({ progress: 25, message: "Loading documents...", step: "loading_documents" });
  store.updateProgress({ progress: 50, message: "Analyzing...", step: "analyzing" });
  store.setFinalResponse("Revenue grew.", "result");
  assert.deepEqual(states.slice(1), [
    { isStreaming: true, progress: 0, message: "Starting...", step: "start" },
    { isStreaming: true, progress: 25, message: "Loading documents...", step: "loading_documents" },
    { isStreaming: true, progress: 50, message: "Analyzing...", step: "analyzing" },
    { isStreaming: false, progress: 100, response: "Revenue grew.", step: "complete" },
  ]);
  assert.equal(lines.at(-2), "Setting final response - event: result");
});

test("an event that lacks a field leaves it as it was", () => {
  const { store, states } = observed();
  store.start();
  store.updateProgress({ progress: 10 });
  assert.deepEqual(states.at(-1), { isStreaming: true, progress: 10, message: "Starting...", step: "start" });
});

test("after the end nothing moves", () => {
  const { store, states } = observed();
  store.start();
  store.fail({ title: "Broken", help: "", detail: "" });
  const seen = states.length;
  store.updateProgress({ progress: 90 });
  assert.equal(states.length, seen);
});
