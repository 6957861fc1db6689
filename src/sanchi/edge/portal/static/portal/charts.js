// Draws every [data-chart] of the page with ECharts from the JSON that its data-source names.
// Energies arrive in Wh and are shown in kWh. No words stand here: they come with the data, in the page's language.

// The page writes days before months in English.
const language = document.documentElement.lang === "ja" ? "ja" : "en-GB";
const WH_PER_KWH = 1000;
const NARROW_PX = 560;

// ---------------------------------------------------------------- figures and colours

const truncated = (decimals) =>
  new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals, roundingMode: "trunc",
  });
const twoDecimals = truncated(2);
const oneDecimal = truncated(1);
const axisNumber = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const kwh = (wh) => `${(wh >= 100_000 ? oneDecimal : twoDecimals).format(wh / WH_PER_KWH)} kWh`;
const shortKwh = (wh) => `${oneDecimal.format(wh / WH_PER_KWH)} kWh`;

const dateWriter = (options) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
const longDate = dateWriter({ year: "numeric", month: "short", day: "numeric", weekday: "short" });
const shortDate = dateWriter({ month: "short", day: "numeric" });
const asDate = (iso) => new Date(`${iso}T00:00:00Z`);

const property = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// A colour is a custom property of portal.css; "hue-3/1" is hue 3 with the first pattern.
function painted(colour) {
  const [name, tier] = colour.split("/");
  const style = { color: property(name) };
  if (tier === "1") style.decal = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: property("hatch") };
  if (tier === "3") style.decal = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], color: property("hatch") };
  if (tier === "4") style.decal = { symbol: "rect", dashArrayX: [[2, 3], [3, 2]], dashArrayY: [2, 2], rotation: Math.PI / 4, color: property("hatch") };
  if (tier === "2") style.decal = { symbol: "circle", dashArrayX: [[3, 3]], dashArrayY: [3, 3], symbolSize: 0.8, color: property("hatch") };
  return style;
}

const channels = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

// Mixes two #rrggbb colours; part 0 is the first, 1 the second.
function mixed(first, second, part) {
  const [from, to] = [channels(first), channels(second)];
  return `rgb(${from.map((channel, index) => Math.round(channel + (to[index] - channel) * part)).join(" ")})`;
}

const isShown = (iso, index) => index === 0 || iso.endsWith("-01");

// Enough ticks to read a date by, never so many that they touch.
function dateTicks(ticks, width) {
  if (ticks.length <= width / 60) return { interval: 0, formatter: (iso) => shortDate.format(asDate(iso)) };
  const isStart = (index, iso) => isShown(iso, index) && !(index === 0 && ticks.slice(1, 7).some((tick) => tick.endsWith("-01")));
  return { interval: isStart, formatter: (iso) => shortDate.format(asDate(iso)) };
}

const slotTicks = (width) => {
  const step = width < NARROW_PX ? 12 : 6;
  return { interval: (index) => index % step === 0, formatter: (slot) => slot.split("–")[0] };
};

// ---------------------------------------------------------------- tooltips, built as elements

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function tip(head, rows) {
  const box = element("div", "tip");
  box.append(element("div", "tip-head", head));
  for (const [colour, name, text] of rows) {
    const row = element("div", "tip-row");
    const swatch = element("span", "tip-swatch");
    if (colour) swatch.style.background = colour;
    row.append(swatch, element("span", "", name), element("span", "", text));
    box.append(row);
  }
  return box;
}

const tooltip = () => ({
  confine: true, backgroundColor: property("raised"), borderColor: property("line-strong"), borderWidth: 1, padding: [8, 10],
  textStyle: { color: property("ink") }, extraCssText: "box-shadow:0 6px 24px rgb(0 0 0/.12);border-radius:8px",
});

// ---------------------------------------------------------------- the kinds of charts

const axisLine = () => ({ lineStyle: { color: property("line-strong") } });
const axisText = () => ({ color: property("soft"), fontSize: 12, hideOverlap: true });

function drawnSeries(series, stack) {
  const style = painted(series.colour);
  const data = series.values.map((wh) => wh / WH_PER_KWH);
  if (series.shape === "bar") {
    return { name: series.name, type: "bar", stack, data, itemStyle: style, color: style.color, barCategoryGap: "18%", emphasis: { focus: "series" } };
  }
  const area = series.shape === "area" ? { areaStyle: { color: style.color, opacity: 0.18 } } : {};
  return { name: series.name, type: "line", data, showSymbol: false, lineStyle: { width: 2.25, color: style.color }, itemStyle: style, color: style.color, ...area };
}

