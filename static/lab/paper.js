// The paper that the drawing component shows: a stranger's, made of canvases by Fabric.js. The lower one has the
// finished strokes, the upper one the stroke that is being drawn. Their names are pinned by tests/browser/test_live.py.

const PLACE = ".st-key-square-paper", FINISHED = "canvas.dc-canvas.lower-canvas", BEING_DRAWN = "canvas.dc-canvas.upper-canvas";
const SIDE = 280; // pixels of the page that the paper has, whatever the screen's own are
const SETTLED = 60; // milliseconds in which a stroke that has ended goes from the upper canvas to the lower one
const ELSEWHERE = "elsewhere"; // where a pen is that went down beside the paper

// Tells of a pen on the paper: began(), moved(), ended(). Returns how to stop that. The listeners lie on the window: undo and
// another theme put another canvas there, and Fabric has drawn a move before the window hears of it. No picture of the screen is
// asked for: with one on its way, a browser keeps a finger's next move until the picture after it.
export function watch({ began, moved, ended }) {
  let pen = null, clock = null;
  const soon = (after) => {
    clearTimeout(clock);
    clock = setTimeout(moved, after);
  };
  const start = (event) => {
    if (event.buttons !== 1 || !event.isPrimary) return;
    pen = event.target.closest?.(`${PLACE} ${BEING_DRAWN}`) ? event.pointerId : ELSEWHERE;
    if (pen === ELSEWHERE) return;
    began();
    soon(0);
  };
  const startUnseen = (event) => { if (pen === null) start(event); }; // it went down before there was a listener
  const move = () => { if (pen !== null && pen !== ELSEWHERE) moved(); };
  const lift = (event) => {
    if (pen === ELSEWHERE) pen = null;
    if (event.pointerId !== pen) return;
    pen = null;
    ended();
    soon(SETTLED);
  };
  const listeners = [
    ["pointerdown", start, true], ["pointermove", startUnseen, true],
    ["mousemove", move, false], ["touchmove", move, false],
    ["pointerup", lift, true], ["pointercancel", lift, true],
  ];
  for (const [kind, listener, capture] of listeners) addEventListener(kind, listener, { capture, passive: true });
  return () => {
    clearTimeout(clock);
    for (const [kind, listener, capture] of listeners) removeEventListener(kind, listener, { capture });
  };
}

const copy = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
const context = copy.getContext("2d", { willReadFrequently: true });

// What is on the paper now, as reader.js takes it; null where there is no such paper.
export function read() {
  const canvases = [FINISHED, BEING_DRAWN].map((kind) => document.querySelector(`${PLACE} ${kind}`));
  if (!canvases.every((canvas) => canvas?.width && canvas.height)) return null;
  context.clearRect(0, 0, SIDE, SIDE);
  for (const canvas of canvases) context.drawImage(canvas, 0, 0, SIDE, SIDE);
  const { buffer } = context.getImageData(0, 0, SIDE, SIDE).data;
  return { rgba: buffer, height: SIDE, width: SIDE };
}
