/** Keeps a page equal to the database: watches over the socket, catches up after gaps, polls where sockets fail. */

import { apply } from "./patch.js";
import { changesSince, page, phrases, socket } from "./wire.js";

const POLL = 3000; // ms between looks while no socket is there
const SILENCE = 25000; // ms without a word from the server, after which the page says so
const listeners = [];

let epoch = page.epoch;
let head = Number(page.rev);
let ahead = Date.parse(page.now) - Date.now(); // the server's clock against this one
let heard = Date.now();
let catching = null;
let offlineSince = null;

/** Begin; `drawn` is called after the first page and after every change that was drawn. */
export function start({ drawn = () => {} } = {}) {
  listeners.push(drawn);
  drawn();
  socket.on("connect", watch);
  socket.on("changes", take);
  socket.on("head", beat);
  socket.on("disconnect", () => setTimeout(lookAgain, 500));
  for (const event of ["pageshow", "online", "focus"]) addEventListener(event, wake);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  addEventListener("offline", show);
  setInterval(lookAgain, POLL + Math.random() * 1000);
  setInterval(tick, 500);
  tick();
  show();
}

/** Ask for everything missed; one request at a time, and another one behind it if more is wanted meanwhile. */
export function catchUp() {
  catching ??= fetchMissed().finally(() => {
    catching = null;
    show();
  });
  return catching;
}

/** Milliseconds since 1970 on the server's clock. */
export const serverNow = () => Date.now() + ahead;

async function fetchMissed() {
  show();
  try {
    draw(await changesSince(head, epoch));
  } catch (error) {
    if (error.status === 410) await startAnew();
    else if (error.status === 401 || error.status === 404) location.reload();
    else offline();
  }
}

/** Another history of the database (a restored backup): take its whole state, whatever the page shows. */
async function startAnew() {
  try {
    const frame = await changesSince(0);
    document.querySelectorAll("#my-cards > :not(.pending)").forEach((card) => card.remove());
    epoch = frame.epoch;
    head = 0;
    draw(frame, true);
  } catch {
    offline();
  }
}

function watch() {
  const wanted = { session: page.code, view: page.view, since: head, epoch };
  socket.emit("watch", wanted, (answer) => {
    hear();
    if (answer.code || answer.epoch !== epoch) catchUp();
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
  for (const patch of frame.patches) apply(patch, anew);
  if ("from" in frame) head = Math.max(head, frame.to);
  page.turn = frame.turn;
  page.rev = head;
  ahead = Date.parse(frame.now) - Date.now();
  for (const drawn of listeners) drawn();
  tick();
}

function beat(news) {
  hear();
  ahead = Date.parse(news.now) - Date.now();
  const here = document.getElementById("here");
  if (here) here.textContent = news.here;
  if (news.epoch !== epoch) catchUp();
  else if (news.head > head) setTimeout(() => news.head > head && catchUp(), 1000);
}

function wake() {
  if (!socket.connected) socket.connect();
  catchUp();
}

function lookAgain() {
  if (!socket.connected) catchUp();
  else if (Date.now() - heard > SILENCE) catchUp();
  else show();
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

function show() {
  const line = document.getElementById("live");
  const state = offlineSince || !navigator.onLine ? "offline" : catching && !socket.connected ? "catching" : "live";
  document.body.dataset.connection = state;
  let words = phrases[state];
  if (state === "offline") {
    const since = (offlineSince ??= new Date()).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    words = (page.view === "phone" ? phrases.offline : phrases.away).replace("%", since);
  }
  if (line && line.textContent !== words) line.textContent = words;
}

/** Timers and closings, on the server's clock; they guide, they end nothing here. */
function tick() {
  const now = serverNow();
  for (const timer of document.querySelectorAll(".timer[data-ends]")) {
    const left = Date.parse(timer.dataset.ends) - now;
    write(timer, left > 0 ? phrases.left.replace("%", minutes(left)) : phrases.over);
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
