// "Break it": the controls that harm a network, and how well it reads then.

import { WHOLE } from "./harm.js";

const BITS = [1, 2, 3, 4, 5, 6, 7, 8, 32];

// root: holds `.break`. files: the addresses of the network and of the test digits. changed: called with each new harm.
// Returns how to tell which filter or neuron is chosen, and how to stop.
export function breaking(root, files, changed) {
  const place = root.querySelector(".break"), said = place.querySelector(".accuracy");
  const [shaken, pruned, bits] = place.querySelectorAll("input"), [one, all, undo] = place.querySelectorAll("button");
  let harm = WHOLE, chosen = null, worker = null, judge = null, clock = null;

  const isOff = ([index, unit]) => harm.off.some(([at, other]) => at === index && other === unit);
  const offer = () => {
    one.hidden = all.hidden = !chosen;
    if (chosen) {
      one.textContent = `Switch ${isOff([chosen.index, chosen.unit]) ? "on" : "off"}: ${chosen.name}`;
      all.textContent = `Switch off all of ${chosen.layer}`;
    }
    undo.disabled = harm === WHOLE;
    for (const [input, words] of [
      [shaken, harm.shaken ? `${Math.round(100 * harm.shaken)}% of their spread` : "not at all"],
      [pruned, harm.pruned ? `${Math.round(100 * harm.pruned)}% of all` : "none"],
      [bits, harm.bits < 32 ? `${harm.bits} ${harm.bits === 1 ? "bit" : "bits"}` : "32 bits, as learnt"],
    ]) {
      input.nextElementSibling.textContent = words;
      input.setAttribute("aria-valuetext", words);
    }
  };
  const set = (newer) => {
    harm = newer;
    offer();
    changed(harm);
    delete said.dataset.done; // it is another network now
    if (judge) said.textContent = "Reading the test digits …";
    clearTimeout(clock);
    clock = setTimeout(() => judge?.postMessage({ harm }), 150); // a slider passes many places
  };

  async function begin() {
    if (worker) return;
    worker = new Worker(new URL("./judge.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: { right, done, count } }) => {
      const share = `${((100 * right) / done).toFixed(1)}%`;
      said.textContent = done < count ? `Reading the test digits: ${done} of ${count} …`
        : `It reads ${right.toLocaleString("en")} of ${count.toLocaleString("en")} test digits correctly: ${share}.`;
      said.setAttribute("aria-live", done < count ? "off" : "polite");
      Object.assign(said.dataset, { right, done });
    };
    try {
      const [file, digits] = await Promise.all(files.map(async (address) => {
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.arrayBuffer();
      }));
      judge = worker; // from now on it can be told of harm
      judge.postMessage({ file, digits, harm });
    } catch {
      said.textContent = "The test digits could not be loaded. Load the page again.";
    }
  }

  place.hidden = false;
  place.ontoggle = () => { if (place.open) begin(); };
  shaken.oninput = () => set({ ...harm, shaken: Number(shaken.value) / 100 });
  pruned.oninput = () => set({ ...harm, pruned: Number(pruned.value) / 100 });
  bits.oninput = () => set({ ...harm, bits: BITS[bits.value] });
  one.onclick = () => {
    const pair = [chosen.index, chosen.unit];
    const others = harm.off.filter(([index, unit]) => index !== pair[0] || unit !== pair[1]);
    set({ ...harm, off: isOff(pair) ? others : [...others, pair] });
  };
  all.onclick = () => {
    const others = harm.off.filter(([index]) => index !== chosen.index);
    set({ ...harm, off: [...others, ...Array.from({ length: chosen.count }, (_, unit) => [chosen.index, unit])] });
  };
  undo.onclick = () => {
    [shaken.value, pruned.value, bits.value] = [0, 0, BITS.length - 1];
    set(WHOLE);
  };
  undo.click();
  if (place.open) begin();
  return {
    choose(newer) { // { index, unit, count, name, layer }, or null where nothing can be switched off
      chosen = newer;
      offer();
    },
    stop() {
      clearTimeout(clock);
      worker?.terminate();
    },
  };
}
