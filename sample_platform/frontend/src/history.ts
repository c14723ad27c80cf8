/** What the chatbot gets of the conversation with a question: as much of its end as a request may have. */

import type { Exchange, Question } from "./api.ts";

export type Message = Question["conversation_history"][number];

const MOST_MESSAGES = 40;

/** The platform takes 2.5 MB of UTF-8, in which JSON writes a character with 6 bytes at most, and nearly all with 3. */
const MOST_CHARACTERS = 400_000;

export function historyOf(exchanges: Exchange[]): Message[] {
  const messages = exchanges.flatMap(({ query, response }): Message[] => [
    { role: "user", content: query },
    { role: "assistant", content: response },
  ]);
  const newest = messages.slice(-MOST_MESSAGES);
  let room = MOST_CHARACTERS;
  const tooLong = newest.findLastIndex(({ content }) => (room -= content.length) < 0);
  return newest.slice(tooLong + 1);
}
