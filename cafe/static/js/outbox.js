/** Commands of this seat: those not saved yet, sent in order, one batch at a time, until they are; and those that are,
 * kept a while, to be offered again should the database have gone back to an older copy. How they look is `mine`'s.
 *
 * An item is `{command, seat, state, at, order}`. States: sending, waiting (`why`: no answer yet, or put off), stuck (no
 * seat to send it from), refused (with `say` and `code`), kept (acknowledged, in the history `epoch`).
 */

import * as shelf from "./shelf.js";
import { onWaking, page, send, sendOff, socket } from "./wire.js";

const MOST_IN_A_BATCH = 20;
const MOST_BYTES = 60000; // of a batch: the server takes 64 KiB
const LONGEST_PAUSE = 10000; // ms; the pause before trying again is random up to a bound that doubles
const OFFER_AGAIN = 10000; // ms; what is about another phone's idea waits for that phone to offer it
const MOST_OFFERS = 60;
const A_DAY = 24 * 60 * 60 * 1000;
const KEPT = new Set(["contribute", "publish", "reflect", "reword", "set_sharing", "vote", "withdraw"]);
const NEWEST = new Set(["reflect", "reword", "set_sharing", "vote"]); // of these only the last on the same thing counts
const AFTERWARDS = new Set(["withdraw", "set_sharing"]); // what is still taken once the café has closed

const all = new Map();
let told = {};
let ready = null;
let closed = false;
let history = page.epoch; // the epoch last heard of: what was kept in another one is offered again
let sending = false;
let most = MOST_IN_A_BATCH;
let failures = 0;
let asked = 0; // ms the server asked to wait
let alarm = null;
let glance = null;
let last = 0;

/** Everything that is not saved, oldest first. */
export const items = () => inOrder((item) => item.state !== "kept");

/** What a command is about. */
export const about = (command) => (command.do === "contribute" ? command.id : (command.contribution ?? command.target));

/** Begin. Told are: `changed()`; `saved(command, result)`; `refused(item)` of what carries no words; `forgotten(id)`;
 * `lost()` when the server does not know this seat; `news(message)` from another tab. */
export async function open(listener) {
  told = listener;
  ready = shelf.open(hear).then(take);
  await ready;
  socket.on("connect", sendNow);
  onWaking(() => look().then(sendNow));
  addEventListener("pagehide", sendUnsent);
  told.changed();
  sendNow();
}

/** Keep a command and send it; settles once it is kept, not once it is saved. */
export async function add(command) {
  last = Math.max(Date.now(), last + 1);
  const item = { command, seat: page.seat, state: "sending", at: Date.now(), order: last };
  all.set(command.id, item);
  told.changed();
  await ready;
  await keep(item);
  sendNow();
}

/** Forget a command that is no longer wanted. */
export function drop(id) {
  all.delete(id);
  shelf.remove(key(id));
  told.changed();
}

/** Forget everything that has to do with a contribution whose words are gone, but that they are to go. */
export function forget(contribution) {
  for (const { command } of [...all.values()]) {
    if (about(command) === contribution && command.do !== "withdraw") drop(command.id);
  }
  told.forgotten(contribution);
}

/** Try at once, whatever pause was under way. */
export function sendNow() {
  clearTimeout(alarm);
  failures = 0;
  asked = 0;
  pump();
}

/** The database has a history of this name now: whatever was saved in another one is offered to it. */
export function offer(epoch) {
  if (epoch === history) return;
  history = epoch;
  sendNow();
}

/** Send what is not sent, for at most so many ms; returns how many still wait. */
export async function sendAll(within) {
  const end = Date.now() + within;
  const left = () => inOrder(unsent).length;
  sendNow();
  while (left() && Date.now() < end) await new Promise((done) => setTimeout(done, 100));
  return left();
}

/** This phone has another seat now: what it keeps moves there. In the same history, what was saved is still there. */
export async function moveTo(seat, sameHistory) {
  for (const item of [...all.values()]) {
    item.seat = seat;
    if (item.state === "stuck") item.state = "waiting";
    if (item.state === "kept" && sameHistory) {
      if (item.command.do === "contribute") item.epoch = "";
      else all.delete(item.command.id);
    }
    if (all.has(item.command.id)) await keep(item);
    else shelf.remove(key(item.command.id));
  }
}

/** There is no seat to send from, and this is why; it is tried again all the same. */
export function stuck(say) {
  for (const item of inOrder(unsent)) Object.assign(item, { state: "stuck", say });
  told.changed();
}

/** The café has closed: nothing is kept on this phone any more. Unsent words stay on the page. */
export async function close() {
  if (closed) return;
  closed = true;
  await ready;
  for (const item of [...all.values()]) {
    const { command } = item;
    if (unsent(item) && AFTERWARDS.has(command.do)) continue;
    if (item.state !== "kept" && "text" in command) Object.assign(item, { state: "refused", code: "session_closed" });
    else all.delete(command.id);
  }
  await empty((item) => unsent(item) && AFTERWARDS.has(item.command.do) && item.seat === page.seat);
  told.changed();
}

/** Forget this seat: what was saved, and half-written words. From here on nothing is sent in its name. */
export async function leave() {
  closed = true;
  all.clear();
  await empty(unsent);
}

const unsent = (item) => item.state === "sending" || item.state === "waiting" || item.state === "stuck";
const due = (item) => unsent(item) || (item.state === "kept" && item.epoch !== history && !(item.notBefore > Date.now()));
const key = (id) => `${page.code}/${id}`;
const inOrder = (which) => [...all.values()].filter(which).sort((one, other) => one.order - other.order);

