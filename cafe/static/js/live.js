/** Keeps a page equal to the database: watches over the socket, catches up after gaps, polls where sockets fail. */

import { apply } from "./patch.js";
import { changesSince, onWaking, page, phrases, reconnect, socket } from "./wire.js";

const POLL = 3000; // ms between looks while no socket is there
const SILENCE = 25000; // ms without a word from the server, after which the page says so
const WATCH_WITHIN = 3000; // ms for a socket that may have slept to answer, before it is made anew
const NOTICED = 400; // ms; being behind for less is not worth a word
const SPREAD = [500, 4500]; // ms at least, and so many more by chance, before a room comes back to a server that restarts

let told = {};
let epoch = page.epoch;
let head = Number(page.rev);
let ahead = Date.parse(page.now) - Date.now(); // the server's clock against this one
let heard = Date.now();
let woken = 0;
let behind = 0; // since when the page may be behind
let backBy = 0; // when a server that said it would restart is to be there again
let catching = null;
let offlineSince = null;
let trouble = null; // why nothing can be saved, while the heartbeat says so

/** Begin. Told are: `drawn()` after the first page and every change that was drawn; on a phone also `gone(id)` of one's
 * own contribution, and `lost()`, awaited, when the server does not know this seat: other pages are loaded anew. */
export function start(listener = {}) {
  told = listener;
  told.drawn?.();
  socket.on("connect", watch);
  if (socket.connected) watch(); // it was quicker than a page that was gone back to, which asks whose it is first
  socket.on("changes", take);
  socket.on("head", beat);
  socket.on("restarting", restarting);
  socket.on("disconnect", lapse);
  onWaking(wake);
  document.getElementById("refresh")?.addEventListener("click", refresh);
  addEventListener("offline", show);
  addEventListener("pagehide", () => socket.disconnect()); // a page with a socket is not kept for the way back
  setInterval(lookAgain, POLL + Math.random() * 1000);
  setInterval(tick, 500);
  tick();
}

/** Ask for everything missed; one request at a time. */
export function catchUp() {
  catching ??= fetchMissed().finally(() => {
    catching = null;
    show();
  });
  return catching;
}

/** Take the whole state, whatever the page shows: another history of the database, or another seat. */
export async function startAnew() {
  const frame = await changesSince(0);
  document.getElementById("my-cards")?.replaceChildren();
  page.epoch = epoch = frame.epoch;
  head = 0;
  draw(frame, true);
}

/** Milliseconds since 1970 on the server's clock. */
export const serverNow = () => Date.now() + ahead;

async function fetchMissed() {
  try {
    draw(await changesSince(head, epoch));
  } catch (error) {
    await recover(error).catch(offline);
  }
}

async function recover(error) {
  if (error.status === 410) return startAnew();
  if (error.code !== "no_seat" && error.code !== "not_found") throw error;
  return told.lost ? told.lost() : location.reload();
}

function watch() {
  const wanted = { session: page.code, view: page.view, since: head, epoch };
  socket.timeout(WATCH_WITHIN).emit("watch", wanted, (silent, answer) => {
    if (silent) return void (socket.connected && reconnect());
    hear();
    if (answer.code || answer.epoch !== epoch) catchUp();
    else if (answer.head === head) behind = 0;
  });
}

/** Take a frame from the socket: what is only mine comes without `from` and does not move the revision. */
function take(frame) {
  hear();
  if (frame.epoch !== epoch) return void catchUp();
  if ("from" in frame) {
    if (frame.to <= head) return undefined;
    if (frame.from > head) return void catchUp();
  }
  return draw(frame);
}

function draw(frame, anew = false) {
  hear();
  for (const patch of frame.patches) {
    apply(patch, anew);
    if (patch.html === null && patch.target.startsWith("my-card-")) told.gone?.(patch.target.slice("my-card-".length));
  }
  if ("from" in frame) {
    head = Math.max(head, frame.to);
    behind = 0;
  }
  page.turn = frame.turn;
  page.rev = head;
  ahead = Date.parse(frame.now) - Date.now();
  told.drawn?.();
  tick();
}

