// A network that answers while a pen moves: in the page, in the very picture of the screen that shows the pen's move, where an
// answer takes less than half of such a picture's time; else in a Worker, beside the page. It is asked one thing at a time: what is
// asked meanwhile waits, and only the last of it counts. So a slow processor shows fewer moments of a stroke, but never late ones.

import { answer } from "./asked.js";
import { harmed } from "./harm.js";
import { open } from "./network.js";

const QUICK = 8; // milliseconds of an answer: half of a picture of a screen that shows 60 a second
const PACE = 14; // milliseconds from one answer in the page to the next: some browsers tell a pen's moves more often than the screen shows
const TRIES = 8; // answers after which a browser runs at nearly its best what was new to it
const SLOW = 3; // answers in a row, which no pause of the browser's own explains
const SIDE = 280; // pixels of a paper

// file: the address of a packed network. answered: called with each answer of asked.js; a Worker's has the layers' outputs only
// where the question says wantsLayers.
export function reader(file, answered) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  let whole = null, network = null, isBusy = false, waiting = null;
  let isQuick = false, slow = 0, last = 0, clock = null; // of the page
  let isOver = false;
  const next = () => {
    if (isOver || !network || isBusy || clock !== null || !waiting) return;
    const rest = isQuick ? last + PACE - performance.now() : 0;
    if (rest > 0) {
      clock = setTimeout(() => { clock = null; next(); }, rest);
      return;
    }
    const asked = waiting();
    waiting = null;
    if (!asked) return;
    if (isQuick) return answerHere(asked);
    isBusy = true;
    worker.postMessage(asked, asked.rgba ? [asked.rgba] : []);
  };
  const answerHere = (asked) => {
    last = performance.now();
    const found = answer(network, asked);
    slow = found.milliseconds > QUICK ? slow + 1 : 0;
    isQuick = slow < SLOW;
    answered(found);
  };
  // A browser runs what is new to it slowly: it comes to know the network while the page rests.
  const practise = (tries) => {
    if (isOver) return;
    const { milliseconds } = answer(network, madeUp());
    isQuick = milliseconds <= QUICK;
    if (!isQuick && tries > 1) inRest(() => practise(tries - 1));
  };
  worker.onmessage = ({ data }) => {
    isBusy = false;
    answered(data);
    next();
  };
  const ready = fetch(file).then(async (response) => {
    if (!response.ok) throw new Error(`The network's file is not there: ${response.status}`);
    const bytes = await response.arrayBuffer();
    worker.postMessage({ file: bytes });
    whole = network = open(bytes);
    next();
    inRest(() => practise(TRIES));
    return whole;
  });
  return {
    ready, // a promise of the network
    // look: gives what asked.js takes, or null, when it is its turn: what was drawn until then is in it.
    ask(look) {
      waiting = look;
      next();
    },
    // Harms the network of all answers to come, and returns it.
    tell(harm) {
      worker.postMessage({ harm });
      network = harmed(whole, harm);
      return network;
    },
    stop() {
      isOver = true;
      clearTimeout(clock);
      worker.terminate();
    },
  };
}

function inRest(then) {
  (self.requestIdleCallback ?? setTimeout)(then);
}

// A paper with a bar on it.
function madeUp() {
  const rgba = new Uint8ClampedArray(4 * SIDE * SIDE);
  for (let row = 40; row < 240; row += 1) rgba.fill(255, 4 * (row * SIDE + 130), 4 * (row * SIDE + 150));
  return { rgba: rgba.buffer, height: SIDE, width: SIDE };
}
