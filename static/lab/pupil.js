// A pupil's page: it asks the server how the class stands, as often as the server lets it, and shows that. `start` opens it.

import { duelling } from "./pupil_duel.js";
import { Outbox, Refused, read, write } from "./pupil_outbox.js";
import { Paper } from "./pupil_paper.js";
import { article, percent } from "./words.js";

const WAIT_SECONDS = 2; // between two questions, where the server has not said how many
const SIDE = 28;
const SECTIONS = ["join", "lobby", "draw", "vote", "check", "duel", "board", "revealed"];

let page = null; // what `start` was told
let code = "";
let paper = null;
let groups = {}; // of buttons with digits
let pupil = null; // { id, name }
let outbox = null;
let duel = null; // see pupil_duel.js
let shown = { revision: 0 }; // the last whole message
let isReached = true; // whether the server answered last time
let notice = ""; // why the server refused something, until the next task or the pupil's next press
let meant = null;
let drawnFor = 0; // the task that the paper's drawing is for
let timer = 0;
let follow = null; // what reads along with the pen, see pupil_live.js; null until a task has shown it
let isLoading = false;

const find = (id) => page.root.querySelector(`#${id}`);
const place = (what) => `digit-lab class ${code} ${what}`;
const post = (action, message) => page.post(code, action, message);
const plain = (typed) => typed.toLowerCase().replace(/[\s-]/g, "");

function newId() {
  // crypto.randomUUID would need HTTPS, and a class may be on plain HTTP.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

// A digit of 28 x 28 bytes, each pixel a square in the colour of ink.
function paint(canvas, packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = isDark ? [236, 234, 228] : [28, 35, 38];
  canvas.width = canvas.height = SIDE;
  const picture = new ImageData(SIDE, SIDE);
  bytes.forEach((byte, at) => picture.data.set([...ink, byte], 4 * at));
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}

function picture(packed, words) {
  const canvas = paint(element("canvas", "", "seen"), packed);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words);
  return canvas;
}

// Ten buttons, of which one can be pressed; `also` are further choices and their words.
function digitButtons(group, choose, also = []) {
  const choices = [...Array(10).keys()].map((digit) => [digit, String(digit)]);
  group.replaceChildren(...[...choices, ...also].map(([value, words]) => {
    const button = element("button", words, value < 0 ? "wide" : "");
    button.type = "button";
    button.dataset.value = value;
    button.setAttribute("aria-pressed", "false");
    button.onclick = () => choose(value);
    return button;
  }));
}

function press(group, value) {
  for (const button of group.children) button.setAttribute("aria-pressed", String(Number(button.dataset.value) === value));
}

function changed() {
  showHandIn();
  follow?.(isLive());
}

function isLive() { return shown.state === "collect" && Boolean(shown.live); }

async function readAlong() {
  if (isLive() && !follow && !isLoading) {
    isLoading = true;
    try {
      const { reading } = await import("./pupil_live.js");
      follow = await reading(find("live"), page.network, () => paper.read());
    } catch { /* the page does all else without it, and tries again when it is told something */ }
    isLoading = false;
  }
  follow?.(isLive());
}

function showHandIn() {
  find("hand-in").disabled = paper.isEmpty || (Boolean(shown.asks) && meant === null);
  find("undo").disabled = find("clear").disabled = paper.isEmpty;
}

function handIn() {
  notice = "";
  const number = (read(place(`${pupil.id} number`)) ?? 0) + 1;
  write(place(`${pupil.id} number`), number);
  const message = { pupil: pupil.id, task: shown.task, number, strokes: paper.strokes };
  if (shown.asks) message.meant = meant;
  meant = null;
  press(groups.meant, null);
  paper.clear();
  find("handed-in").textContent = "Sending …";
  outbox.add("hand-in", message);
  showConnection();
}

function vote(choice) {
  notice = "";
  shown.vote = choice;
  showVote();
  outbox.add("vote", { pupil: pupil.id, task: shown.task, choice }, `vote ${shown.task}`);
  showConnection();
}

function answerPicture(round, choice) {
  notice = "";
  outbox.add("answer", { pupil: pupil.id, task: shown.task, round, choice }, `answer ${shown.task} ${round}`);
  showConnection();
}

function check(choice) {
  if (!shown.check) return;
  outbox.add("check", { pupil: pupil.id, place: shown.check.place, choice }, `check ${shown.check.place}`);
  delete shown.check;
  show();
}

// Told of each message that was sent, refused for good (with a sentence), or has to wait (with a sentence, if the server had one).
function sent(sentence, item) {
  if (item.message.pupil !== pupil?.id) return showConnection();
  const isWaiting = outbox.waiting.some((one) => one.mark === item.mark);
  if (!isWaiting && item.action === "hand-in") {
    if (!sentence && item.message.task === shown.task) shown.handed_in = (shown.handed_in ?? 0) + 1;
    find("handed-in").textContent = handedIn();
    if (shown.state === "revealed") shown.revision = 0; // what the network answers to it is there now
  } else if (isWaiting && item.action === "hand-in") {
    find("handed-in").textContent = sentence || "Not sent yet: it waits here until the server is back.";
  }
  if (!isWaiting) {
    notice = sentence || notice;
    ask();
  }
  showConnection();
}

