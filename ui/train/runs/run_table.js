function compare(one, other) {  // null comes last whichever way it is sorted
  return typeof one === "string" ? one.localeCompare(other) : one - other;
}

function sorted(rows, view) {
  if (!view.column) return rows;
  const value = (row) => view.column === "name" ? row.name : row.cells[view.column].sort;
  const known = rows.filter((row) => value(row) !== null);
  known.sort((one, other) => (view.isFalling ? -1 : 1) * compare(value(one), value(other)));
  return [...known, ...rows.filter((row) => value(row) === null)];
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function told(cell) {
  if (cell.text !== null) return cell.text;
  return new Date(cell.sort * 1000).toLocaleString([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

function heading(column, view, sortBy) {
  const isSorted = view.column === column.key;
  const head = element("th", column.isNumber ? "number" : "");
  head.scope = "col";
  head.setAttribute("aria-sort", isSorted ? (view.isFalling ? "descending" : "ascending") : "none");
  const button = element("button", "", column.title);
  button.type = "button";
  button.dataset.focus = "sort " + column.key;
  button.append(element("span", "way", isSorted ? (view.isFalling ? " ↓" : " ↑") : ""));
  button.onclick = () => sortBy(column.key);
  head.append(button);
  return head;
}

function line(row, data, view, choose) {
  const isChosen = view.chosen.includes(row.key);
  const tr = element("tr", isChosen ? "chosen" : "");
  tr.dataset.key = row.key;
  const head = element("th"), label = element("label"), box = element("input"), words = element("span");
  head.scope = "row";
  box.type = "checkbox";
  box.checked = isChosen;
  box.disabled = !isChosen && view.chosen.length >= data.most;
  box.dataset.focus = "row " + row.key;
  box.onchange = () => choose(row.key);
  words.append(element("span", "", row.name + " "));
  for (const tag of row.tags) words.append(element("span", "tag", tag));
  label.append(box, words);
  head.append(label);
  tr.append(head);
  for (const column of data.columns) {
    const cell = row.cells[column.key], text = told(cell);
    const td = element("td", column.key + (column.isNumber ? " number" : "") + (text === "" ? " empty-cell" : ""));
    td.append(element("span", "label", column.title + " "), text);
    tr.append(td);
  }
  tr.onclick = (event) => { if (!event.target.closest("label") && !box.disabled) choose(row.key); };
  return tr;
}

function sorting(data, view, sortBy) {  // a phone shows no headings
  const label = element("label", "sorting", "Sort by "), select = element("select");
  const choices = [{ key: "", title: "as listed" }, { key: "name", title: "Name" }, ...data.columns];
  for (const choice of choices) {
    const option = element("option", "", choice.title);
    option.value = choice.key;
    option.selected = choice.key === (view.column ?? "");
    select.append(option);
  }
  select.dataset.focus = "sorting";
  select.onchange = () => sortBy(select.value || null);
  label.append(select);
  return label;
}

function show(place, data, view, send) {
  const focused = place.getRootNode().activeElement?.dataset?.focus;
  const scrolled = place.querySelector(".frame")?.scrollTop ?? 0;
  const again = () => show(place, data, view, send);
  const sortBy = (column) => {
    // Figures start with the largest, words with the first letter; a second press turns it round.
    const isNumber = data.columns.find((one) => one.key === column)?.isNumber ?? false;
    view.isFalling = view.column === column ? !view.isFalling : isNumber;
    view.column = column;
    again();
  };
  const choose = (key) => {
    view.chosen = view.chosen.includes(key) ? view.chosen.filter((other) => other !== key) : [...view.chosen, key];
    view.serial += 1;
    again();
    send({ keys: view.chosen, serial: view.serial });
  };
  // Once something is chosen, what is shown of it wants the room.
  const frame = element("div", view.chosen.length ? "frame short" : "frame"), table = element("table");
  table.append(element("caption", "", "Runs and models: tick one to see it, two to six to compare them"));
  const head = element("tr");
  for (const column of [{ key: "name", title: "Name" }, ...data.columns]) head.append(heading(column, view, sortBy));
  table.append(element("thead"), element("tbody"));
  table.tHead.append(head);
  table.tBodies[0].append(...sorted(data.rows, view).map((row) => line(row, data, view, choose)));
  frame.append(data.rows.length ? table : element("p", "empty", "None."));
  place.replaceChildren(sorting(data, view, sortBy), frame);
  frame.scrollTop = scrolled;
  const latest = frame.querySelectorAll("tr.chosen");
  if (latest.length && view.shown !== String(view.chosen)) {
    const row = frame.querySelector(`tr[data-key="${CSS.escape(view.chosen.at(-1))}"]`) ?? latest[0];
    const below = row.offsetTop + row.offsetHeight - frame.clientHeight, above = row.offsetTop - 40;
    frame.scrollTop = Math.max(Math.min(frame.scrollTop, above), below);
  }
  view.shown = String(view.chosen);
  if (focused) [...place.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === focused)?.focus();
}

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component;
  const view = (root.view ??= { column: null, isFalling: false, chosen: data.chosen, serial: data.serial });
  for (const column of data.columns) {
    column.isNumber = data.rows.some((row) => typeof row.cells[column.key].sort === "number");
  }
  if (data.serial >= view.serial) Object.assign(view, { chosen: data.chosen, serial: data.serial });
  show(root.querySelector(".runs"), data, view, (message) => setTriggerValue("chosen", message));
}
