"use strict";
// What tables can do where scripts run: rows are filtered and sorted, and the two sides of a struct are
// chosen. Without it everything is there, in its order.

const order = new Intl.Collator("en", { numeric: true });

const keyOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
};

const sortBy = (table, header, column) => {
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of header.parentElement.querySelectorAll("[aria-sort]")) {
    other.setAttribute("aria-sort", "none");
  }
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [keyOf(row, column), row]);
  const sign = ascending ? 1 : -1;
  rows.sort(([a], [b]) => sign * order.compare(a, b));
  body.append(...rows.map(([, row]) => row));
};

for (const table of document.querySelectorAll("table[data-sorts]")) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    if (header.dataset.sorts === "no") return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortBy(table, header, column));
    header.append(button);
    header.setAttribute("aria-sort", "none");
  });
}

for (const form of document.querySelectorAll("form[data-filters]")) {
  const rows = [...document.getElementById(form.dataset.filters).tBodies[0].rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const [input] = form.getElementsByTagName("input");
  const selects = [...form.getElementsByTagName("select")];
  const said = form.querySelector("output");
  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const fits =
        words.every((word) => texts.get(row).includes(word)) &&
        selects.every(({ value, dataset }) => !value || row.dataset[dataset.key] === value);
      row.hidden = !fits;
      shown += fits;
    }
    said.textContent = `${shown} of ${rows.length} ${said.dataset.noun}`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A browser that goes back fills the form in by itself.
  window.addEventListener("pageshow", filter);
  form.hidden = false;
  filter();
}

for (const form of document.querySelectorAll("form[data-pairs]")) {
  const pairs = document.getElementById(form.dataset.pairs).children;
  const selects = [...form.getElementsByTagName("select")];
  const show = () => {
    const [first, second] = selects.map((select) => Number(select.value)).sort((a, b) => a - b);
    for (const pair of pairs) {
      pair.hidden = pair.id !== `pair-${first}-${second}`;
    }
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("pageshow", show);
  form.hidden = false;
  show();
}