function handedIn() {
  if (!shown.handed_in) return "";
  return shown.handed_in === 1 ? "Handed in: 1 drawing. You can draw another one." : `Handed in: ${shown.handed_in} drawings. You can draw another one.`;
}

function showConnection(refusal = "") {
  const waiting = outbox?.waiting.length ?? 0;
  const parts = [refusal, notice];
  if (pupil && !isReached) parts.push("No connection: trying again …");
  if (shown.paused) parts.push("Paused. Your paper stays as it is.");
  if (waiting) parts.push(`Not sent yet: ${waiting}`);
  const words = parts.filter(Boolean).join(" ");
  if (find("connection").textContent !== words) find("connection").textContent = words;
}

function open(section) {
  for (const one of SECTIONS) find(one).hidden = one !== section;
}

function showVote() {
  press(groups.vote, shown.vote ?? null);
  find("voted").textContent = shown.vote === null || shown.vote === undefined ? "" : `Your vote: ${shown.vote}. You can change it until the answer is shown.`;
}

function answered(one) {
  const item = element("li");
  const said = one.verdict === "no digit" ? "no digit" : `${article(one.answer)}, ${percent(one.share)}`;
  item.append(
    picture(one.picture, `Your ${one.meant}`),
    element("div", `You: ${article(one.meant)}`),
    element("div", `Network: ${said}`),
    element("strong", one.answer === one.meant && one.verdict !== "no digit" ? "✓ read correctly" : "✗ misread"),
  );
  if (one.fooled) item.append(element("div", "★ You fooled it: people can read this."));
  if (one.late) item.append(element("div", "late: it doesn't count"));
  return item;
}

function drawings(found) {
  const list = element("ul", "", "answers");
  list.append(...found.map(answered));
  return list;
}

function bars(shares) {
  const all = element("div", "", "bars");
  shares.forEach((share, digit) => {
    const bar = element("i");
    bar.style.width = `${100 * share}%`;
    all.append(element("span", digit), bar, element("span", percent(share)));
  });
  return all;
}

// Nothing is to do here: the teacher's screen shows it. Of how many of one's own drawings the network learns is said.
function showLesson() {
  const { all, own } = shown.lesson;
  const isOver = shown.state === "revealed";
  find("board-title").textContent = isOver ? "The network has learnt from your drawings." : shown.instruction;
  find("board-words").textContent = `It ${isOver ? "learnt" : "learns"} from ${all} drawing${all === 1 ? "" : "s"} of your class, ${own} of them yours. Look at the board.`;
}

function showAnswer() {
  const body = find("revealed-body");
  if ("answer" in shown) {
    const own = shown.vote === null ? "You did not vote." : `You chose ${shown.vote}.`;
    find("revealed-title").textContent = `The network answers ${shown.answer}`;
    body.replaceChildren(
      picture(shown.picture, "The picture that the class voted on"),
      element("p", `${own} It was meant to be ${article(shown.meant)}.`),
      bars(shown.shares),
    );
    return;
  }
  find("revealed-title").textContent = "What the network answers";
  body.replaceChildren(
    ...(shown.drawings.length ? [drawings(shown.drawings)] : [element("p", "You handed in no drawing for this task.")]),
  );
}

function showReport() {
  const { drawn, read: right, fooled, voted, foreseen } = shown.report;
  find("revealed-title").textContent = "The class is over";
  const words = [
    drawn ? `The network read ${right} of your ${drawn} drawing${drawn === 1 ? "" : "s"} correctly.` : "You handed in no drawing.",
    voted ? `You foresaw ${foreseen} of ${voted} answer${voted === 1 ? "" : "s"}.` : "",
    fooled ? `People could read ${fooled} of your drawings that the network couldn't.` : "",
  ];
  find("revealed-body").replaceChildren(...words.filter(Boolean).map((one) => element("p", one)), drawings(shown.report.drawings));
}