const pen = document.createElement("canvas").getContext("2d");

// How many lines the legend takes when its entries are packed one after the other.
function legendRows(series, width) {
  pen.font = `13px ${property("sans")}`;
  let [rows, used] = [1, 0];
  for (const one of series) {
    const wide = pen.measureText(one.name).width + 42;
    if (used > 0 && used + wide > width - 16) [rows, used] = [rows + 1, 0];
    used += wide;
  }
  return rows;
}

function bars({ axis, ticks, series }, width) {
  const head = axis === "date" ? (tick) => longDate.format(asDate(tick)) : (tick) => tick;
  const labels = axis === "date" ? dateTicks(ticks, width) : slotTicks(width);
  const rows = (index) => series.filter((one) => one.values[index]).map((one) => [painted(one.colour).color, one.name, kwh(one.values[index])]);
  const legendHeight = legendRows(series, width) * 24;
  return {
    legend: { bottom: 0, left: 0, right: 0, icon: "roundRect", itemWidth: 11, itemHeight: 11, itemGap: 14, textStyle: { color: property("soft"), fontSize: 13 } },
    grid: { left: 4, right: 12, top: 34, bottom: legendHeight + 16, containLabel: true },
    tooltip: { ...tooltip(), trigger: "axis", axisPointer: { type: series.some((one) => one.shape === "bar") ? "shadow" : "line" }, formatter: (items) => tip(head(ticks[items[0].dataIndex]), rows(items[0].dataIndex)) },
    xAxis: { type: "category", data: ticks, axisLine: axisLine(), axisTick: { show: false }, axisLabel: { ...axisText(), ...labels } },
    yAxis: { type: "value", name: "kWh", nameTextStyle: { ...axisText(), align: "left", padding: [0, 0, 0, -18] }, splitLine: { lineStyle: { color: property("line") } }, axisLabel: { ...axisText(), formatter: (number) => axisNumber.format(number) } },
    series: series.map((one) => drawnSeries(one, "all")),
    extraHeight: legendHeight,
  };
}

function sankey({ nodes, links }, width) {
  const isNarrow = width < NARROW_PX;
  const labelOf = new Map(nodes.map((node) => [node.key, node.label]));
  const sums = new Map();
  for (const [source, target, wh] of links) {
    for (const key of [source, target]) sums.set(key, (sums.get(key) ?? 0) + wh);
  }
  const side = (node) => ((node.side === "left") !== isNarrow ? "left" : "right");
  const label = (node) => ({ position: side(node), formatter: `{name|${node.label}}  {figure|${shortKwh(sums.get(node.key))}}` });
  const halo = { textBorderColor: property("paper"), textBorderWidth: 3 };
  const place = isNarrow ? { left: 2, right: 2 } : { left: 190, right: 260 };
  return {
    tooltip: { ...tooltip(), trigger: "item", formatter: ({ dataType, data }) => (dataType === "edge" ? tip(`${labelOf.get(data.source)} → ${labelOf.get(data.target)}`, [["", "", kwh(data.wh)]]) : tip(labelOf.get(data.name), [["", "", kwh(sums.get(data.name))]])) },
    series: [{
      type: "sankey", ...place, top: 12, bottom: 12, nodeWidth: 12, nodeGap: 18, layoutIterations: 0, draggable: false, emphasis: { focus: "adjacency" },
      label: { color: property("ink"), fontFamily: property("sans"), rich: { name: { ...halo, fontSize: isNarrow ? 11 : 13, color: property("ink") }, figure: { ...halo, fontSize: isNarrow ? 10 : 12, color: property("soft") } } },
      lineStyle: { color: "target", opacity: 0.28, curveness: 0.5 },
      data: nodes.map((node) => ({ name: node.key, itemStyle: painted(node.colour), label: label(node) })),
      links: links.map(([source, target, wh]) => ({ source, target, value: wh, wh })),
    }],
  };
}

