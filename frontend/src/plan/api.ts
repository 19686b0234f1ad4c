// Asking the server. What it says is JSON; what it keeps of the plan is ciphertext.

const PATIENCE_MS = 15_000;
/** From here on it is a fault of the server or of what stands before it, and no answer to what was asked. */
const FAULT = 500;

export interface SlotBody { id: string; kind: string; label: string; body: string }
export interface PartBody { id: string; revision: number; body: string }

/** What `GET /plan/all` answers; docs/reference/http.md says what each of it is. */
export interface All {
  person: string;
  vault: {recipient: string; verify_key: string; made_at: string; words_later: number} | null;
  look_again: boolean;
  slots: (SlotBody & {made_at: string})[];
  parts: PartBody[];
  shares: {id: string; part: string; supporter: string; key: string; version: number}[];
  supporters: {id: string; name: string; keys: {id: string; recipient: string; made_at: string}[]}[];
  notes: {id: string; writer: {id: string; name: string}; body: string; made_at: string}[];
  openings: {name: string; at: string}[];
  card: string;
}

/** Nothing was heard from the server, or it was in no state to say anything. Worth another try later. */
export class Offline extends Error {}

/** The server said no. */
export class Answered extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(String(status));
    this.status = status;
    this.body = body;
  }
}

export interface Asked { body?: unknown; tag?: string }
export interface Told<T> { status: number; body: T; tag: string }

/** What the server tells; a 304 has no body. Throws `Offline` and `Answered`. */
export const ask = async <T>(method: string, path: string, {body, tag}: Asked = {}): Promise<Told<T>> => {
  const headers: Record<string, string> = {Accept: "application/json"};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (tag) headers["If-None-Match"] = tag;
  const sent = body === undefined ? null : JSON.stringify(body);
  const answer = await fetch(path, {
    method, headers, body: sent, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => { throw new Offline(); });
  const told = await answer.json().catch(() => null) as T;
  // Half an answer is none: the line went in the middle of it.
  if (answer.status >= FAULT || (answer.ok && told === null)) throw new Offline();
  if (!answer.ok && answer.status !== 304) throw new Answered(answer.status, told);
  return {status: answer.status, body: told, tag: answer.headers.get("ETag") ?? ""};
};

export const send = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
  (await ask<T>(method, path, {body})).body;
