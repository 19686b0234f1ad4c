// Which bodies of a part this browser knows already: what both sides agreed on, and what it sent itself.

import {sha256} from "@noble/hashes/sha2.js";
import {hex} from "../format/bytes.ts";
import type {KeptPart} from "./db.ts";

const KNOWN_MAX = 60;
const digest = (body: Uint8Array): string => hex(sha256(body));

/** What is known of `kept` and besides it `bodies`; the oldest are forgotten first. */
export const remembered = (kept: KeptPart | undefined, ...bodies: Uint8Array[]): string[] => {
  const more = bodies.map(digest), before = (kept?.known ?? []).filter((each) => !more.includes(each));
  return [...before, ...more].slice(-KNOWN_MAX);
};

export const isKnown = (kept: KeptPart, body: Uint8Array): boolean => Boolean(kept.known?.includes(digest(body)));

/** What stays of `kept` when something is written on it: the text both sides had, to tell later who changed what. */
export const agreed = (kept: KeptPart | undefined): Partial<KeptPart> => {
  if (!kept) return {};
  if (!kept.waiting) return {was: kept.body, known: remembered(kept, kept.body)};
  return kept.was ? {was: kept.was, known: remembered(kept)} : {known: remembered(kept)};
};
