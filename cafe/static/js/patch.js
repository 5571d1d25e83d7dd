/** The one module that makes elements of server-drawn HTML, and the only Trusted Types policy. */

const policy = window.trustedTypes?.createPolicy("patch", { createHTML: (html) => html });
const trusted = (html) => (policy ? policy.createHTML(html) : html);
const postponed = new Map();

/** Put one patch into the page: newer replaces, older is ignored; `anew` replaces whatever is there. */
export function apply(patch, anew = false) {
  const old = document.getElementById(patch.target);
  if (old && !anew && Number(old.dataset.rev) >= patch.rev) return;
  postponed.delete(patch.target);
  if (patch.html === null) {
    old?.remove();
    return;
  }
  if (old && beingWritten(old)) {
    // Nobody's half-written words are taken from under their fingers.
    old.classList.add("changed");
    postponed.set(patch.target, patch);
    return;
  }
  const list = patch.in ? document.getElementById(patch.in) : null;
  if (!old && !list) return;
  const fresh = parsed(patch.html);
  const focus = takeAlong(fresh, old) ?? (old?.contains(document.activeElement) ? document.activeElement : null);
  if (old && (!list || old.parentElement === list)) {
    keepOpen(old, fresh);
    old.replaceWith(fresh);
    if (focus) giveBack(focus, fresh);
    return;
  }
  if (focus && !old) {
    insert(list, fresh, patch.order ?? Infinity);
    giveBack(focus, fresh);
    return;
  }
  const left = [old?.nextElementSibling, old?.previousElementSibling, old?.parentElement];
  old?.remove();
  insert(list, fresh, patch.order ?? Infinity);
  if (focus) goOn(left.find(Boolean));
}

/** Apply what was postponed while someone was writing there. */
export function applyPostponed() {
  for (const patch of [...postponed.values()]) apply(patch);
}

/** Read a page that the server drew, without showing it. */
export const readPage = (html) => new DOMParser().parseFromString(trusted(html), "text/html");

document.addEventListener("focusout", () => setTimeout(applyPostponed));

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = trusted(html);
  return template.content.firstElementChild;
}

/** Remove what a new element brings along from wherever it stood; return what had the focus there. */
function takeAlong(fresh, old) {
  let focus = null;
  for (const { id } of fresh.querySelectorAll("[id]")) {
    const elsewhere = document.getElementById(id);
    if (!elsewhere || old?.contains(elsewhere)) continue;
    if (elsewhere.contains(document.activeElement)) focus = document.activeElement;
    elsewhere.remove();
  }
  return focus;
}

function beingWritten(element) {
  const active = document.activeElement;
  if (element.contains(active) && (active.matches("textarea, select") || typedIn(active))) return true;
  return [...element.querySelectorAll("textarea")].some((box) => box.value !== box.defaultValue);
}

const typedIn = (box) => !["checkbox", "radio"].includes(box.type) && (box.value ?? "") !== (box.defaultValue ?? box.value ?? "");

function insert(list, element, order) {
  const next = [...list.children].find((other) => Number(other.dataset.order) > order);
  list.insertBefore(element, next ?? null);
}

/** Keep folds as they are, each by where it belongs: a fold that may mask words must not open for other words. */
function keepOpen(old, fresh) {
  const before = new Map([...old.querySelectorAll("details")].map((details) => [place(details, old), details.open]));
  for (const details of fresh.querySelectorAll("details")) {
    details.open = before.get(place(details, fresh)) ?? details.open;
  }
}

function place(details, whole) {
  const holder = details.closest("[id]");
  const list = holder === whole || !whole.contains(holder) ? "" : holder.parentElement.id;
  return [list, holder === whole ? "" : holder.id, details.className].join(" ");
}

/** Give focus back: to the same control in the new element, the next step, the new element, or what there is to read. */
function giveBack(focus, fresh) {
  const controls = [...fresh.querySelectorAll("button, a[href], summary, input")];
  const written = focus.matches("input:not([type=checkbox], [type=radio])");
  const alike = (other) => other.name === focus.name && other.type === focus.type && (written || other.value === focus.value);
  const same = controls.find((other) => alike(other) && other.textContent === focus.textContent);
  const sameThing = controls.find((other) => focus.value && other.value === focus.value);
  const next = fresh.querySelector(".next .button");
  const target = same ?? sameThing ?? next ?? fresh.querySelector("h1") ?? fresh;
  if (!target.matches("button, a, summary, input")) target.tabIndex = -1;
  target.focus({ preventScroll: Boolean(same) });
  if (written) target.select?.(); // as when it was reached by keyboard
}

/** Go on from where something left for another list: to what stands there now, or to what that list is part of. */
function goOn(from) {
  for (let place = from; place && !place.contains(document.activeElement); place = place.parentElement) {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }
}
