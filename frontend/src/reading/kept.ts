// What a supporter's browser keeps: for each person a key that cannot leave it, and whom it belongs to. No words.

import type {Device} from "../plan/db.ts";

/** The person, as the server says them. */
export interface Person {
  id: string;
  recipient: string;
  verify_key: string;
}

/** Whom this browser takes for the person; both as the server said them when they were first seen. */
export interface Pinned {
  recipient: string;
  verifyKey: string;
}

export interface Kept {
  /** The person's id. */
  person: string;
  pinned: Pinned;
  /** Whether four words were compared with them, and were the same. Until then `pinned` is only what the server said. */
  isCompared?: boolean;
  /** Made when the supporter let this browser open something. */
  device?: Device;
  /** By kind of part: the highest version read here. */
  seen: Record<string, number>;
}

const STORE = "people";
let opening: Promise<IDBDatabase> | undefined;

const answered = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const database = (): Promise<IDBDatabase> => {
  opening ??= (() => {
    const request = indexedDB.open("reading", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, {keyPath: "person"});
    return answered(request);
  })();
  return opening;
};

export const keptOf = async (person: string): Promise<Kept | undefined> =>
  answered((await database()).transaction(STORE).objectStore(STORE).get(person));

/** Resolves when it is on the disk. */
export const keep = async (kept: Kept): Promise<void> => {
  const transaction = (await database()).transaction(STORE, "readwrite", {durability: "strict"});
  transaction.objectStore(STORE).put(kept);
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
};

/** Whether `person` is whom this browser knows. Nothing is opened, and nothing sealed, for anybody else. */
export const isSame = (pinned: Pinned, person: Person): boolean =>
  pinned.recipient === person.recipient && pinned.verifyKey === person.verify_key;

export const asFirstSeen = (person: Person): Kept =>
  ({person: person.id, pinned: {recipient: person.recipient, verifyKey: person.verify_key}, seen: {}});

/** What this browser keeps, when it is them and the words were the same; null for anybody else. */
export const comparedWith = async (person: Person): Promise<Kept | null> => {
  const kept = await keptOf(person.id);
  return kept?.isCompared && isSame(kept.pinned, person) ? kept : null;
};
