// What a small network reads while a pupil draws. Nothing of it is loaded before a task shows it.

import { reader } from "./reader.js";
import { percent } from "./words.js";

// place: the element #live of the page. network: the address of the network's file. look: gives the drawing as reader.js takes
// it. Returns, once the network is there, how to follow the drawing: told true after each change, and false where the task
// shows nothing.
export async function reading(place, network, look) {
  const find = (part) => place.querySelector(`#live-${part}`);
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const column = document.createElement("span"), bar = document.createElement("i");
    column.append(bar, digit);
    return { column, bar };
  });
  find("bars").replaceChildren(...bars.map(({ column }) => column));
  const show = (shares) => { // null for bare paper
    const first = shares ? shares.indexOf(Math.max(...shares)) : null;
    find("digit").textContent = first ?? "";
    find("share").textContent = shares ? `${percent(shares[first])} sure` : "Draw to see";
    bars.forEach(({ column, bar }, digit) => {
      bar.style.setProperty("--share", shares ? shares[digit].toFixed(4) : 0);
      column.classList.toggle("is-answer", digit === first);
    });
    if (shares) Object.assign(place.dataset, { liveDigit: first, liveConfidence: shares[first].toFixed(4) });
    else for (const name of ["liveDigit", "liveConfidence"]) delete place.dataset[name];
  };
  let isShown = false;
  const engine = reader(network, ({ shares }) => {
    if (!isShown) return; // the task was over before it was read
    show(shares);
    place.hidden = false;
  });
  try {
    await engine.ready;
  } catch (error) {
    engine.stop();
    throw error;
  }
  return (shows) => {
    isShown = shows;
    if (shows) return engine.ask(look);
    place.hidden = true;
    show(null);
  };
}
