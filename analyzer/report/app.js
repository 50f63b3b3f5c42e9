"use strict";
// Draws the figures. Every number they show stands in a table of the page, so without this script nothing is lost.
(async () => {
  const root = document.documentElement;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const plots = figures.map((_, place) => document.getElementById(`figure-${place}`));
  const config = {
    displaylogo: false,
    responsive: true,
    modeBarButtons: [["toImage"]],
    plotlyServerURL: "",
    showSendToCloud: false,
  };
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  // The page knows whether it is light or dark; the figures do not.
  const themed = (layout) => {
    const [ink, line, card] = [colour("--ink"), colour("--line"), colour("--card")];
    const font = { color: ink, family: getComputedStyle(document.body).fontFamily, size: 13 };
    const axis = (own) => ({
      ...own,
      title: { ...own.title, font },
      gridcolor: line,
      linecolor: line,
      zerolinecolor: line,
      tickcolor: line,
    });
    return {
      ...layout,
      font,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--soft"), activecolor: ink },
      hoverlabel: { align: "left", bgcolor: card, bordercolor: line, font },
      xaxis: axis(layout.xaxis),
      yaxis: axis(layout.yaxis),
    };
  };
  const inked = (trace) => (trace.type === "heatmap" ? { ...trace, textfont: { color: colour("--ink"), size: 11 } } : trace);
  const draw = ({ data, layout }, plot) => Plotly.react(plot, data.map(inked), themed(layout), config);

  const load = async () => {
    const packed = atob(document.getElementById("plotly").textContent.trim());
    const bytes = Uint8Array.from(packed, (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  };

  // Room is made before anything is drawn, so that the page does not jump.
  plots.forEach((plot, place) => {
    plot.style.height = `${figures[place].layout.height}px`;
    plot.parentElement.hidden = false;
  });
  try {
    await load();
    for (const [place, plot] of plots.entries()) {
      await draw(figures[place], plot);
      await new Promise((next) => setTimeout(next));
    }
  } catch (error) {
    plots.forEach((plot) => { plot.parentElement.hidden = true; });
    document.getElementById("undrawn").hidden = false;
    throw error;
  }
  root.dataset.figures = "drawn";

  const redraw = () => plots.forEach((plot, place) => draw(figures[place], plot));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  // Paper is narrower than most windows.
  addEventListener("beforeprint", () => plots.forEach((plot) => Plotly.relayout(plot, { width: 960 })));
  addEventListener("afterprint", () => plots.forEach((plot) => Plotly.relayout(plot, { width: null, autosize: true })));
})();
