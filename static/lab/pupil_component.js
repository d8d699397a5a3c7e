// The pupil's page inside one of Streamlit's: what it sends and asks for goes through the page's own session.

import { start } from "./pupil.js";
import { Refused } from "./pupil_outbox.js";

const WAIT_MILLISECONDS = 10_000;

// root: has the parts of pupil.html. send: takes a text to the server. Returns `hear`, to be called with each answer that comes, as
// ui/classroom/pupil.py gives it, and `stop`.
export function open({ root, code, network, send }) {
  let last = Promise.resolve();
  let hear = () => {};
  // One message at a time: of two that are sent in a moment the session may see the second alone.
  const post = (...said) => (last = last.catch(() => {}).then(() => new Promise((answer, fail) => {
    const mark = Math.random();
    const timer = setTimeout(() => fail(new TypeError("no answer")), WAIT_MILLISECONDS);
    hear = (told) => {
      if (told?.mark !== mark) return;
      clearTimeout(timer);
      if (told.status < 400) answer(told.said);
      else fail(new Refused(told.status, told.said.sentence ?? ""));
    };
    send(JSON.stringify([mark, ...said]));
  })));
  const entered = (joined) => {
    const address = new URL(location.href);
    address.searchParams.set("join", joined);
    history.replaceState(history.state, "", address);
  };
  // Else letters of a name would be Streamlit's shortcuts: it does not see that they are typed into a field.
  for (const name of ["keydown", "keypress", "keyup"]) root.addEventListener(name, (event) => event.stopPropagation());
  const stop = start({ root, code, network, post, entered });
  return { hear: (told) => hear(told), stop };
}
