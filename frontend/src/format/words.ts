// Seven words that open a plan when everything else is lost, and four that two people compare.

import {scryptAsync} from "@noble/hashes/scrypt.js";
import {random, utf8} from "./bytes.ts";
import list from "../../words/english.txt";

export const WORDS: readonly string[] = list.trim().split("\n");
export const RESCUE_WORDS = 7, COMPARED_WORDS = 4;

/** Seven fresh words, each as likely as any other. */
export const newWords = (count = RESCUE_WORDS): string[] => Array.from({length: count}, () => WORDS[drawn()] ?? "");

const drawn = (): number => {
  // Numbers beyond the last whole round would make the first words likelier, so they are drawn again.
  const rounds = Math.floor(65536 / WORDS.length) * WORDS.length;
  for (;;) {
    const [high = 0, low = 0] = random(2), number = high * 256 + low;
    if (number < rounds) return number % WORDS.length;
  }
};

/** The passphrase that seven words are, however they were typed. */
export const passphraseOf = (typed: string): string =>
  typed.toLowerCase().normalize("NFKC").split(/[^\p{L}]+/u).filter(Boolean).join(" ");

/** Those of `typed` that are not in the list, so that a slip of the finger is shown before it is tried. */
export const unknownIn = (typed: string): string[] =>
  passphraseOf(typed).split(" ").filter((word) => word && !known.has(word));
const known = new Set(WORDS);

/** What a word begun as `start` may become; nothing before two letters. */
export const begunAs = (start: string): string[] =>
  start.length < 2 ? [] : WORDS.filter((word) => word.startsWith(start.toLowerCase())).slice(0, 6);

/**
 * Four words that two people see on their own screens when nobody stands between them.
 * Slow on purpose (scrypt, 2^15), so that a pair of keys with the same words cannot be looked for.
 */
export const comparedWords = async (...keys: string[]): Promise<string[]> => {
  const said = utf8(`nightlight four words 1\n${[...keys].sort().join("\n")}\n`);
  const drawnFrom = await scryptAsync(said, utf8("nightlight four words 1"), {N: 2 ** 15, r: 8, p: 1, dkLen: 16});
  const view = new DataView(drawnFrom.buffer, drawnFrom.byteOffset);
  return Array.from({length: COMPARED_WORDS}, (_, at) => WORDS[view.getUint32(at * 4) % WORDS.length] ?? "");
};
