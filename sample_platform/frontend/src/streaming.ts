/** The state of the answer that is streaming: one store, whose every change is told in the console. */

import { writable, type Readable } from "svelte/store";

import type { Problem } from "./problems.ts";

export interface Progress {
  progress: number;
  message: string;
  step: string;
}

export type StreamingState =
  | { isStreaming: false; progress: 0; step: "idle" }
  | ({ isStreaming: true } & Progress)
  | { isStreaming: false; progress: 100; response: string; step: "complete" }
  | { isStreaming: false; progress: number; step: "error"; problem: Problem };

export interface StreamingStore extends Readable<StreamingState> {
  start(): void;
  updateProgress(update: Partial<Progress>): void;
  setFinalResponse(response: string, event: string): void;
  fail(problem: Problem): void;
  reset(): void;
}

const IDLE: StreamingState = { isStreaming: false, progress: 0, step: "idle" };

export function createStreaming(log: (line: string) => void = console.log): StreamingStore {
  let state = IDLE;
  const { subscribe, set } = writable<StreamingState>(state);

  function change(what: string, next: StreamingState): void {
    state = next;
    set(state);
    log(`Streaming store ${what}: ${JSON.stringify(state)}`);
  }

  return {
    subscribe,
    start: () => change("starting", { isStreaming: true, progress: 0, message: "Starting...", step: "start" }),
    updateProgress(update) {
      if (!state.isStreaming) return;
      const { progress, message, step } = { ...state, ...update };
      change("updating progress", { isStreaming: true, progress, message, step });
    },
    setFinalResponse(response, event) {
      log(`Setting final response - event: ${event}`);
      change("final", { isStreaming: false, progress: 100, response, step: "complete" });
    },
    fail: (problem) => change("failed", { isStreaming: false, progress: state.progress, step: "error", problem }),
    reset: () => change("idle", IDLE),
  };
}
