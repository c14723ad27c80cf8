// What the server's API answers. Written by `make docs` from the structs that the server encodes.

/** See inspector/views/answer.py. */
export interface AnswerView {
  answer: ShownAnswer | null;
}

/** See inspector/workspace/content.py. */
export interface BodyContent {
  size: number;
  text: string | null;
  base64: string | null;
  json: boolean;
  truncated: boolean;
}

/** See inspector/views/sessions.py. */
export interface CarriedToken {
  key: string;
  name: string;
  where: string;
}

/** See replayer/admin/responses.py. */
export interface Catalogue {
  faults: FaultEntry[];
}

/** See inspector/handlers/changes.py. */
export interface Change {
  version: number;
  files: FileView[];
  exchanges: string[] | "all";
}

/** See inspector/views/exchange.py. */
export interface ChunksPage {
  count: number;
  end: boolean;
  chunks: ShownChunk[];
}

/** See cassettes/answers/answer.py. */
export interface Citation {
  title: string;
  url: string;
  text: string;
}

/** See inspector/views/diff_worker.py. */
export interface DiffView {
  verdict: "could-not-compare" | "different" | "same";
  pairs: MomentPair[];
  differences: Difference[];
  uncompared: Uncompared[];
  left: SideView;
  right: SideView;
}

/** See comparison/result/difference.py. */
export interface Difference {
  aspect: "answer" | "content-type" | "cookies" | "deltas" | "ending" | "events" | "headers" | "heartbeats" | "progress" | "status" | "structure" | "texts" | "timing" | "usage" | "values";
  change: "added" | "changed" | "duplicated" | "moved" | "removed" | "renamed" | "retyped";
  session: number;
  request: string;
  at: Place;
  live_at: Place;
  event: string;
  pointer: string;
  recorded: string;
  live: string;
  why: string;
  in_answer: boolean;
  measure: number | null;
}

/** See inspector/views/row.py. */
export interface ExchangeRow {
  id: string;
  session: string | null;
  job: string | null;
  kind: "job" | "plain" | "stream";
  method: string;
  host: string;
  target: string;
  status: number | null;
  media_type: string;
  events: number;
  heartbeats: number;
  errors: number;
  chunks: number;
  bytes: number;
  began: number;
  began_at: number | null;
  duration: number;
  first_event: number | null;
  how: string;
  lossy: boolean;
}

/** See inspector/views/exchange.py. */
export interface ExchangeView {
  row: ExchangeRow;
  request: RequestView;
  response: ResponseView | null;
  how: string;
  message: string;
  losses: LossView[];
  curl: string;
  previous: string | null;
  next: string | null;
}

/** See replayer/admin/responses.py. */
export interface ExchangesPage {
  exchanges: RecordedExchange[];
  next: number;
  total: number;
  played: number;
}

/** See inspector/handlers/export.py. */
export interface ExportRequest {
  format: "har" | "jsonl";
  ids?: string[];
  filter?: string;
}

/** See replayer/faults/language/catalogue.py. */
export interface FaultEntry {
  name: string;
  family: string;
  summary: string;
  help: string;
  example: string;
  counts: "events" | "requests";
  parameters: ParameterEntry[];
}

/** See replayer/admin/responses.py. */
export interface Faults {
  faults: string[];
  seed?: number;
}

/** See inspector/views/overview.py. */
export interface FileView {
  file: number;
  name: string;
  exchanges: number;
  summed: number;
  growing: boolean;
  warnings: string[];
  upstream: string;
  created: string;
}

/** See inspector/filter/word_list.py. */
export interface FilterWord {
  word: string;
  finds: string;
}

/** See inspector/views/filter_words.py. */
export interface FilterWords {
  words: FilterWord[];
}

/** See replayer/admin/responses.py. */
export interface Health {
  exchanges: number;
  requests: number;
  misses: number;
  open_streams: number;
  status: "ok";
}

/** See inspector/handlers/upload_handlers.py. */
export interface Imported {
  file: number;
  skipped: Record<string, number>;
  warnings: string[];
}

