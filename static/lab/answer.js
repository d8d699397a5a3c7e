// An answer as ui/panels/answers.py shows it, to be changed many times a second: the digit, how sure, the picture, ten bars.

import { percent } from "./words.js";

const HTML = `<div class="at-once"><span class="digit in-colour"></span><span class="words"><span class="sure"></span><br>
  <span class="second"></span><br><span class="with"></span></span><figure><canvas class="seen pixels" width="28" height="28"
  style="width:84px;height:84px"></canvas><figcaption>what it sees</figcaption></figure></div><div><div class="bars">${
  Array.from({ length: 10 }, (_, digit) => `<span>${digit}</span><span class="track"><div class="bar"></div></span>
  <span class="share"></span>`).join("")}</div></div>`;

// A picture of 784 in the ink's colour, [red, green, blue].
export function paint(canvas, picture, ink) {
  const context = canvas.getContext("2d"), pixels = context.createImageData(28, 28);
  const { data } = pixels, [red, green, blue] = ink;
  for (let place = 0; place < 784; place += 1) {
    data[4 * place] = red;
    data[4 * place + 1] = green;
    data[4 * place + 2] = blue;
    data[4 * place + 3] = Math.round(255 * picture[place]);
  }
  context.putImageData(pixels, 0, 0);
}

// Fills an element with an empty answer, and returns how it is shown.
export function answerIn(place, { ink, colours }) {
  place.innerHTML = HTML;
  const one = (name) => place.querySelector(name), rows = [...place.querySelectorAll(".bar")].map((bar) => {
    const track = bar.parentElement;
    return { bar, name: track.previousElementSibling, share: track.nextElementSibling };
  });
  rows.forEach(({ bar }, digit) => { bar.style.background = colours[digit]; });
  return (picture, shares) => {
    const [first, second] = shares.map((_, digit) => digit).sort((a, b) => shares[b] - shares[a]);
    one(".digit").textContent = first;
    one(".digit").style.setProperty("--colour", colours[first]);
    one(".sure").textContent = `${percent(shares[first])} sure`;
    one(".second").textContent = `second guess: ${second}`;
    one(".with").textContent = `with ${percent(shares[second])}`;
    paint(one("canvas"), picture, ink);
    rows.forEach(({ bar, name, share }, digit) => {
      bar.style.width = `${(100 * shares[digit]).toFixed(1)}%`;
      share.textContent = percent(shares[digit]);
      name.classList.toggle("is-answer", digit === first);
      share.classList.toggle("is-answer", digit === first);
    });
    Object.assign(place.dataset, { liveDigit: first, liveConfidence: shares[first].toFixed(4) });
  };
}
