/** The console's boxes for new words of an idea and a new title of a group, outside whatever patches replace. */

import { catchUp } from "./live.js";
import { phrases } from "./wire.js";

/** A box that opens for one thing at a time. */
class Box {
  constructor(id, about, words, where, opener) {
    this.form = document.getElementById(id);
    this.about = this.form.elements[about];
    this.text = this.form.elements[words];
    this.fresh = this.form.querySelector(".fresh");
    this.where = where;
    this.opener = opener;
    this.form.querySelector(".leave").addEventListener("click", (event) => {
      event.preventDefault();
      this.leave();
    });
  }

  thing = () => document.getElementById(`${this.about.name}-${this.about.value}`);
  present = () => this.thing().querySelector(this.where).textContent;

  /** Open it for a thing; return what to say when it is still needed for another one. */
  choose(id) {
    if (!this.form.hidden && this.text.value !== this.text.defaultValue && this.about.value !== id) {
      this.text.focus();
      return phrases.finish;
    }
    if (this.form.hidden || this.about.value !== id) {
      this.about.value = id;
      this.see();
      this.text.value = this.text.defaultValue;
      if (this.form.elements.share) this.form.elements.share.value = this.thing().dataset.share;
      this.fresh.hidden = true;
    }
    this.form.hidden = false;
    this.text.focus();
    return "";
  }

  /** Close it; the focus goes back to where it was opened. */
  leave() {
    const focused = this.form.contains(document.activeElement);
    this.form.hidden = true;
    this.text.value = this.text.defaultValue = "";
    if (focused) this.thing()?.querySelector(this.opener)?.focus();
  }

  /** Show the words as they are now beside those that were typed, so that saving again is meant for these. */
  async lookAgain() {
    await catchUp();
    if (this.form.hidden) return; // it has gone meanwhile
    this.see();
    this.fresh.querySelector("q").textContent = this.present();
    this.fresh.hidden = false;
  }

  /** Say whether what is in the box has gone for good; then nothing of its words stays here. */
  gone = () => !this.form.hidden && !this.thing()?.querySelector(this.where);

  /** Take the words and the revision, as this page shows them, for those that new words are to replace. */
  see() {
    this.form.elements.base.value = this.thing().dataset.rev;
    this.text.defaultValue = this.present();
  }
}

/** The boxes, by the name of the buttons that open them. */
export const boxes = {
  reword: new Box("rewording", "contribution", "text", ".words", "button[name=reword]"),
  rename: new Box("renaming", "theme", "title", ".title", "button[name=rename]"),
};