function grid({ columns, rows, states, details, cells }, width) {
  const paper = property("sunken");
  const colours = states.map((state) => property(state.colour));
  const fill = ([, , state, strength]) => (state === 0 && states.length > 1 ? colours[0] : mixed(paper, colours[state], states.length > 1 ? 0.4 + (0.6 * strength) / 1000 : strength / 1000));
  const draw = (_, api) => {
    const cell = cells[api.value(2)];
    const [x, y] = api.coord([cell[0], cell[1]]);
    const [cellWidth, cellHeight] = api.size([1, 1]);
    return { type: "rect", shape: { x: x - cellWidth / 2, y: y - cellHeight / 2, width: Math.max(1, cellWidth - 0.8), height: Math.max(1, cellHeight - 0.8) }, style: { fill: fill(cell) } };
  };
  const rowsOfTip = (cell) => details.map((name, index) => [states.length > 1 ? colours[index] : "", name, String(cell[4 + index])]);
  return {
    grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(), trigger: "item", formatter: ({ value }) => tip(`${rows[cells[value[2]][1]]} · ${longDate.format(asDate(columns[cells[value[2]][0]]))}`, rowsOfTip(cells[value[2]])) },
    xAxis: { type: "category", data: columns, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...axisText(), ...dateTicks(columns, width) } },
    yAxis: { type: "category", data: rows, inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...axisText(), width: width < NARROW_PX ? 64 : 120, overflow: "truncate" } },
    series: [{ type: "custom", renderItem: draw, data: cells.map((cell, index) => [cell[0], cell[1], index]), encode: { x: 0, y: 1 } }],
  };
}

// A meter's day: its counts (a register) above the energy of its slots, below them a strip that names how each slot came
// about even where its energy is nothing. A meter of energies has no counts: its readings stand on its bars.
function register({ ticks, countName, energies, methods, tips, versions }, width) {
  const isRegister = countName !== "";
  const sides = { left: 66, right: 14 };
  const barsTop = isRegister ? 214 : 34;
  const strip = { ...sides, top: barsTop + 138, height: 16 };
  const grids = [{ ...sides, top: barsTop, height: 130 }, strip, { ...sides, top: 34, height: 130 }];
  const slotAxis = (gridIndex, isNamed) => ({ type: "category", data: ticks, gridIndex, axisLine: { ...axisLine(), show: !isNamed }, axisTick: { show: false }, axisLabel: isNamed ? { ...axisText(), ...slotTicks(width) } : { show: false } });
  const valueAxis = (gridIndex, name, more) => ({ type: "value", gridIndex, name, nameTextStyle: { ...axisText(), align: "left", padding: [0, 0, 0, -62] }, splitLine: { lineStyle: { color: property("line") } }, axisLabel: { ...axisText(), formatter: (number) => axisNumber.format(number) }, splitNumber: 3, ...more });
  const placed = (places, value) => ticks.map((_, slot) => (places.includes(slot) ? value(slot) : "-"));
  const ofSlots = methods.flatMap(({ name, colour, places }) => {
    const style = painted(colour);
    const look = { type: "bar", itemStyle: style, color: style.color, name };
    return [
      { ...look, stack: "energy", barCategoryGap: "14%", xAxisIndex: 0, yAxisIndex: 0, data: placed(places, (slot) => energies[slot] / WH_PER_KWH) },
      { ...look, stack: "strip", barCategoryGap: "0%", xAxisIndex: 1, yAxisIndex: 1, data: placed(places, () => 1) },
    ];
  });
  const asPoint = ([boundary, reading]) => (isRegister ? [boundary, reading] : [boundary - 1, reading / WH_PER_KWH]);
  const ofVersions = versions.map(({ name, colour, symbol, points }) => ({
    name, type: "scatter", xAxisIndex: isRegister ? 2 : 0, yAxisIndex: isRegister ? 2 : 0, symbol, symbolSize: symbol === "diamond" ? 9 : 5,
    color: property(colour), itemStyle: { color: property(colour) }, data: points.map((point) => ({ value: asPoint(point), told: point })), z: 3,
  }));
  const pairs = (texts) => texts.flatMap((text, index) => (index % 2 ? [] : [["", text, texts[index + 1]]]));
  const tell = ({ data, dataIndex, seriesIndex }) => (seriesIndex < ofSlots.length ? tip(ticks[dataIndex], tips[dataIndex].map(([text, figure]) => ["", text, figure])) : tip(data.told[2], pairs(data.told[3])));
  const named = [...methods, ...versions];
  const legendHeight = legendRows(named, width) * 24;
  const countAxes = [{ type: "value", gridIndex: 2, min: 0, max: ticks.length, interval: 6, splitLine: { show: false }, axisLine: axisLine(), axisTick: { show: false }, axisLabel: { show: false } }];
  return {
    legend: { bottom: 0, left: 0, right: 0, itemWidth: 16, itemHeight: 11, itemGap: 14, textStyle: { color: property("soft"), fontSize: 13 }, data: named.map(({ name, symbol }) => ({ name, icon: symbol ?? "roundRect" })) },
    grid: isRegister ? grids : grids.slice(0, 2),
    tooltip: { ...tooltip(), trigger: "item", formatter: tell },
    xAxis: [slotAxis(0, false), slotAxis(1, true), ...(isRegister ? countAxes : [])],
    yAxis: [valueAxis(0, "kWh"), { type: "value", gridIndex: 1, max: 1, show: false }, ...(isRegister ? [valueAxis(2, countName, { scale: true, minInterval: 1 })] : [])],
    series: [...ofSlots, ...ofVersions],
    extraHeight: legendHeight,
  };
}

