// What a pupil has done and the server does not have yet: kept in the browser, sent in order, again until it is there.

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

// Where a browser blocks its storage, or it is full, what is here lasts as long as the page.
const memory = new Map();

export function read(place) {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(place)); } catch { /* blocked */ }
  return kept ?? memory.get(place) ?? null;
}

export function write(place, value) {
  memory.set(place, value);
  try {
    localStorage.setItem(place, JSON.stringify(value));
  } catch {
    try { localStorage.removeItem(place); } catch { /* blocked */ } // else what it kept before would be taken for the latest
  }
}

export class Outbox {
  // `place` in the browser's storage, `post` sends a message for an action, `changed` is told of refusals.
  constructor(place, post, changed) {
    Object.assign(this, { place, post, changed, isSending: false });
  }

  get waiting() { return read(this.place) ?? []; }

  // `same` names what a newer message takes the place of, such as a vote on the same picture.
  add(action, message, same = null) {
    const others = this.waiting.filter((one) => same === null || one.same !== same);
    write(this.place, [...others, { action, message, same, mark: Math.random() }]);
    return this.send();
  }

  async send() {
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let first; (first = this.waiting[0]);) {
        let refusal = "";
        try {
          await this.post(first.action, first.message);
        } catch (error) {
          if (!(error instanceof Refused) || error.status >= 500) {
            this.changed(error instanceof Refused ? error.message : "", first);
            return; // later
          }
          refusal = error.message;
        }
        // It may have been replaced while it was on its way.
        write(this.place, this.waiting.filter((one) => one.mark !== first.mark));
        this.changed(refusal, first);
      }
    } finally {
      this.isSending = false;
    }
  }
}