/** See inspector/views/job.py. */
export interface JobView {
  id: string;
  job_id: string;
  began: number;
  ended: boolean;
  how: string;
  total: number;
  polls: PollView[];
}

/** See replayer/journal.py. */
export interface JournalEntry {
  number: number;
  at: number;
  method: string;
  target: string;
  why: "after-last" | "forwarded" | "lost-session" | "match" | "miss";
  session: number | null;
  cassette: string | null;
  exchange: number | string | null;
  status: number | null;
  nearest: Neighbour[];
  fresh: RequestDifference[];
  faults: string[];
}

/** See replayer/admin/responses.py. */
export interface JournalPage {
  entries: JournalEntry[];
  next: number;
}

/** See inspector/views/exchange.py. */
export interface LossView {
  at: number;
  reason: string;
  records: number;
  bytes: number;
}

/** See replayer/admin/responses.py. */
export interface MissesPage {
  misses: JournalEntry[];
  next: number;
}

/** See inspector/views/diff_worker.py. */
export interface MomentPair {
  left: number | null;
  right: number | null;
  what: "changed" | "extra" | "missing" | "moved" | "same";
  differences: Difference[];
}

/** See inspector/views/exchange.py. */
export interface MomentsPage {
  count: number;
  end: boolean;
  moments: ShownMoment[];
}

/** See replayer/journal.py. */
export interface Neighbour {
  cassette: string;
  exchange: number | string;
  differences: RequestDifference[];
  options: string[];
}

/** See inspector/views/overview.py. */
export interface Overview {
  version: number;
  files: FileView[];
  replay_url: string;
  recording: RecordingState | null;
  token_needed: boolean;
}

/** See replayer/faults/language/catalogue.py. */
export interface ParameterEntry {
  name: string;
  kind: string;
  help: string;
  needed: boolean;
  default: string | null;
  limit: boolean;
}

/** See comparison/result/difference.py. */
export interface Place {
  exchange: number | null;
  event: number | null;
}

/** See inspector/views/job.py. */
export interface PollView {
  id: string;
  at: number;
  status: string;
  progress: number | null;
  step: string;
  message: string;
  http_status: number | null;
  result: boolean;
  error: string;
}

/** See replayer/admin/responses.py. */
export interface RecordedExchange {
  number: number;
  cassette: string;
  exchange: number | string;
  method: string;
  target: string;
  status: number | null;
  played: number;
}

/** See inspector/workspace/page_recorder.py. */
export interface RecordingState {
  upstream: string;
  url: string;
  file: string;
}

/** See inspector/handlers/recording_switch.py. */
export interface RecordingSwitch {
  on: boolean;
}

/** See replayer/matching/differences.py. */
export interface RequestDifference {
  what: string;
  expected: string;
  found: string;
}

/** See inspector/handlers/send.py. */
export interface RequestToSend {
  of: string;
  to: "live" | "replay";
  method?: string;
  target?: string;
  headers?: [string, string][];
  body?: string;
}

/** See inspector/views/exchange.py. */
export interface RequestView {
  at: number;
  method: string;
  url: string;
  http: string;
  headers: [string, string][];
  body: BodyContent;
}

/** See inspector/views/exchange.py. */
export interface ResponseView {
  at: number;
  status: number;
  reason: string;
  http: string;
  headers: [string, string][];
  body: BodyContent;
}

/** See inspector/handlers/send.py. */
export interface SentRequest {
  id: string;
}

/** See replayer/admin/responses.py. */
export interface Session {
  number: number;
  began: number;
  idle: number;
  recorded: number[];
  played: number;
  tokens: string[];
}

/** See inspector/views/sessions.py. */
export interface SessionExchange {
  row: ExchangeRow;
  issues: CarriedToken[];
  sends: CarriedToken[];
  lacks: CarriedToken[];
}