function beat(news) {
  hear();
  ahead = Date.parse(news.now) - Date.now();
  const here = document.getElementById("here");
  if (here) here.textContent = news.here;
  trouble = news.trouble;
  if (news.epoch !== epoch) catchUp();
  else if (news.head > head) setTimeout(() => news.head > head && catchUp(), 1000);
}

/** After sleep nothing is believed: what was missed is asked for at once, and the socket has to prove that it lives. */
function wake() {
  if (Date.now() - woken < 300) return;
  woken = Date.now();
  behind ||= woken;
  catchUp();
  if (socket.connected) watch();
  else reconnect();
}

function refresh() {
  woken = 0;
  behind = 1;
  wake();
  show();
}

/** The server says that it goes and when to come back, drawn by chance for each: not a whole room in one moment. */
function restarting({ retry_in: wait = spread() } = {}) {
  backBy = Date.now() + wait + WATCH_WITHIN;
  socket.disconnect();
  setTimeout(connectAgain, wait);
  show();
}

function lapse(reason) {
  behind ||= Date.now();
  setTimeout(lookAgain, Math.random() * 1500);
  if (reason === "io server disconnect") setTimeout(connectAgain, spread());
}

const spread = () => SPREAD[0] + Math.random() * SPREAD[1];
const connectAgain = () => socket.active || reconnect();

function lookAgain() {
  const silent = Date.now() - heard > SILENCE;
  if (silent && socket.connected) reconnect();
  if (silent || (!socket.connected && Date.now() > backBy)) catchUp();
}

function hear() {
  heard = Date.now();
  offlineSince = null;
  show();
}

function offline() {
  offlineSince ??= new Date();
  show();
}

function state() {
  const now = Date.now();
  if (now < backBy && !socket.connected) return "catching";
  if (offlineSince || !navigator.onLine || now - Math.max(heard, woken) > SILENCE) return "offline";
  if (trouble && page.view === "phone") return "unsaved";
  return behind && now - behind > NOTICED ? "catching" : "live";
}

function show() {
  const line = document.getElementById("live");
  const now = state();
  document.body.dataset.connection = now;
  let words = phrases[now];
  if (now === "offline") {
    const since = (offlineSince ??= new Date(heard)).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    words = (page.view === "phone" ? phrases.offline : phrases.away).replace("%", since);
  }
  if (line) write(line, words);
  tellTrouble();
}

/** The console is told why nothing can be saved; phones, in the line about the connection, what becomes of ideas. */
function tellTrouble() {
  const notice = document.getElementById("unsaved");
  if (!notice || trouble === null) return; // before the first word from the server the page's own holds
  if (trouble) write(notice, notice.dataset[trouble]);
  notice.hidden = !trouble;
}

/** Timers and closings, on the server's clock; they guide, they end nothing here. */
function tick() {
  show();
  const now = serverNow();
  for (const timer of document.querySelectorAll(".timer[data-ends]")) {
    const left = Date.parse(timer.dataset.ends) - now;
    write(timer, left > 0 ? phrases.left.replace("%", minutes(left)) : (timer.dataset.over ?? phrases.over));
  }
  for (const line of document.querySelectorAll("svg.time[data-ends]")) {
    const all = Number(line.dataset.minutes) * 60000;
    const left = Math.min(1, Math.max(0, (Date.parse(line.dataset.ends) - now) / all));
    line.querySelector(".time-left").setAttribute("width", `${(100 * left).toFixed(1)}%`);
  }
  for (const closing of document.querySelectorAll("[data-closes]")) {
    const left = Date.parse(closing.dataset.closes) - now;
    closing.querySelector(".until").hidden = left <= 0;
    closing.querySelector(".over").hidden = left > 0;
    if (left > 0) write(closing.querySelector(".until"), phrases.closing.replace("%", minutes(left)));
  }
}

const write = (element, words) => element.textContent !== words && (element.textContent = words);

function minutes(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
