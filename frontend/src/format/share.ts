// A part shown to one supporter: sealed under a key of which they hold one half and the server the other.

import {identityToRecipient} from "age-encryption";
import {random, read, text, utf8, written} from "./bytes.ts";
import {HALF_BYTES, join, split} from "./halves.ts";
import {identityOf, type Keys, openedWith, sealedTo} from "./keys.ts";
import {pack, unpack} from "./page.ts";
import {Refused} from "./refused.ts";

const OPENS = utf8("nightlight share open 1");

/** What the supporter reads, signed by the person. */
export interface Shown {
  /** The share it belongs to. */
  id: string;
  kind: string;
  version: number;
  at: string;
  text: string;
  /** The recipient of the browser it was made for. */
  to: string;
}

export interface Share {
  /** An age file under the whole key. */
  body: Uint8Array;
  /** An age file to the supporter's browser, with their half. */
  half: Uint8Array;
  /** The server's half, as `written`. */
  kept: string;
}

/** Make `shown` readable for the browser it names, once the server gives its half. */
export const sealShare = async (shown: Shown, keys: Keys): Promise<Share> => {
  const key = random(HALF_BYTES), [theirs, kept] = split(key);
  const recipient = await identityToRecipient(identityOf(key, OPENS));
  return {
    body: await sealedTo([recipient], pack("share", shown, keys)),
    half: await sealedTo([shown.to], utf8(`nightlight half 1\nshare ${shown.id}\nhalf ${written(theirs)}\n`)),
    kept: written(kept),
  };
};

/**
 * What the person shows. `own` is this browser's recipient, `identity` its key, `verifyKey` the one of the person
 * that was compared; `seen` the highest version read before. Throws `Refused`: `not_opened`, `tampered`, `swapped`
 * (made for another browser), `older`.
 */
export const openShare = async (
  id: string, share: Share, identity: string | CryptoKey, own: string, verifyKey: Uint8Array, seen: number,
): Promise<Shown> => {
  const line = /^nightlight half 1\nshare ([0-9a-f]{32})\nhalf ([\w-]{43})\n$/
    .exec(text(await openedWith(identity, share.half)));
  if (!line || line[1] !== id || !line[2]) throw new Refused("tampered");
  const key = join(read(line[2]), read(share.kept));
  const shown = unpack("share", await openedWith(identityOf(key, OPENS), share.body), verifyKey) as Shown;
  if (shown.id !== id) throw new Refused("tampered");
  if (shown.to !== own) throw new Refused("swapped");
  if (shown.version < seen) throw new Refused("older");
  return shown;
};
