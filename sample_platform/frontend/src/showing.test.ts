import assert from "node:assert/strict";
import { test } from "node:test";

import { historyOf } from "./history.ts";
import { toHtml } from "./markdown.ts";
import { problemOf, refused } from "./problems.ts";
import { sourcesOf } from "./sources.ts";

test("Markdown gives no HTML of its own, no image, and links to https alone", () => {
  const cases: [string, string][] = [
    ["**bold** & more", "<p><strong>bold</strong> &amp; more</p>"],
    ["<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"],
    ["<b onclick=x>y</b>", "<p>&lt;b onclick=x&gt;y&lt;/b&gt;</p>"],
    ["[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"],
    ["[x](data:text/html,1)", "<p>[x](data:text/html,1)</p>"],
    ["[x](/relative)", "<p>[x](/relative)</p>"],
    ["[x](http://example.org/)", "<p>[x](http://example.org/)</p>"],
    ["[x](https://example.org/)", '<p><a href="https://example.org/" rel="noopener noreferrer" target="_blank">x</a></p>'],
    ["# Title", '<p class="heading">Title</p>'],
  ];
  for (const [markdown, html] of cases) assert.equal(toHtml(markdown).trim(), html);
  assert.doesNotMatch(toHtml("![x](https://example.org/a.png)"), /<img/);
});

test("a source has a title always, and a link to https alone", () => {
  const shown = sourcesOf([
    { type: "web", title: "A", url: "https://example.org/a" },
    { type: "web", title: "<script>", url: "javascript:alert(1)" },
    { type: "document", title: "B", page: 42 },
    { type: "dataset", title: "C", rows: 128, url: "http://example.org" },
    { type: "constructor", url: "https://" },
    "nonsense",
    null,
  ]);
  assert.deepEqual(shown, [
    { type: "web", title: "A", url: "https://example.org/a", detail: "example.org" },
    { type: "web", title: "<script>", detail: "" },
    { type: "document", title: "B", detail: "page 42" },
    { type: "dataset", title: "C", detail: "128 rows" },
    { type: "other", title: "Untitled", detail: "" },
  ]);
  assert.deepEqual(sourcesOf("nonsense"), []);
});

test("every error of the contract has words that help", () => {
  const cases: [string, string][] = [
    ["Failed to connect to chatbot: Connection refused", "The chatbot cannot be reached"],
    ["Failed to connect to chatbot: 503 Server Error: Service Unavailable", "The chatbot is busy"],
    ["Unexpected response type: text/html", "The chatbot answered in a way that the platform does not understand"],
    ["Stream ended prematurely", "The connection to the chatbot broke"],
    ["Invalid job response: missing job_id", "The chatbot answered in a way that the platform does not understand"],
    ["Job polling error: 404 Client Error: Not Found", "The chatbot lost your session"],
    ["Job polling error: 401 Client Error: Unauthorized", "The chatbot lost your session"],
    ["Job polling error: 500 Server Error", "The chatbot cannot say how far it is"],
    ["Job polling timeout exceeded", "The answer takes too long"],
    ["Job failed", "The chatbot could not answer"],
  ];
  for (const [detail, title] of cases) {
    const problem = problemOf({ error: detail });
    assert.deepEqual([problem.title, problem.detail], [title, detail]);
  }
  assert.equal(problemOf({ error: { message: "deep" } }).detail, "deep");
  assert.equal(problemOf(null).detail, "");
  assert.equal(problemOf({ error: "x", retry_after: 6.2 }).retryAfter, 7);
});

test("the history is the end of the conversation that a request has room for", () => {
  const exchange = (query: string, response: string) => ({ query, response, sources: [] });
  const user = (content: string) => ({ role: "user", content });
  const assistant = (content: string) => ({ role: "assistant", content });
  assert.deepEqual(historyOf([]), []);
  assert.deepEqual(historyOf([exchange("a", "b")]), [user("a"), assistant("b")]);
  const many = Array.from({ length: 30 }, (_, place) => exchange(`q${place}`, `r${place}`));
  assert.deepEqual(historyOf(many).slice(0, 2), [user("q10"), assistant("r10")]);
  assert.equal(historyOf(many).length, 40);
  const long = "x".repeat(399_998);
  assert.deepEqual(historyOf([exchange("a", "b"), exchange("c", long)]), [assistant("b"), user("c"), assistant(long)]);
  assert.deepEqual(historyOf([exchange("a", "b"), exchange("c", `${long}${long}`), exchange("d", "e")]), [user("d"), assistant("e")]);
});

test("a refusal of the platform says what to do", () => {
  assert.equal(refused(401, "", 0).signIn, true);
  assert.equal(refused(503, "", 10).retryAfter, 10);
  assert.match(refused(413, "", 0).help, /Shorten it/);
  assert.match(refused(403, "", 0).help, /Load the page again/);
  assert.equal(refused(404, "There is no such chat session", 0).detail, "404 There is no such chat session");
});
