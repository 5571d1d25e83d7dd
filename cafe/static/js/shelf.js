/** Where this phone keeps things, the lasting places first. What they are and mean is not known here.
 *
 * Commands: IndexedDB, else localStorage. Half-written words: localStorage and sessionStorage, which can be written
 * while a page goes; else the page's entry in the history. Other tabs hear that something was put here or taken away.
 */

import { createStore, del, entries, set } from "../vendor/idb-keyval/idb-keyval.js";
import { page } from "./wire.js";

const NAME = "evidence-cafe";
const PATIENCE = 2000; // ms; some browsers never answer when asked for their database
const WORDS = `words/${page.code}`;
const places = [];

let channel = null;
let onNews = () => {};

/** Whether what is kept here would survive this page. */
export let lasting = true;

/** Find out what works here; `news(message)` is called with what another tab says. */
export async function open(news) {
  onNews = news;
  for (const make of [database, local]) {
    try {
      const place = make();
      await soon(place.put("try", {}));
      await soon(place.remove("try"));
      places.push(place);
    } catch {
      // Private windows and locked-down phones forbid one or both.
    }
  }
  lasting = places.length > 0;
  listen();
  addEventListener("pagehide", () => channel?.close());
  addEventListener("pageshow", (shown) => shown.persisted && listen());
}

/** Everything kept: `{key, item}` in no particular order. */
export async function all() {
  const found = new Map();
  for (const place of [...places].reverse()) {
    for (const [key, item] of await soon(place.all()).catch(() => [])) found.set(key, item);
  }
  return [...found].map(([key, item]) => ({ key, item }));
}

/** Keep an item, in the first place that takes it; says whether any did. */
export async function put(key, item) {
  for (const place of places) {
    try {
      await soon(place.put(key, item));
      tell({});
      return true;
    } catch {
      // Full, or gone since: the next place may do.
    }
  }
  lasting = false;
  return false;
}

/** Forget an item, wherever it was kept. */
export async function remove(key) {
  await Promise.all(places.map((place) => soon(place.remove(key)).catch(() => {})));
  tell({});
}

/** Say something to the other tabs of this session. */
export function tell(message) {
  try {
    channel?.postMessage(message);
  } catch {
    // The page is being left.
  }
}

/** Keep half-written words, or forget them; says whether they would survive this tab. */
export function keepWords(words) {
  const kept = [() => sessionStorage, () => localStorage].map((storage) => {
    try {
      if (words) storage().setItem(WORDS, JSON.stringify(words));
      else storage().removeItem(WORDS);
      return true;
    } catch {
      return false;
    }
  });
  if (!kept[0]) history.replaceState({ words }, "");
  return kept[1];
}

/** The half-written words that this tab kept, or the last that any tab did. */
export function keptWords() {
  for (const storage of [() => sessionStorage, () => localStorage]) {
    try {
      const kept = JSON.parse(storage().getItem(WORDS));
      if (kept) return kept;
    } catch {
      // Forbidden, or not ours.
    }
  }
  return history.state?.words ?? null;
}

function listen() {
  if (!("BroadcastChannel" in window)) return;
  channel = new BroadcastChannel(`${NAME}/${page.code}`);
  channel.onmessage = (event) => onNews(event.data);
}

function database() {
  const store = createStore(NAME, "outbox");
  return {
    all: () => entries(store),
    put: (key, item) => set(key, item, store),
    remove: (key) => del(key, store),
  };
}

function local() {
  const prefix = `${NAME}/`;
  return {
    all: async () =>
      Object.keys(localStorage)
        .filter((key) => key.startsWith(prefix))
        .map((key) => [key.slice(prefix.length), JSON.parse(localStorage.getItem(key))]),
    put: async (key, item) => localStorage.setItem(prefix + key, JSON.stringify(item)),
    remove: async (key) => localStorage.removeItem(prefix + key),
  };
}

function soon(promise) {
  return Promise.race([promise, new Promise((_, late) => setTimeout(late, PATIENCE))]);
}
