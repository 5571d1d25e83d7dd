/** How this page talks to its server: commands out, by socket or POST; a seat; ids; forms read as commands; waking up. */

import { io } from "../vendor/socket.io-client/socket.io.esm.min.js";
import { readPage } from "./patch.js";

/** What the page was drawn with: view, code, epoch, rev, turn; on a phone the mark of its seat too. */
export const page = document.body.dataset;

/** Sentences in the reader's language. */
export const phrases = document.getElementById("phrases").dataset;

const base = `/s/${page.code}`;
const ANSWER_WITHIN = 4000; // ms; then the same batch goes by POST, which is harmless (contract.md)
const DISTRUST = 30000; // ms for which batches go by POST at once, after the socket left one without an answer
const POST_WITHIN = 10000;

const NUMBERS = new Set(["seconds", "dots", "base", "room"]);
const TRUTHS = new Set("add approve_first blank chime consent draft dropped locked muted on_behalf ready".split(" "));
const LISTS = new Set(["contributions", "targets"]); // one value may stand for several, with spaces
const NOT_SENT = new Set(["csrf", "view", "id", "turn"]);
const TIMED = new Set(["contribute", "publish", "reword", "vote", "ready", "pass"]);

const joinId = newId(); // one for as long as the page is open: asking twice takes one seat
let unanswered = 0; // when the socket last left a batch without an answer

/** The socket; WebSocket first, long-polling where a network blocks it. It need not ever connect. */
export const socket = io({
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  reconnectionDelay: 500,
  reconnectionDelayMax: 5000,
  randomizationFactor: 1,
});

socket.on("connect", () => {
  unanswered = 0;
});

/** Drop whatever connection there may be and make one with the cookies of now, without waiting for time-outs. */
export const reconnect = () => socket.disconnect().connect();

/** A UUID v4; `crypto.randomUUID` does not exist on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The command a form means when sent by a button, with a fresh id; `one.part` goes into what it is part of. What a
 * participant writes or chooses says when that was. */
export function commandFrom(form, button) {
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const command = { id: newId() };
  for (const name of new Set(data.keys())) {
    const value = data.get(name);
    if (NOT_SENT.has(name) || name.startsWith("dots-")) continue;
    const [whole, part] = name.split(".");
    if (name === "ambitions") command[name] = data.getAll(name).filter(Boolean).map(Number);
    else if (LISTS.has(name)) command[name] = data.getAll(name).flatMap((each) => each.split(" "));
    else if (part) (command[whole] ??= {})[part] = valueOf(part, value);
    else command[name] = valueOf(name, value);
  }
  if (page.view === "phone" && TIMED.has(command.do)) command.turn = Number(page.turn);
  return command;
}

function valueOf(name, value) {
  if (NUMBERS.has(name)) return Number(value);
  return TRUTHS.has(name) ? value === "true" : value;
}

/** Send a batch and return the server's answer; throws when none came, with `status` when it was a no to all of it. */
export async function send(commands) {
  if (socket.connected && Date.now() - unanswered > DISTRUST) {
    try {
      const answer = await socket.timeout(ANSWER_WITHIN).emitWithAck("commands", { commands });
      if (answer.results) return answer;
    } catch {
      // No answer in time: the POST below sends the same ids, so nothing can happen twice.
      unanswered = Date.now();
    }
  }
  return ask(`${base}/commands?view=${page.view}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ commands }),
  });
}

/** Send a batch from a page that is being left; nobody hears the answer. */
export function sendOff(commands) {
  const body = new Blob([JSON.stringify({ commands })], { type: "application/json" });
  navigator.sendBeacon?.(`${base}/commands?view=${page.view}`, body);
}

/** What changed for this view since a revision of an epoch; without an epoch, everything. */
export function changesSince(rev, epoch) {
  const known = epoch ? `since=${rev}&epoch=${epoch}` : "since=0";
  return ask(`${base}/changes?view=${page.view}&${known}`, {});
}

/** Take a seat with this phone: what its new page knows (`seat`, `csrf`, `epoch`), or why there is none (`say`). */
export function takeSeat() {
  const asked = { method: "POST", body: new URLSearchParams({ id: joinId }) };
  return patiently(`/j/${page.code}`, asked, async (response) => {
    if (response.status === 404) throw Object.assign(new Error(), { status: 404 });
    const { body } = readPage(await response.text());
    if (new URL(response.url).pathname === base && body.dataset.seat) return { ...body.dataset };
    const say = body.querySelector("[role=alert], [data-waiting] .lead")?.textContent.trim();
    if (!say) throw new Error("not a page of ours");
    return { say };
  });
}

/** What the server would draw this page with now, whatever a cache holds: without a `seat` when it leads elsewhere. */
export const pageNow = () => patiently(base, { cache: "no-store" }, async (response) => readPage(await response.text()).body.dataset);

/** Have something done whenever the page may have slept: it is looked at again, shown again, or has a network again. */
export function onWaking(wake) {
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  document.addEventListener("resume", wake);
  for (const event of ["online", "focus"]) addEventListener(event, wake);
  addEventListener("pageshow", (shown) => shown.persisted && wake());
}

function ask(address, options) {
  const headers = { Accept: "application/json", ...options.headers };
  return patiently(address, { ...options, headers }, async (response) => {
    if (response.ok) return response.json();
    const { say, code } = await response.json().catch(() => ({}));
    throw Object.assign(new Error(say), { status: response.status, say, code });
  });
}

async function patiently(address, options, read) {
  const patience = new AbortController();
  const bell = setTimeout(() => patience.abort(), POST_WITHIN);
  try {
    return await read(await fetch(address, { ...options, signal: patience.signal }));
  } finally {
    clearTimeout(bell);
  }
}
