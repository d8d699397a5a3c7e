// The paper: strokes by mouse, finger, pen or keys, in whole pixels of a square of 280.

export const SIDE = 280;
const PEN = 20;
const STEP = 6; // pixels that an arrow key moves the pen; with Shift three times as many
const MIN_DISTANCE = 2; // pixels: nearer points say nothing new
const MAX_NUMBERS = 4400; // of all strokes: with brackets, commas and three figures each they stay below 20 KB
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Paper {
  // `changed` is called whenever the drawing is another, while the pen moves, too.
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.strokes = [];
    this.pen = null; // where the keys' pen is, once a key has moved it
    this.isDown = false; // whether it is on the paper
    const scale = Math.max(1, Math.min(3, devicePixelRatio));
    canvas.width = canvas.height = Math.round(SIDE * scale);
    this.context = canvas.getContext("2d");
    this.context.scale(scale, scale);
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.end(event));
    // Else a browser may take a quick stroke for a flick, and swallow the tap that follows.
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => { this.isDown = false; this.pen = null; this.paint(); });
    this.paint();
  }

  get isEmpty() { return this.strokes.length === 0; }

  undo() { this.strokes.pop(); this.settle(); }

  clear() { this.strokes = []; this.settle(); }

  settle() {
    this.isDown = false;
    this.pointer = null; // the pen may still be on the paper: its stroke is over
    this.paint();
    this.changed();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const border = this.canvas.clientLeft;
    const scale = SIDE / this.canvas.clientWidth;
    const inside = (value) => Math.round(Math.max(-PEN, Math.min(SIDE + PEN, value)));
    return [inside((event.clientX - box.left - border) * scale), inside((event.clientY - box.top - border) * scale)];
  }

  begin(event) {
    if (!event.isPrimary || event.button > 0) return; // the palm of a hand that holds a pen draws nothing
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.isDown = false;
    this.pen = null;
    this.strokes.push(this.place(event));
    this.paint();
    this.changed();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) this.add(...this.place(one));
    this.paint();
    this.changed();
  }

  end(event) {
    if (event.pointerId === this.pointer) this.pointer = null;
  }

  add(x, y) {
    const stroke = this.strokes.at(-1);
    const numbers = this.strokes.reduce((sum, one) => sum + one.length, 0);
    if (numbers >= MAX_NUMBERS || Math.hypot(x - stroke.at(-2), y - stroke.at(-1)) < MIN_DISTANCE) return;
    stroke.push(x, y);
  }

  key(event) {
    const way = KEYS[event.key];
    if ((!way && event.key !== " ") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.pen ??= [SIDE / 2, SIDE / 2];
    if (way) {
      const step = event.shiftKey ? 3 * STEP : STEP;
      this.pen = this.pen.map((value, axis) => Math.max(0, Math.min(SIDE, value + step * way[axis])));
      if (this.isDown) this.add(...this.pen);
    } else {
      this.isDown = !this.isDown;
      if (this.isDown) this.strokes.push([...this.pen]);
    }
    this.paint();
    this.changed();
  }

  paint() {
    this.draw(this.context);
    if (this.pen) this.paintPen();
  }

  // The drawing alone, as reader.js takes it.
  read() {
    this.copy ??= Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE })
      .getContext("2d", { willReadFrequently: true });
    this.draw(this.copy);
    return { rgba: this.copy.getImageData(0, 0, SIDE, SIDE).data.buffer, height: SIDE, width: SIDE };
  }

  // As a canvas of Fabric.js draws: straight to the middle between two points, then curves from middle to middle. The server
  // does the same with the same points.
  draw(context) {
    context.clearRect(0, 0, SIDE, SIDE);
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#1c2326";
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(stroke[0], stroke[1]);
      for (let at = 2; at < stroke.length; at += 2) {
        const [x, y] = [stroke[at - 2], stroke[at - 1]];
        context.quadraticCurveTo(x, y, (x + stroke[at]) / 2, (y + stroke[at + 1]) / 2);
      }
      context.lineTo(stroke.at(-2), stroke.at(-1));
      context.stroke();
    }
  }

  paintPen() {
    const { context, pen, isDown } = this;
    context.beginPath();
    context.arc(...pen, PEN / 2, 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = isDown ? "#b3410f" : "#0b6075";
    context.stroke();
  }
}
