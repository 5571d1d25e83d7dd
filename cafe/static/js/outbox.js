/** Commands that are not yet saved: kept on this phone, sent in order, one batch at a time, until they are. */

import { createStore, del, entries, set } from "../vendor/idb-keyval/idb-keyval.js";
import { page, send, socket } from "./wire.js";

const MOST_IN_A_BATCH = 20;
const LONGEST_PAUSE = 10000; // ms; the pause before trying again is random up to a bound that doubles
const waiting = new Map();

let shelf = null; // IndexedDB where it works, localStorage where not, and else only this page's memory
let onChange = () => {};
let onSaved = () => {};
let sending = false;
let failures = 0;
let alarm = null;

/** Whether what is kept here would survive a reload. */
export let lasting = true;

/** Everything that is not saved yet, oldest first: `{command, state, say, code}`. */
export const items = () => [...waiting.values()];

/** Begin: take up what an earlier page left; `changed` is called after any change, `saved(command, result)` once kept. */
export async function open(changed, saved) {
  onChange = changed;
  onSaved = saved;
  shelf = await bestShelf();
  lasting = shelf !== memory;
  const kept = (await shelf.all()).sort((one, other) => one.at - other.at);
  for (const item of kept) waiting.set(item.command.id, { ...item, state: "sending" });
  socket.on("connect", sendNow);
  addEventListener("online", sendNow);
  addEventListener("pageshow", sendNow);
  onChange();
  sendNow();
}

/** Keep a command and send it; settles once it is kept, not once it is saved. */
export async function add(command) {
  const item = { command, state: "sending", at: Date.now() };
  waiting.set(command.id, item);
  onChange();
  await shelf?.put(item).catch(() => {
    lasting = false;
  });
  sendNow();
}

/** Forget a command, because it is saved or no longer wanted. */
export function drop(id) {
  waiting.delete(id);
  shelf?.remove(id).catch(() => {});
  onChange();
}

/** Try at once, whatever pause was under way. */
export function sendNow() {
  clearTimeout(alarm);
  failures = 0;
  pump();
}

async function pump() {
  if (sending || !shelf) return;
  const batch = items().filter((item) => item.state !== "refused").slice(0, MOST_IN_A_BATCH);
  if (!batch.length) return;
  sending = true;
  try {
    const answer = await send(batch.map((item) => item.command));
    failures = 0;
    settle(answer.results);
  } catch (error) {
    for (const item of batch) failed(item, error);
  }
  sending = false;
  onChange();
  if (failures) later();
  else pump();
}

function settle(results) {
  for (const result of results) {
    const item = waiting.get(result.id);
    if (!item) continue;
    if (result.status === "refused" && result.code !== "erased") {
      Object.assign(item, { state: "refused", say: result.say, code: result.code });
    } else if (result.status === "retry") {
      failures += 1;
    } else {
      waiting.delete(result.id);
      shelf.remove(result.id).catch(() => {});
      onSaved(item.command, result);
    }
  }
}

function failed(item, error) {
  const hopeless = error.status === 400 || error.status === 413;
  Object.assign(item, hopeless ? { state: "refused", say: error.say ?? "" } : { state: "waiting" });
  if (!hopeless) failures += 1;
}

function later() {
  alarm = setTimeout(pump, Math.random() * Math.min(LONGEST_PAUSE, 500 * 2 ** Math.min(failures, 6)));
}

const prefix = `cafe/${page.code}/`;

async function bestShelf() {
  for (const candidate of [inDatabase, inLocalStorage]) {
    try {
      const made = candidate();
      await made.all();
      return made;
    } catch {
      // Private windows and locked-down phones forbid one or both.
    }
  }
  return memory;
}

function inDatabase() {
  const store = createStore("evidence-cafe", "outbox");
  return {
    all: async () => (await entries(store)).filter(([key]) => String(key).startsWith(prefix)).map(([, item]) => item),
    put: (item) => set(prefix + item.command.id, item, store),
    remove: (id) => del(prefix + id, store),
  };
}

function inLocalStorage() {
  localStorage.setItem(`${prefix}try`, "1");
  localStorage.removeItem(`${prefix}try`);
  return {
    all: async () =>
      Object.keys(localStorage)
        .filter((key) => key.startsWith(prefix))
        .map((key) => JSON.parse(localStorage.getItem(key))),
    put: async (item) => localStorage.setItem(prefix + item.command.id, JSON.stringify(item)),
    remove: async (id) => localStorage.removeItem(prefix + id),
  };
}

const memory = { all: async () => [], put: async () => {}, remove: async () => {} };