async function pump() {
  await ready;
  const batch = batchOf(due);
  if (sending || !batch.length) return;
  sending = true;
  try {
    const answer = await send(batch.map((item) => item.command));
    const again = answer.results.filter(({ status }) => status === "retry").length;
    failures = again && (again < answer.results.length ? 1 : failures + 1); // what goes on, if slowly, is no failure
    most = MOST_IN_A_BATCH;
    history = answer.epoch;
    for (const result of answer.results) settle(all.get(result.id), result, answer.epoch);
  } catch (error) {
    failed(batch, error);
  }
  sending = false;
  told.changed();
  if (failures) later();
  else pump();
}

function batchOf(which) {
  const batch = [];
  let bytes = 0;
  for (const item of inOrder(which)) {
    bytes += new TextEncoder().encode(JSON.stringify(item.command)).length + 1;
    if (batch.length === most || (batch.length && bytes > MOST_BYTES)) break;
    batch.push(item);
  }
  return batch;
}

function settle(item, result, epoch) {
  if (!item) return;
  const { command } = item;
  if (result.status === "retry") {
    asked = Math.max(asked, result.retry_after_ms ?? 0);
    if (unsent(item)) Object.assign(item, { state: "waiting", why: "putoff" });
  } else if (result.status !== "refused") acknowledged(item, result, epoch);
  else if (result.code === "erased") {
    forget(about(command));
    drop(command.id);
  } else if (result.code === "id_reused" && command.do === "contribute") drop(command.id); // our ids are ours: it is there
  else if (item.state === "kept" && command.do === "vote" && result.code === "no_such_target") {
    item.offers = (item.offers ?? 0) + 1;
    item.notBefore = item.offers < MOST_OFFERS ? Date.now() + OFFER_AGAIN : Infinity; // until the page is opened anew
    setTimeout(pump, OFFER_AGAIN + 100);
  } else refuse(item, result);
}

function acknowledged(item, result, epoch) {
  const { command } = item;
  if (item.state !== "kept") told.saved(command, result);
  if (command.do === "withdraw") forget(command.contribution);
  if (closed || !KEPT.has(command.do)) return drop(command.id);
  for (const other of NEWEST.has(command.do) ? [...all.values()] : []) {
    const older = other.state === "kept" && other.order < item.order && other.command.do === command.do;
    if (older && about(other.command) === about(command)) drop(other.command.id);
  }
  Object.assign(item, { state: "kept", epoch, at: Date.now() });
  return keep(item);
}

/** A no: words stay in sight with what was said; anything else goes, and is told unless it was only offered again. */
function refuse(item, { say, code }) {
  if ("text" in item.command) {
    Object.assign(item, { state: "refused", say, code });
    if (!closed) keep(item);
    return;
  }
  drop(item.command.id);
  told.refused({ ...item, say, code });
}

function failed(batch, error) {
  if (error.status === 400 || error.status === 413) {
    if (batch.length > 1) most = 1; // one of them is at fault: which?
    else refuse(batch[0], { say: error.say ?? "", code: "bad_field" });
    return;
  }
  failures += 1;
  const seatless = error.code === "no_seat" || error.code === "not_found";
  if (seatless) told.lost();
  else for (const item of inOrder(unsent)) Object.assign(item, { state: "waiting", why: "waiting" });
}

function later() {
  clearTimeout(alarm);
  const bound = Math.min(LONGEST_PAUSE, 500 * 2 ** Math.min(failures, 6));
  alarm = setTimeout(pump, asked + Math.random() * bound);
  asked = 0;
}

function sendUnsent() {
  const batch = batchOf(unsent);
  if (batch.length) sendOff(batch.map((item) => item.command));
}

async function keep(item) {
  if (await shelf.put(key(item.command.id), item)) item.stored = true;
  else told.changed();
  if (all.get(item.command.id) !== item) shelf.remove(key(item.command.id)); // settled while it was being kept
}

/** Take up what an earlier page left; what is somebody else's is neither shown nor sent, and goes after a day. */
async function take() {
  for (const { key: where, item } of await shelf.all()) {
    const old = Math.abs(Date.now() - item.at) > A_DAY;
    const here = where === key(item.command?.id);
    const mine = here && item.seat === page.seat;
    if (item.state === "kept" ? old || (here && !mine) : here && !mine && old) shelf.remove(where);
    else if (mine && !all.has(item.command.id)) all.set(item.command.id, { ...item, stored: true, notBefore: 0 });
    if (mine) last = Math.max(last, item.order);
  }
}

function hear(message) {
  if (message.seat) return told.news(message);
  clearTimeout(glance);
  glance = setTimeout(look, 100);
}

/** Look at what other tabs have put on the shelf and taken from it. */
async function look() {
  if (closed) return;
  const there = new Map((await shelf.all()).map(({ key: where, item }) => [where, item]));
  for (const [id, item] of [...all]) {
    const other = there.get(key(id));
    if (item.stored && !other) all.delete(id);
    else if (other && unsent(item) && !unsent(other)) Object.assign(item, other);
  }
  for (const [where, item] of there) {
    const id = item.command?.id;
    if (where !== key(id) || item.seat !== page.seat || all.has(id)) continue;
    all.set(id, { ...item, stored: true });
    if (unsent(item)) failures = Math.max(failures, 1);
  }
  told.changed();
  if (failures && !sending) later(); // the tab that wrote it is sending it now
}

async function empty(but) {
  for (const { key: where, item } of await shelf.all()) {
    if (where.startsWith(`${page.code}/`) && !but(item)) await shelf.remove(where);
  }
  shelf.keepWords(null);
}
