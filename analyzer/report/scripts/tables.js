// Tables that readers sort and search.
// What a cell is sorted by: its number, if it is one, else its words; what is unknown comes last either way.
const valueOf = (cell) => {
  const words = (cell.firstChild?.textContent ?? "").trim();
  const number = Number(words.replace(/[,%]/g, ""));
  if (words === "" || words === "–" || words === "unknown") return null;
  return Number.isNaN(number) ? words : number;
};
const compare = (one, other) =>
  typeof one === "number" && typeof other === "number"
    ? one - other
    : String(one) < String(other) ? -1 : Number(String(one) > String(other));

const sortable = (table) => {
  const [heads, body] = [[...table.tHead.rows[0].cells], table.tBodies[0]];
  const rows = [...body.rows];
  const sort = (column, up) => {
    const keyed = [...body.rows].map((row) => [valueOf(row.cells[column]), row]);
    keyed.sort(([one], [other]) => {
      if (one === null || other === null) return Number(one === null) - Number(other === null);
      return up ? compare(one, other) : compare(other, one);
    });
    body.append(...keyed.map(([, row]) => row));
    heads.forEach((head, place) => {
      if (place === column) head.setAttribute("aria-sort", up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
  };
  heads.forEach((head, column) => {
    const button = made("button", { type: "button", className: "sort" });
    button.setAttribute("aria-label", `Sort by ${head.textContent}`);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      sort(column, before ? before === "descending" : column === 0);
    });
    head.append(" ", button);
  });

  const word = table.dataset.sortable;
  const found = made("output", { className: "found" });
  const search = made("input", { type: "search", placeholder: `Find ${word}` });
  search.setAttribute("aria-label", `Find ${word}`);
  search.addEventListener("input", () => {
    const asked = search.value.toLowerCase();
    rows.forEach((row) => { row.hidden = !row.cells[0].textContent.toLowerCase().includes(asked); });
    const left = rows.filter((row) => !row.hidden).length;
    found.textContent = asked ? `${left} of ${rows.length} shown; the total is that of all` : "";
  });
  table.parentElement.before(made("div", { className: "tools" }, search, found));
};
document.querySelectorAll("table[data-sortable]").forEach(sortable);
