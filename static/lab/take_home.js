// The page to take home: a paper, and the answer while one draws. NETWORK is the packed file in base64, COLOURS the ten digits'.

import { answerIn } from "./answer.js";
import { answer } from "./asked.js";
import { open } from "./network.js";

const PEN = 20; // pixels of the paper
const BLANK = "Nothing drawn yet.";

const network = open(Uint8Array.from(atob(NETWORK), (letter) => letter.charCodeAt(0)).buffer);
const paper = document.querySelector(".paper"), place = document.querySelector(".side");
const context = paper.getContext("2d", { willReadFrequently: true });
const ink = () => getComputedStyle(document.body).color;
let show = null, last = null, frame = null;

function read() {
  frame = null;
  const { data, height, width } = context.getImageData(0, 0, paper.width, paper.height);
  const { picture, shares } = answer(network, { rgba: data.buffer, height, width });
  if (!picture) return;
  show ??= answerIn(place, { ink: ink().match(/\d+/g).slice(0, 3).map(Number), colours: COLOURS });
  show(picture, shares);
}

function at(event) {
  const box = paper.getBoundingClientRect(), scale = paper.width / paper.clientWidth;
  return [(event.clientX - box.left - paper.clientLeft) * scale, (event.clientY - box.top - paper.clientTop) * scale];
}

function line(to) {
  Object.assign(context, { strokeStyle: ink(), lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  context.beginPath();
  context.moveTo(...last);
  context.lineTo(...to);
  context.stroke();
  last = to;
  frame ??= requestAnimationFrame(read);
}

paper.onpointerdown = (event) => {
  if (event.button || !event.isPrimary) return;
  paper.setPointerCapture(event.pointerId);
  last = at(event);
  line(last);
};
paper.onpointermove = (event) => {
  if (!last || !event.isPrimary) return;
  for (const moved of event.getCoalescedEvents?.() ?? []) line(at(moved));
  line(at(event));
};
paper.onpointerup = paper.onpointercancel = () => { last = null; };
document.querySelector("button").onclick = () => {
  context.clearRect(0, 0, paper.width, paper.height);
  show = null;
  place.textContent = BLANK;
  delete place.dataset.liveDigit;
  delete place.dataset.liveConfidence;
};
