// The paper that the drawing component shows: a stranger's, made of canvases by Fabric.js. The lower one has the
// finished strokes, the upper one the stroke that is being drawn. Their names are pinned by tests/browser/test_live.py.

const PLACE = ".st-key-square-paper", FINISHED = "canvas.dc-canvas.lower-canvas", BEING_DRAWN = "canvas.dc-canvas.upper-canvas";
const SIDE = 280; // pixels of the page that the paper has, whatever the screen's own are
const SETTLED = 60; // milliseconds in which a stroke that has ended goes from the upper canvas to the lower one

// Tells of a pen on the paper: began(), moved() once in a picture of the screen, ended(). Returns how to stop that.
// The listeners lie on the document: undo and another theme put another canvas there.
export function watch({ began, moved, ended }) {
  let pen = null, frame = null;
  const move = () => {
    frame ??= requestAnimationFrame(() => { // by then Fabric has drawn up to here
      frame = null;
      moved();
    });
  };
  const onDown = (event) => {
    if (event.button || !event.isPrimary || !event.target.closest?.(`${PLACE} ${BEING_DRAWN}`)) return;
    pen = event.pointerId;
    began();
    move();
  };
  const onMove = (event) => { if (event.pointerId === pen) move(); };
  const onUp = (event) => {
    if (event.pointerId !== pen) return;
    pen = null;
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
    ended();
    setTimeout(() => { if (pen === null) moved(); }, SETTLED);
  };
  const listeners = { pointerdown: onDown, pointermove: onMove, pointerup: onUp, pointercancel: onUp };
  for (const [kind, listener] of Object.entries(listeners)) document.addEventListener(kind, listener, true);
  return () => {
    if (frame !== null) cancelAnimationFrame(frame);
    for (const [kind, listener] of Object.entries(listeners)) document.removeEventListener(kind, listener, true);
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
