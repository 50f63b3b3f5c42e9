// Figures: drawn as they come into view, or before that in idle moments; in the colours of the page.
const plots = [...document.querySelectorAll(".plot")];
let figures = [];
const config = {
  displaylogo: false,
  responsive: true,
  modeBarButtons: [["toImage"]],
  plotlyServerURL: "",
  showSendToCloud: false,
};
const drawn = new Set();
let ready = false;

const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

// A colour in a figure is the name of a variable of the page's style.
const coloured = (value) => {
  if (typeof value === "string") return value.startsWith("var(--") ? colour(value.slice(4, -1)) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, coloured(each)]));
};

// The page knows whether it is light or dark; the figures do not.
const themed = (layout) => {
  const [ink, line, card] = [colour("--ink"), colour("--line"), colour("--card")];
  const font = { color: ink, family: getComputedStyle(document.body).fontFamily, size: "paper" in root.dataset ? 11 : 13 };
  const axes = Object.keys(layout).filter((key) => /^[xy]axis/.test(key));
  const axis = (own) => ({
    ...own,
    title: { ...own.title, font },
    gridcolor: line,
    linecolor: line,
    zerolinecolor: line,
    tickcolor: line,
  });
  return {
    ...coloured(layout),
    font,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--soft"), activecolor: ink },
    hoverlabel: { align: "left", bgcolor: card, bordercolor: line, font },
    ...Object.fromEntries(axes.map((key) => [key, axis(coloured(layout[key]))])),
  };
};
const inked = (trace) => ({
  ...coloured(trace),
  ...(trace.texttemplate ? { textfont: { color: colour("--ink"), size: 11 } } : {}),
});
// On a phone the legend goes below, a line for each entry, fewer days and lengths have a name, long names of rows have several lines,
// and there is room for what stands beside the longest bar; on paper two figures share a page, and each of their rows has
// the height of its name.
const phone = matchMedia("(max-width: 600px)");
const CHARACTER = 7.5; // pixels, of the widest that names have much of
const longest = (texts) => Math.max(0, ...texts.map((text) => text.replace(/&\w+;/g, "_").length));
// The ends of a name: entities are one character each.
const clipped = (name, most = 24) => {
  const characters = name.match(/&#?\w+;|[^]/gu) ?? [];
  const half = Math.floor(most / 2);
  return characters.length <= most ? name : [...characters.slice(0, half - 1), "…", ...characters.slice(-half)].join("");
};
const withRoom = (data, axis, room) => {
  const beside = CHARACTER * longest(data.flatMap(({ text, z }) => (z || !text ? [] : text)));
  if (!beside || !axis.range) return axis;
  const [least, most] = axis.range; // steps may lead below nothing
  return { ...axis, range: [least, least + ((most - least) / 1.14) * (1 + beside / Math.max(60, room - beside))] };
};
const ofPhone = (data, { xaxis, yaxis, ...layout }, width) => {
  const every = Math.ceil((xaxis?.tickvals?.length ?? 0) / 5);
  const some = (all) => all.filter((_, place) => place % every === 0);
  const few = xaxis?.ticktext ? { ...xaxis, tickvals: some(xaxis.tickvals), ticktext: some(xaxis.ticktext) } : xaxis;
  if (!yaxis?.ticktext) return { ...layout, xaxis: few, yaxis };
  const names = layout.meta?.phone ?? yaxis.ticktext.map((name) => clipped(name));
  const lines = names.map((name) => name.split("<br>"));
  const room = width - 30 - CHARACTER * longest(lines.flat());
  const more = 14 * lines.reduce((sum, each) => sum + each.length - 1, 0);
  return { ...layout, height: layout.height + more, xaxis: withRoom(data, few, room), yaxis: { ...yaxis, ticktext: names } };
};
const fitted = ({ data, layout }, width) => {
  if ("paper" in root.dataset) {
    const rows = layout.yaxis?.ticktext?.length ?? 0;
    const row = data.some(({ texttemplate }) => texttemplate) ? 36 : 16;
    return { ...layout, width: 1000, height: Math.min(layout.height, Math.max(264, 90 + row * rows)) };
  }
  if (!phone.matches) return layout;
  const small = ofPhone(data, layout, width);
  if (layout.showlegend === false) return small;
  const entries = data.filter(({ name }) => name).length;
  const below = { orientation: "v", yref: "container", y: 0, yanchor: "bottom", maxheight: 24 * entries + 10 };
  return { ...small, legend: { ...layout.legend, ...below }, height: small.height + 24 * entries };
};
// What a screen reader is told is the name and the table, and that the figure can be saved; not every tick of it.
const quiet = (plot) => {
  plot.setAttribute("role", "group");
  plot.querySelectorAll(".main-svg").forEach((svg) => { svg.setAttribute("aria-hidden", "true"); });
};
const draw = async (place) => {
  drawn.add(place);
  const layout = fitted(figures[place], plots[place].clientWidth);
  plots[place].style.height = `${layout.height}px`;
  await Plotly.react(plots[place], figures[place].data.map(inked), themed(layout), config);
  quiet(plots[place]);
};

const load = async () => {
  document.head.append(made("script", { textContent: await inflated("plotly") }));
  ready = true;
};

// Drawing one figure is work of a tenth of a second: between two of them the page may answer.
const wanted = [];
let busy = false;
const drain = async () => {
  if (busy) return;
  busy = true;
  while (wanted.length > 0) {
    const place = wanted.shift();
    if (drawn.has(place)) continue;
    await draw(place);
    root.dataset.figures = drawn.size === figures.length ? "drawn" : "some";
    await new Promise((next) => setTimeout(next));
  }
  busy = false;
};

const show = async () => {
  try {
    figures = JSON.parse(await inflated("figures"));
    // Room is made before anything is drawn, so that the page does not jump.
    plots.forEach((plot, place) => {
      plot.style.height = `${fitted(figures[place], plot.clientWidth).height}px`;
      plot.hidden = false;
    });
    await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
    await load();
    wanted.push(0);
    await drain();
  } catch (error) {
    plots.forEach((plot) => { plot.hidden = true; });
    document.getElementById("undrawn").hidden = false;
    throw error;
  }
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter(({ isIntersecting }) => isIntersecting)) {
        seen.unobserve(entry.target);
        wanted.push(plots.indexOf(entry.target));
      }
      drain();
    },
    { rootMargin: "400px" },
  );
  plots.slice(1).forEach((plot) => seen.observe(plot));
  drawAhead();
};

// A reader who scrolls fast, and a picture of the whole page, find all figures: those that are not in view yet are drawn where
// the browser has nothing else to do. One that does not tell when (Safari) draws them as they come into view.
const drawAhead = () => {
  const place = plots.findIndex((_, at) => !drawn.has(at));
  if (place < 0 || !window.requestIdleCallback) return;
  requestIdleCallback(async () => {
    if (!busy) wanted.push(place);
    await drain();
    drawAhead();
  });
};

const redraw = () => drawn.forEach(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
phone.addEventListener("change", redraw);
// Paper is light, narrower than most windows, and shows all figures.
addEventListener("beforeprint", () => {
  if (!ready) return;
  root.dataset.paper = "";
  plots.forEach((_, place) => draw(place));
});
addEventListener("afterprint", () => {
  delete root.dataset.paper;
  redraw();
});

show();