// Homes and days: each cell is parted by how many of its half hours were in each state, the worst at the bottom.
function shares({ columns, rows, states, cells }, width) {
  const isNarrow = width < NARROW_PX;
  const colours = states.map((state) => property(state.colour));
  const draw = (_, api) => {
    const [column, row, ...counts] = cells[api.value(2)];
    const [x, y] = api.coord([column, row]);
    const [cellWidth, cellHeight] = api.size([1, 1]);
    const [wide, high] = [Math.max(1, cellWidth - (isNarrow ? 0 : 1)), Math.max(2, cellHeight - 2)];
    const whole = counts.reduce((sum, count) => sum + count, 0);
    let bottom = y + high / 2;
    // What little is wrong stays visible: two pixels at least.
    const heights = counts.map((count, state) => (count === 0 ? 0 : state === 0 ? 0 : Math.max(2, (high * count) / whole)));
    heights[0] = Math.max(0, high - heights.reduce((sum, height) => sum + height, 0));
    const parts = [];
    for (let state = counts.length - 1; state >= 0; state -= 1) {
      const height = Math.min(heights[state], bottom - (y - high / 2));
      if (height > 0) parts.push({ type: "rect", shape: { x: x - cellWidth / 2, y: bottom - height, width: wide, height }, style: { fill: colours[state] } });
      bottom -= height;
    }
    return { type: "group", children: parts };
  };
  const rowsOfTip = (counts) => states.map((state, index) => [colours[index], state.name, String(counts[index])]);
  return {
    grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(), trigger: "item", formatter: ({ value }) => tip(`${rows[value[1]]} · ${longDate.format(asDate(columns[value[0]]))}`, rowsOfTip(cells[value[2]].slice(2))) },
    xAxis: { type: "category", data: columns, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...axisText(), ...dateTicks(columns, width) } },
    yAxis: { type: "category", data: rows, inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...axisText(), hideOverlap: false, interval: 0, fontSize: 11, width: isNarrow ? 72 : 130, overflow: "truncate" } },
    series: [{ type: "custom", renderItem: draw, data: cells.map((cell, index) => [cell[0], cell[1], index]), encode: { x: 0, y: 1 } }],
  };
}

const kinds = { bars, sankey, grid, register, shares };

// ---------------------------------------------------------------- mounting

function mount(box) {
  const drawing = JSON.parse(document.getElementById(box.dataset.source).textContent);
  box.style.height = `${box.dataset.height}px`;
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const draw = () => {
    const { extraHeight = 0, ...option } = kinds[box.dataset.chart](drawing, box.clientWidth);
    box.style.height = `${Number(box.dataset.height) + extraHeight}px`;
    chart.resize();
    const look = { animation: false, textStyle: { fontFamily: property("sans") } };
    chart.setOption({ ...look, ...option }, { notMerge: true });
    box.dataset.drawn = "true";
  };
  draw();
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth !== width) {
      width = box.clientWidth;
      draw();
    }
  }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

document.querySelectorAll("[data-chart]").forEach(mount);
