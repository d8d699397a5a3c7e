const DURATION = 6000; // milliseconds that a whole drawing takes at the most
const A_POINT = 50; // milliseconds from one point to the next in a short one

function decoded(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function paint(canvas, pixels, index, ink) {
  const context = canvas.getContext("2d"), picture = context.createImageData(28, 28);
  for (let place = 0; place < 784; place += 1) {
    picture.data.set([...ink, pixels[index * 784 + place]], place * 4);
  }
  context.putImageData(picture, 0, 0);
}

function percent(share) {
  if (share > 999) return "> 99.9%";
  return share < 1 ? "< 0.1%" : `${(share / 10).toFixed(1)}%`;
}

function show(root, data, view) {
  const { index, pixels } = view, shares = data.shares[index];
  const best = shares.indexOf(Math.max(...shares)), isBlank = shares[0] < 0;
  paint(root.querySelector(".seen"), pixels, index, data.ink);
  const digit = root.querySelector(".digit");
  digit.textContent = isBlank ? "–" : best;
  digit.style.setProperty("--colour", isBlank ? "currentColor" : data.colours[best]);
  const stroke = data.count > 1 ? `, stroke ${data.strokes[index]} of ${data.count}` : "";
  root.querySelector(".words").textContent =
    `${isBlank ? "nothing to read yet" : `${percent(shares[best])} sure`} after point ${data.points[index]} of ${data.total}${stroke}`;
  [...root.querySelector(".bars").children].forEach((bar, number) => {
    bar.firstChild.style.height = `${Math.max(0, shares[number]) / 10 * 0.72}%`;
    bar.firstChild.style.background = data.colours[number];
    bar.style.fontWeight = number === best && !isBlank ? 700 : 400;
  });
  const moment = root.querySelector(".moment");
  moment.value = index;
  moment.setAttribute("aria-valuetext", root.querySelector(".words").textContent);
}

function halt(root, view) {
  clearInterval(view.clock);
  view.clock = null;
  root.querySelector(".play").textContent = "Play";
  root.querySelector(".said").setAttribute("role", "status");
}

function play(root, data, view) {
  if (view.index >= data.points.length - 1) view.index = 0;
  root.querySelector(".play").textContent = "Halt";
  root.querySelector(".said").removeAttribute("role"); // twenty answers a second are not read out
  const interval = Math.min(A_POINT, DURATION / data.points.length);
  view.clock = setInterval(() => {
    view.index += 1;
    show(root, data, view);
    if (view.index >= data.points.length - 1) halt(root, view);
  }, interval);
}

export default function (component) {
  const { data, parentElement: root } = component;
  const last = data.points.length - 1;
  const view = (root.view ??= { index: last, clock: null, drawing: null });
  if (view.clock !== null) halt(root, view);
  if (view.drawing !== data.drawing) { // another drawing starts at its end: that is what stands beside it
    view.drawing = data.drawing;
    view.index = last;
  }
  view.pixels = decoded(data.pixels);
  const bars = root.querySelector(".bars"), button = root.querySelector(".play"), moment = root.querySelector(".moment");
  if (!bars.children.length) {
    for (let number = 0; number < 10; number += 1) {
      const bar = document.createElement("span");
      bar.className = "bar";
      bar.append(document.createElement("i"), String(number));
      bars.append(bar);
    }
  }
  moment.max = last;
  button.onclick = () => (view.clock === null ? play(root, data, view) : halt(root, view));
  moment.oninput = () => {
    if (view.clock !== null) halt(root, view);
    view.index = Number(moment.value);
    show(root, data, view);
  };
  show(root, data, view);
  return () => clearInterval(view.clock);
}
