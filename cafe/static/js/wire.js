/** How this page talks to its server: commands out, by socket or POST; ids; forms read as commands. */

import { io } from "../vendor/socket.io-client/socket.io.esm.min.js";

/** What the page was drawn with: view, code, epoch, rev, turn. */
export const page = document.body.dataset;

/** Sentences in the reader's language. */
export const phrases = document.getElementById("phrases").dataset;

const base = `/s/${page.code}`;
const ANSWER_WITHIN = 4000; // ms; then the same batch goes by POST, which is harmless (contract.md)
const POST_WITHIN = 10000;

const NUMBERS = new Set(["seconds", "dots", "turn", "base"]);
const TRUTHS = new Set(["add", "locked", "draft"]);
const LISTS = new Set(["ambitions"]);
const NOT_SENT = new Set(["csrf", "view", "id"]);

/** The socket; WebSocket first, long-polling where a network blocks it. It need not ever connect. */
export const socket = io({
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  reconnectionDelay: 500,
  reconnectionDelayMax: 5000,
  randomizationFactor: 1,
});

/** A UUID v4; `crypto.randomUUID` does not exist on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The command a form means when sent by a button, with a fresh id. */
export function commandFrom(form, button) {
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const command = { id: newId() };
  for (const name of new Set(data.keys())) {
    const value = data.get(name);
    if (NOT_SENT.has(name)) continue;
    if (LISTS.has(name)) command[name] = data.getAll(name).map(Number);
    else if (NUMBERS.has(name)) command[name] = Number(value);
    else if (TRUTHS.has(name)) command[name] = value === "true";
    else command[name] = value;
  }
  return command;
}

/** Send a batch and return the server's answer; throws when none came, with `status` when it was a no to all of it. */
export async function send(commands) {
  if (socket.connected) {
    try {
      const answer = await socket.timeout(ANSWER_WITHIN).emitWithAck("commands", { commands });
      if (answer.results) return answer;
    } catch {
      // No answer in time: the POST below sends the same ids, so nothing can happen twice.
    }
  }
  return ask(`${base}/commands?view=${page.view}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ commands }),
  });
}

/** What changed for this view since a revision of an epoch; without an epoch, everything. */
export function changesSince(rev, epoch) {
  const known = epoch ? `since=${rev}&epoch=${epoch}` : "since=0";
  return ask(`${base}/changes?view=${page.view}&${known}`, {});
}

async function ask(address, options) {
  const patience = new AbortController();
  const bell = setTimeout(() => patience.abort(), POST_WITHIN);
  try {
    const headers = { Accept: "application/json", ...options.headers };
    const response = await fetch(address, { ...options, headers, signal: patience.signal });
    if (response.ok) return await response.json();
    const body = await response.json().catch(() => ({}));
    throw Object.assign(new Error(body.say || ""), { status: response.status, say: body.say });
  } finally {
    clearTimeout(bell);
  }
}
