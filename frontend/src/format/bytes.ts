// Bytes and the two ways in which they are written down.

import {Refused} from "./refused.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", {fatal: true});

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

const orRefused = <Result>(what: () => Result): Result => {
  try {
    return what();
  } catch {
    throw new Refused("tampered");
  }
};

/** The text of `bytes`; throws `Refused` when they are none. */
export const text = (bytes: Uint8Array): string => orRefused(() => decoder.decode(bytes));

export const joined = (...pieces: Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};

/** base64 in letters an address may hold, without padding. */
export const written = (bytes: Uint8Array): string => {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

/** The bytes that `written` wrote; throws `Refused` when it wrote none of it. */
export const read = (line: string): Uint8Array => {
  const binary = orRefused(() => atob(line.replaceAll("-", "+").replaceAll("_", "/")));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
};

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whether both are the same, in a time that tells nothing about where they differ. */
export const same = (one: Uint8Array, other: Uint8Array): boolean => {
  if (one.length !== other.length) return false;
  let difference = 0;
  one.forEach((byte, at) => { difference |= byte ^ (other[at] ?? 0); });
  return difference === 0;
};
