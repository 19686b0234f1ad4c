// What this page knows of the plan at this moment. Shared by vault.ts and sync.ts; other rooms ask vault.ts.

import {hkdf} from "@noble/hashes/hkdf.js";
import {sha256} from "@noble/hashes/sha2.js";
import {hex, utf8} from "../format/bytes.ts";
import type {Keys} from "../format/keys.ts";
import type {Part} from "../format/part.ts";
import type {Reason} from "../format/refused.ts";
import type {All} from "./api.ts";
import type {Vault} from "./db.ts";

/** What may change in a part. */
export interface Change {text?: string; notForMe?: boolean; more?: Record<string, unknown>}

/** While the plan is open. */
export interface Open {
  secret: Uint8Array;
  keys: Keys;
  /** By kind. */
  parts: Map<string, Part>;
  drafts: Map<string, Part>;
  /** By kind: what a draft was made from; none when nothing was there. */
  bases: Map<string, Part>;
}

export type Synced = "done" | "offline" | "refused" | "signed_out";

interface Held {
  vault: Vault | null;
  /** Whether this browser has a key of its own for it. */
  hasKey: boolean;
  open: Open | null;
  all: All | null;
  tag: string;
  /** The server has no plan any more, or another one than the one kept here. */
  gone: "" | "erased" | "other";
  /** This browser was shut out from another one, and has forgotten the plan. */
  isShutOut: boolean;
  /** Ids of parts that are not at the server yet. */
  waiting: Set<string>;
  /** By id: what the server sent and was not taken. */
  refused: Map<string, Reason>;
  /** Kinds in which two texts were put together since the page was opened. */
  joined: Set<string>;
  synced: Synced | null;
}

export const held: Held = {
  vault: null, hasKey: false, open: null, all: null, tag: "", gone: "", isShutOut: false, waiting: new Set(), refused: new Map(),
  joined: new Set(), synced: null,
};

const changes = new Set<() => void>(), locks = new Set<() => void>();
export const onChange = (listen: () => void): void => { changes.add(listen); };
export const onLock = (listen: () => void): void => { locks.add(listen); };
export const changed = (): void => changes.forEach((listen) => listen());

export const opened = (): Open => {
  if (!held.open) throw new Error("the plan is not open");
  return held.open;
};

let lastWork: () => Promise<void> = async () => undefined;
/** What has to be sealed in the moment the plan closes. It takes the keys it needs before it waits for anything. */
export const beforeClosing = (work: () => Promise<void>): void => { lastWork = work; };

/** Forget every key and every word. What listens takes them off the page. Resolves when what was typed is kept. */
export const close = (): Promise<void> => {
  const kept = lastWork().catch(() => undefined);
  held.open?.secret.fill(0);
  Object.assign(held, {open: null, all: null, tag: ""});
  held.joined.clear();
  locks.forEach((listen) => listen());
  return kept;
};

/**
 * Under which name a part is filed: as random as any to whoever has no key, and the same on every phone of one vault,
 * so that two phones that begin the same part meet in one file.
 */
export const idOf = (kind: string, secret: Uint8Array): string =>
  hex(hkdf(sha256, secret, utf8("nightlight part id 1"), utf8(kind), 16));
