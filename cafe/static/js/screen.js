/** The screen: its keys, which change only how this page looks, the size of its text, and the chime. */

import { serverNow, start } from "./live.js";
import { arrange, arrangeAnew, turn } from "./wall.js";

const TEXT = ["", "large", "larger"]; // the sizes, smallest first
const KEPT = "screen-text";
const LOUDNESS = 0.06;
const TONES = [528, 792]; // Hz
const FADE = 2.5; // s

const root = document.documentElement;
const dialogs = [...document.querySelectorAll("dialog")];
let sound = null; // what chimes; a browser gives it only after a key or a click
let awaited = null; // the end of the time, for as long as it is to come

const KEYS = {
  f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
  q: () => bring("way-in"),
  b: () => bring("rest"),
  "?": () => bring("keys"),
  t: () => root.classList.toggle("timeless"),
  "+": () => resize(size() + 1),
  "=": () => resize(size() + 1),
  "-": () => resize(size() - 1),
  ArrowRight: () => turn(1),
  ArrowDown: () => turn(1),
  PageDown: () => turn(1),
  ArrowLeft: () => turn(-1),
  ArrowUp: () => turn(-1),
  PageUp: () => turn(-1),
};

function press(event) {
  const does = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  does();
}

/** Bring one of the dialogs up, or put it away again; there is only ever one. */
function bring(id) {
  for (const dialog of dialogs) {
    if (dialog.open) dialog.close();
    else if (dialog.id === id) dialog.showModal();
    if (dialog.open && dialog.hasAttribute("tabindex")) dialog.focus(); // nothing on it asks to be looked at
  }
}

const size = () => Math.max(0, TEXT.indexOf(root.dataset.text ?? ""));

function resize(to) {
  root.dataset.text = TEXT[Math.min(TEXT.length - 1, Math.max(0, to))];
  keep(size());
  if (document.querySelector(".poster")) arrangeAnew();
}

// A browser that keeps nothing, as some kiosks do, simply begins with the ordinary size again.
function kept() {
  try {
    return Number(localStorage.getItem(KEPT)) || 0;
  } catch {
    return 0;
  }
}

function keep(number) {
  try {
    localStorage.setItem(KEPT, String(number));
  } catch {
    // See above.
  }
}

function wakeSound() {
  sound ??= new AudioContext();
}

/** Chime once when the time is over, if the facilitator wants that; never for a time that was over when we came. */
function ring() {
  const until = document.querySelector(".poster").dataset.rings;
  if (until && Date.parse(until) > serverNow()) {
    awaited = until;
  } else if (awaited) {
    if (awaited === until) chime();
    awaited = null;
  }
}

function chime() {
  if (!sound) return;
  for (const tone of TONES) {
    const [source, loudness] = [new OscillatorNode(sound, { frequency: tone }), new GainNode(sound, { gain: LOUDNESS })];
    loudness.gain.exponentialRampToValueAtTime(0.0001, sound.currentTime + FADE);
    source.connect(loudness).connect(sound.destination);
    source.start();
    source.stop(sound.currentTime + FADE);
  }
}

root.classList.add("fitted");
resize(kept());
start({ drawn: arrange });
addEventListener("resize", arrange);
document.fonts.addEventListener("loadingdone", arrangeAnew);
document.addEventListener("fullscreenchange", arrange);
document.addEventListener("keydown", press);
for (const gesture of ["keydown", "pointerdown"]) addEventListener(gesture, wakeSound, { once: true });
document.getElementById("ask-keys").addEventListener("click", () => bring("keys"));
setInterval(ring, 500);
