// The answer that follows the pen: from the first point of a stroke until the server has answered to it.

import { answerIn } from "./answer.js";
import { read, watch } from "./paper.js";
import { reader } from "./reader.js";

const PATIENCE = 5000; // milliseconds: a server that has not answered by then shows what it last said

// place: an element of the page. data: { strokes, generation } that the server knows of, { ink, colours } of the answer.
// Returns how to tell it of newer data, and how to stop.
export function follow(place, file, data) {
  let show = null; // null while the server's answer stands there
  let known = data, begun = null, isDown = false, clock = null; // begun: how many strokes there will be
  const end = () => {
    begun = show = null;
    clearTimeout(clock);
    place.classList.remove("is-on");
    place.replaceChildren();
    delete place.dataset.liveDigit;
    delete place.dataset.liveConfidence;
  };
  const engine = reader(file, ({ picture, shares }) => {
    if (begun === null || !picture) return;
    show ??= answerIn(place, data);
    show(picture, shares);
    place.classList.add("is-on");
  });
  engine.ready.catch(() => stop()); // then all is as it is without it
  const unwatch = watch({
    began() {
      begun ??= known.strokes;
      isDown = true;
      clearTimeout(clock);
    },
    moved() {
      if (begun !== null) engine.ask(read);
    },
    ended() {
      begun += 1;
      isDown = false;
      clock = setTimeout(end, PATIENCE);
    },
  });
  function stop() {
    end();
    unwatch();
    engine.stop();
  }
  return {
    stop,
    update(newer) {
      const isOther = newer.generation !== known.generation; // undone or cleared
      known = newer;
      if (begun !== null && !isDown && (isOther || newer.strokes >= begun)) end();
    },
  };
}