/** See inspector/views/sessions.py. */
export interface SessionRow {
  id: string;
  exchanges: number;
  began: number;
  duration: number;
  jobs: number;
  errors: number;
}

/** See inspector/views/sessions.py. */
export interface SessionTablePage {
  total: number;
  sessions: SessionRow[];
}

/** See inspector/views/pytest_module.py. */
export interface SessionTest {
  name: string;
  text: string;
  cassette: string;
  exchanges: string[];
}

/** See inspector/views/sessions.py. */
export interface SessionView {
  id: string;
  total: number;
  exchanges: SessionExchange[];
  tokens: TokenView[];
}

/** See replayer/admin/responses.py. */
export interface SessionsPage {
  sessions: Session[];
  next: number;
}

/** See inspector/views/answer.py. */
export interface ShownAnswer {
  protocol: string;
  model: string;
  finish_reason: string;
  error: string;
  ended: boolean;
  tool_calls: ShownCall[];
  citations: Citation[];
  usage: Record<string, number>;
  pieces: ShownPiece[];
  truncated: boolean;
}

/** See inspector/views/answer.py. */
export interface ShownCall {
  name: string;
  arguments: string;
}

/** See inspector/workspace/response_timeline.py. */
export interface ShownChunk {
  n: number;
  at: number;
  size: number;
  offset: number;
  text: string | null;
  base64: string | null;
}

/** See inspector/workspace/response_timeline.py. */
export interface ShownMoment {
  n: number;
  at: number;
  gap: number;
  what: "chunk" | "end" | "event" | "head";
  name: string;
  size: number;
  data: string;
  truncated: boolean;
  id: string;
  retry: number | null;
  dispatched: boolean;
  comments: string[];
  chunks: [number, number] | null;
}

/** See inspector/views/answer.py. */
export interface ShownPiece {
  kind: "reasoning" | "text" | "tool";
  text: string;
  moment: number | null;
  at: number;
}

/** See inspector/views/diff_worker.py. */
export interface SideView {
  row: ExchangeRow;
  count: number;
  end: boolean;
  moments: ShownMoment[];
}

/** See replayer/admin/responses.py. */
export interface Speed {
  speed: number | "max";
  max_gap: number | null;
}

/** See inspector/views/exchanges.py. */
export interface TablePage {
  total: number;
  matched: number;
  summed: boolean;
  searched: number;
  hosts: number;
  version: number;
  rows: ExchangeRow[];
}

/** See inspector/views/sessions.py. */
export interface TokenView {
  key: string;
  name: string;
  where: string;
  shown: string;
  values: number;
  issued_by: string | null;
}

/** See comparison/result/difference.py. */
export interface Uncompared {
  why: string;
  session: number | null;
  live_session: number | null;
  request: string;
  at: Place;
  live_at: Place;
}

/** What a path answers with. */
export type Answer<Path extends string> =
  Path extends `exchange/${string}/moment/${number}` ? BodyContent :
  Path extends `exchange/${string}/moments` ? MomentsPage :
  Path extends `exchange/${string}/answer` ? AnswerView :
  Path extends `exchange/${string}/chunks` ? ChunksPage :
  Path extends `exchange/${string}/body` ? BodyContent :
  Path extends `session/${string}/test` ? SessionTest :
  Path extends `exchange/${string}` ? ExchangeView :
  Path extends `session/${string}` ? SessionView :
  Path extends "/faults/catalogue" ? Catalogue :
  Path extends `job/${string}` ? JobView :
  Path extends "filter-words" ? FilterWords :
  Path extends "/exchanges" ? ExchangesPage :
  Path extends "exchanges" ? TablePage :
  Path extends "/sessions" ? SessionsPage :
  Path extends "overview" ? Overview :
  Path extends "sessions" ? SessionTablePage :
  Path extends "/journal" ? JournalPage :
  Path extends "/health" ? Health :
  Path extends "/misses" ? MissesPage :
  Path extends "/faults" ? Faults :
  Path extends "/speed" ? Speed :
  Path extends "diff" ? DiffView :
  never;