function show() {
  find("class-name").textContent = shown.class;
  find("who").hidden = false;
  find("nickname").textContent = pupil.name;
  readAlong();
  if (shown.duel) {
    duel.show(shown.duel, shown.state === "revealed");
    return open("duel");
  }
  duel.stop();
  switch (shown.state) {
    case "lobby":
      open("lobby");
      break;
    case "collect":
      if (drawnFor !== shown.task) {
        drawnFor = shown.task;
        meant = null;
        press(groups.meant, null);
        paper.clear();
      }
      find("instruction").textContent = shown.instruction;
      find("meant").hidden = !shown.asks;
      for (const button of groups.meant.children) button.hidden = !(shown.digits ?? [Number(button.dataset.value)]).includes(Number(button.dataset.value));
      find("handed-in").textContent = handedIn();
      showHandIn();
      open("draw");
      break;
    case "vote":
      paint(find("vote-picture"), shown.picture);
      showVote();
      open("vote");
      break;
    case "check":
      find("check-picture").hidden = !shown.check;
      groups.check.hidden = !shown.check;
      find("check-words").textContent = shown.check ? "Somebody in your class drew this." : "Wait: there is no drawing for you just now.";
      if (shown.check) paint(find("check-picture"), shown.check.picture);
      open("check");
      break;
    case "lesson":
      showLesson();
      open("board");
      break;
    case "revealed":
      if (shown.lesson) {
        showLesson();
        open("board");
      } else {
        showAnswer();
        open("revealed");
      }
      break;
    default:
      showReport();
      open("revealed");
  }
}

async function ask() {
  clearTimeout(timer);
  const asked = pupil;
  let seconds = WAIT_SECONDS;
  try {
    const { wait = WAIT_SECONDS, ...answer } = await post("state", { pupil: pupil.id, known: shown.revision });
    if (pupil !== asked) return;
    isReached = true;
    seconds = wait;
    if ("task" in answer && answer.task !== shown.task && shown.revision) notice = "";
    if ("state" in answer && JSON.stringify(answer) !== JSON.stringify(shown)) {
      shown = answer;
      show();
    }
    if (outbox.waiting.length && !shown.paused) outbox.send();
  } catch (error) {
    if (pupil !== asked) return;
    if (error instanceof Refused && error.status === 404) return leave(error.message);
    isReached = error instanceof Refused;
  }
  showConnection();
  clearTimeout(timer);
  timer = setTimeout(ask, 1000 * seconds);
}

function leave(sentence = "") {
  clearTimeout(timer);
  pupil = null;
  shown = { revision: 0 };
  duel.stop();
  readAlong();
  find("class-name").textContent = "Join a class";
  find("who").hidden = true;
  find("code").value = code ? code.slice(0, 3).toUpperCase() + "-" + code.slice(3).toUpperCase() : "";
  open("join");
  showConnection(sentence);
}

async function enter(name, id) {
  pupil = { id, name };
  outbox = new Outbox(place("unsent"), post, sent); // of everybody who shares this device
  for (let isIn = false; !isIn;) {
    try {
      const found = await post("enter", { pupil: id, name });
      code = found.code;
      isIn = isReached = true;
    } catch (error) {
      if (error instanceof Refused && error.status < 500) return leave(error.message);
      isReached = false;
      showConnection(error instanceof Refused ? error.message : "");
      await new Promise((wake) => setTimeout(wake, 1000 * WAIT_SECONDS));
    }
    if (pupil?.id !== id) return; // the page was closed meanwhile
  }
  write(place("pupil"), pupil);
  page.entered(code);
  shown = { revision: 0 };
  drawnFor = 0;
  ask();
}

// Opens the page. told: root, which has the parts of pupil.html; the class's code, "" where it is to be typed; network, the address
// of the one that reads along; post(code, action, message), which promises the server's answer, a Refused or another error; and
// entered(code), which is called once the pupil is in the class. Returns what closes the page.
export function start(told) {
  page = told;
  code = plain(told.code);
  shown = { revision: 0 };
  pupil = outbox = follow = null;
  paper = new Paper(find("paper"), changed);
  groups = Object.fromEntries(["meant", "vote", "check", "duel"].map((name) => [name, page.root.querySelector(`#${name} .digits`)]));
  digitButtons(groups.meant, (digit) => { meant = digit; press(groups.meant, digit); showHandIn(); });
  digitButtons(groups.vote, vote);
  digitButtons(groups.check, check, [[-1, "I can't tell"]]);
  duel = duelling({ find, buttons: groups.duel, paint, press, choose: answerPicture, again: ask });
  digitButtons(groups.duel, duel.choose);
  find("join").onsubmit = (event) => {
    event.preventDefault();
    code = plain(find("code").value);
    enter(find("name").value.trim(), newId());
  };
  find("another").onclick = () => {
    find("name").value = "";
    leave();
    find("name").focus();
  };
  find("undo").onclick = () => paper.undo();
  find("clear").onclick = () => paper.clear();
  find("hand-in").onclick = handIn;
  const isDark = matchMedia("(prefers-color-scheme: dark)");
  const repaint = () => { if ("state" in shown) show(); };
  const back = () => { if (pupil) ask(); };
  isDark.addEventListener("change", repaint);
  addEventListener("online", back);
  const known = code ? read(place("pupil")) : null;
  if (known?.id) enter(known.name ?? "", known.id);
  else leave();
  return () => {
    leave();
    isDark.removeEventListener("change", repaint);
    removeEventListener("online", back);
  };
}
