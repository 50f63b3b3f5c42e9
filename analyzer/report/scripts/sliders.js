// A scenario of the reader's own, computed exactly from sums. Each line of an endpoint is a way of serving some of its
// requests, in parts that are linear in what the reader may change (see servings.py):
//   cost = input + ratio * output + fees, where
//   input = misses + hits + writes, or, with a hit rate r set, (1 - r) * (all missed) + r * (all hit)
//   ratio = that of the model's family, for requests that move to it; else 1
// and with an own price, a class costs its tokens times that price. With a share s of Pro, an endpoint costs
// s * (its lines on Pro) + (1 - s) * (its lines on Flash); without one, its lines as they were logged.
const tryout = document.getElementById("tryout");
const setUp = async () => {
  const data = JSON.parse(await inflated("servings"));
  const FAMILIES = ["flash", "pro"];
  const CLASSES = ["input", "cache_read", "output"];
  const money = (text) => exact(BigInt(text), 15);
  const tokens = (text) => exact(BigInt(text));
  const line = ([serving, by, moved, compared, ...sums]) => {
    const [miss, hit, output] = sums.slice(0, 3).map(tokens);
    const [missCost, hitCost, allMissed, allHit, outputCost, writes, fees] = sums.slice(3).map(money);
    return { serving, by, moved, compared, miss, hit, output, missCost, hitCost, allMissed, allHit, outputCost, writes, fees };
  };
  const endpoints = data.endpoints.map(({ name, shown, lines }) => ({ name, shown: shown ?? name, lines: lines.map(line) }));

  const at = (name) => tryout.querySelector(`[name="${name}"]`);
  // A decimal in its bounds; null where none is set, or none that can be meant.
  const decimal = (input, most, places) => {
    const value = input.value.trim() === "" ? null : parsed(input.value);
    const meant = value && value.scale <= places && value.units >= 0n && minus(exact(most), value).units >= 0n;
    input.setAttribute("aria-invalid", String(input.value.trim() !== "" && !meant));
    return meant ? value : null;
  };
  const percent = (input) => {
    const value = decimal(input, 100n, 4);
    return value && exact(value.units, value.scale + 2);
  };

  const perToken = (price) => exact(price.units, price.scale + 6);
  const costOf = (each, { hitRate, ratios, prices }) => {
    const own = prices[each.by] ?? {};
    const priced = (amount, cost, name) => (own[name] ? times(amount, perToken(own[name])) : cost);
    const read = plus(each.miss, each.hit);
    const input = hitRate
      ? plus(
          times(minus(ONE, hitRate), priced(read, each.allMissed, "input")),
          times(hitRate, priced(read, each.allHit, "cache_read")),
        )
      : total([priced(each.miss, each.missCost, "input"), priced(each.hit, each.hitCost, "cache_read"), each.writes]);
    const output = priced(each.output, each.outputCost, "output");
    const ratio = (each.moved && ratios[each.serving]) || ONE;
    return total([input, times(ratio, output), each.fees]);
  };
  const summed = (lines, setting) => total(lines.map((each) => costOf(each, setting)));
  const of = (endpoint, serving, onlyCompared) =>
    endpoint.lines.filter((each) => each.serving === serving && (each.compared || !onlyCompared));
  const endpointCost = (endpoint, share, setting, onlyCompared = false) => {
    if (!share) return summed(of(endpoint, "logged", onlyCompared), setting);
    const [flash, pro] = FAMILIES.map((family) => summed(of(endpoint, family, onlyCompared), setting));
    return plus(times(share, pro), times(minus(ONE, share), flash));
  };

  // ---- the controls

  // Whoever moves a slider means it, also where it lies at the end that they move it to: no event tells of that.
  const whenMoved = (slider, box) => {
    slider.addEventListener("input", () => { box.checked = true; });
    const atTheEnd = ({ type, key }) => {
      if (type === "keydown" && !/^(Home|End|Page(Up|Down)|Arrow)/.test(key)) return;
      const before = slider.value;
      setTimeout(() => {
        if (slider.value !== before || box.checked) return;
        box.checked = true;
        show();
      });
    };
    slider.addEventListener("keydown", atTheEnd);
    slider.addEventListener("pointerup", atTheEnd);
  };
  const overall = at("share");
  const rows = new Map();
  const body = tryout.querySelector("tbody.tried");
  endpoints.forEach((endpoint, place) => {
    const cost = made("td");
    const share = made("input", { type: "range", min: 0, max: 100, step: 1, value: 0 });
    const own = made("input", { type: "checkbox", name: `own-${place}` });
    const said = made("span");
    own.setAttribute("aria-label", `Own share of Pro for ${endpoint.shown}`);
    share.setAttribute("aria-label", `Share of Pro for ${endpoint.shown}`);
    share.name = `share-${place}`;
    whenMoved(share, own);
    const settable = data.key !== null && endpoint.name !== null;
    const control = settable ? [own, " ", share, " ", said] : [made("span", { className: "note", textContent: "as overall" })];
    // Paths break after a slash between their parts, as in the tables.
    const parts = endpoint.shown.split(/(?<=[^\s/]\/)/).flatMap((part, at) => (at ? [made("wbr"), part] : [part]));
    const head = made("th", { scope: "row" }, made("bdi", {}, ...parts));
    body.append(made("tr", {}, head, made("td", { className: "control" }, ...control), cost));
    rows.set(place, { own, share, said, cost, settable });
  });

  const setting = () => {
    const prices = {};
    FAMILIES.forEach((family) => {
      const own = CLASSES.map((name) => [name, decimal(at(`${family}-${name}`), 1_000_000n, 9)]).filter(([, price]) => price);
      if (own.length > 0) prices[family] = Object.fromEntries(own);
    });
    return {
      share: at("routed").checked ? percent(overall) : null,
      own: new Map(
        [...rows]
          .filter(([, row]) => row.settable && row.own.checked)
          .map(([place, row]) => [place, exact(BigInt(row.share.value), 2)]),
      ),
      hitRate: at("hits").checked ? percent(at("hit-rate")) : null,
      ratios: Object.fromEntries(FAMILIES.map((family) => [family, decimal(at(`ratio-${family}`), 1000n, 6) ?? ONE])),
      prices,
    };
  };

  // ---- the scenario as TOML

  const quoted = (text) =>
    `"${[...text].map((char) => {
      if (char === '"' || char === "\\") return `\\${char}`;
      const code = char.codePointAt(0);
      const hidden = code < 0x20 || (code >= 0x7f && code < 0xa0) || /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(char);
      return hidden ? `\\u${code.toString(16).padStart(4, "0")}` : char;
    }).join("")}"`;
  // A name as a pattern that fits nothing else; as it stands a family's would mean its member in force.
  const pattern = (name) => quoted(FAMILIES.includes(name) ? `[${name[0]}]${name.slice(1)}` : name.replace(/[*?[\\]/g, "[$&]"));
  const rules = (names, share) => {
    const condition = names ? [`${data.key} = [${names.map(pattern).join(", ")}]`] : [];
    const rule = (to, ...more) => ["", "[[route]]", `to = "${to}"`, ...condition, ...more];
    if (share === null) return rule("as-logged");
    const pro = share.units === 0n ? [] : rule("pro", ...(minus(ONE, share).units === 0n ? [] : [`token_share = ${plain(share)}`]));
    return names ? [...pro, ...rule("flash")] : pro;
  };
  const toml = (chosen) => {
    const groups = new Map();
    chosen.own.forEach((share, place) => {
      const key = plain(share);
      groups.set(key, [...(groups.get(key) ?? []), place]);
    });
    const ratios = FAMILIES.filter((family) => minus(chosen.ratios[family], ONE).units !== 0n);
    return [
      `# Computed in the report over ${data.period}; to compute it again:`,
      `# spend simulate LOG... --scenario THIS_FILE${data.options}`,
      'name = "tried-out"',
      'title = "Set with the sliders of the report"',
      `default = "${chosen.share ? "flash" : "as-logged"}"`,
      ...[...groups].flatMap(([, places]) => rules(places.map((place) => endpoints[place].name), chosen.own.get(places[0]))),
      ...(chosen.share ? rules(null, chosen.share) : []),
      "",
      "[assume]",
      `price_date = ${quoted(data.price_date)}`,
      'cache = "transferred"',
      ...(chosen.hitRate ? [`hit_rate = ${plain(chosen.hitRate)}`] : []),
      ...(ratios.length > 0
        ? [`output_ratio = { ${ratios.map((family) => `${family} = ${plain(chosen.ratios[family])}`).join(", ")} }`]
        : []),
      ...(Object.keys(chosen.prices).length > 0 ? ["", "[prices]"] : []),
      ...Object.entries(chosen.prices).flatMap(([family, own]) => {
        const figures = Object.entries(own).map(([name, price]) => `${name} = "${plain(price)}"`);
        const listed = data.currency === "USD" ? [] : [`currency = "${data.currency}"`];
        return [`${family} = { ${[...figures, ...listed].join(", ")} }`];
      }),
      "",
    ].join("\n");
  };

  // ---- what it comes to

  // One voice for all of it, once the reader rests: what it costs now. Sliders speak for themselves.
  const status = tryout.querySelector("[role=status]");
  let telling;
  const tell = () => {
    tryout.toggleAttribute("data-tried", at("toml").textContent !== untouched);
    clearTimeout(telling);
    telling = setTimeout(() => {
      const now = [at("cost").textContent, at("difference").textContent].filter(Boolean).join(", ");
      if ("tried" in tryout.dataset || status.textContent) status.textContent = now;
    }, 400);
  };
  let untouched = null;

  const actual = total(endpoints.map((endpoint) => summed(of(endpoint, "logged", false), { ratios: {}, prices: {} })));
  const known = endpoints.some((endpoint) => of(endpoint, "logged", false).length > 0);
  const show = () => {
    const chosen = setting();
    const shares = endpoints.map((_, place) => chosen.own.get(place) ?? chosen.share);
    const costs = endpoints.map((endpoint, place) => endpointCost(endpoint, shares[place], chosen));
    const compared = total(endpoints.map((endpoint, place) => endpointCost(endpoint, shares[place], chosen, true)));
    const cost = total(costs);
    const column = together(costs, data.places);
    const priced = shares.map((share, place) => of(endpoints[place], share ? "flash" : "logged", false).length > 0);
    const anything = priced.includes(true);
    endpoints.forEach((endpoint, place) => {
      const [row, share] = [rows.get(place), shares[place]];
      row.cost.textContent = priced[place] ? column[place] : "unknown";
      const words = share ? `${plain(exact(share.units * 100n, share.scale))}% Pro` : "as logged";
      row.said.textContent = words;
      row.share.setAttribute("aria-valuetext", words);
      row.share.classList.toggle("set", Boolean(share));
      if (!row.own.checked) row.share.value = share ? Number(share.units) / 10 ** (share.scale - 2) : 0;
    });
    const difference = minus(compared, actual);
    // As in the tables (against.py): that of the costs that are shown, where it is over the same requests.
    const beside = minus(cost, compared).units === 0n;
    const more = beside ? apart(cost, actual, data.places) : nearest(difference, data.places);
    const signed = (value, places) => `${value > 0n ? "+" : ""}${written(value, places)}`;
    const hundredfold = times(difference, exact(100n));
    const part = known && actual.units !== 0n ? ` (${signed(divided(hundredfold, actual, 1), 1)}%)` : "";
    at("cost").textContent = anything ? `${rounded(cost, data.places)} ${data.currency}` : "unknown";
    at("difference").textContent = known ? `${signed(more, data.places)} ${data.currency}${part} against actual` : "";
    tryout.dataset.cost = anything ? plain(cost) : "";
    tryout.dataset.difference = known ? plain(difference) : "";
    at("cost").classList.toggle("long", at("cost").textContent.length > 14);
    at("exactly").textContent = anything ? plain(cost) : "unknown";
    at("exactly").parentElement.hidden = !anything;
    showEnds(chosen);
    at("share-said").textContent = chosen.share ? `${overall.value}% of all tokens on Pro, the others on Flash` : "as logged";
    at("hits-said").textContent = chosen.hitRate ? `${at("hit-rate").value}% of all input from the cache` : "hits as they were";
    overall.setAttribute("aria-valuetext", at("share-said").textContent);
    at("hit-rate").setAttribute("aria-valuetext", at("hits-said").textContent);
    overall.classList.toggle("set", Boolean(chosen.share));
    at("hit-rate").classList.toggle("set", Boolean(chosen.hitRate));
    at("toml").textContent = toml(chosen);
    tell();
  };

  // What either end of a slider comes to, all else as it is set: it is seen before it is moved.
  const showEnds = (chosen) => {
    const comes = (name, otherwise) => {
      const set = { ...chosen, ...otherwise };
      const shares = endpoints.map((_, place) => set.own.get(place) ?? set.share);
      const known = shares.some((share, place) => of(endpoints[place], share ? "flash" : "logged", false).length > 0);
      const cost = total(endpoints.map((endpoint, place) => endpointCost(endpoint, shares[place], set)));
      at(name).textContent = known ? rounded(cost, data.places) : "";
    };
    comes("at-flash", { share: NOTHING });
    comes("at-pro", { share: ONE });
    comes("at-cold", { hitRate: NOTHING });
    comes("at-warm", { hitRate: ONE });
  };

  whenMoved(overall, at("routed"));
  whenMoved(at("hit-rate"), at("hits"));
  tryout.addEventListener("input", show);
  tryout.addEventListener("reset", () => setTimeout(show));
  tryout.addEventListener("submit", (event) => event.preventDefault());
  at("save").addEventListener("click", () => {
    const link = made("a", { href: URL.createObjectURL(new Blob([at("toml").textContent], { type: "application/toml" })) });
    link.download = "tried-out.toml";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  tryout.hidden = false;
  untouched = toml(setting());
  show();
};
if (tryout) setUp();
