// You or the machine on a pupil's page: the picture, ten buttons, the seconds that are left, and the score after each picture.

import { article } from "./words.js";

const TICK_MILLISECONDS = 250;

// find: gives an element of the page by its id. buttons: the ten. paint, press: as in pupil.js. choose(round, digit) hands an
// answer in; again() asks the server, once the time is up. Returns what shows a message's "duel", and what puts it away.
export function duelling({ find, buttons, paint, press, choose, again }) {
  let shown = null; // the last message's
  let begins = 0, ends = 0; // by this page's clock
  let own = { round: 0, choice: null }; // what was pressed: the server may not have it yet
  let clock = 0;

  function tick() {
    const now = performance.now();
    const isOpen = now >= begins && now < ends && !("answer" in shown);
    find("duel-picture").hidden = now < begins;
    for (const button of buttons.children) button.disabled = !isOpen;
    find("duel-time").textContent = "answer" in shown ? "" : now < begins
      ? `Get ready: ${Math.ceil((begins - now) / 1000)}`
      : `${Math.max(0, Math.ceil((ends - now) / 1000))} s left`;
    if (now < ends || "answer" in shown) return;
    clearInterval(clock);
    again();
  }

  function show(duel, isOver) {
    shown = duel;
    if (own.round !== duel.round) own = { round: duel.round, choice: duel.choice };
    begins = performance.now() + 1000 * duel.begins_in;
    ends = performance.now() + 1000 * duel.left;
    find("duel-title").textContent = isOver ? "The duel is over" : `What is it? ${duel.round} of ${duel.of}`;
    paint(find("duel-picture"), duel.picture);
    press(buttons, own.choice);
    find("duel-answer").textContent = answered(duel);
    find("duel-score").textContent = scored(duel);
    clearInterval(clock);
    clock = setInterval(tick, TICK_MILLISECONDS);
    tick();
  }

  function answered(duel) {
    if (!("answer" in duel)) return own.choice === null ? "" : `Your answer: ${own.choice}. You can change it while there is time.`;
    const mine = duel.choice === null ? "You gave no answer." : duel.choice === duel.meant ? "✓ You are right." : `✗ You said ${duel.choice}.`;
    return `It is ${article(duel.meant)}. ${mine} The network answers ${duel.answer}: ${duel.answer === duel.meant ? "right" : "wrong"}.`;
  }

  function scored({ done, own: mine, crowd, network, best }) {
    if (!done) return "";
    const before = best === null ? "" : ` Your best duel before: ${best}.`;
    return `After ${done}: you ${mine}, the class ${crowd}, the network ${network}.${before}`;
  }

  return {
    show,
    choose(digit) {
      own = { round: shown.round, choice: digit };
      press(buttons, digit);
      find("duel-answer").textContent = answered(shown);
      choose(shown.round, digit);
    },
    stop: () => clearInterval(clock),
  };
}
