/* Draws the charts of a comparison page from the figures that stand in it; asks nothing of anybody. */
"use strict";
(() => {
  const specs = JSON.parse(document.getElementById("figures").textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const font = () => ({ fontFamily: getComputedStyle(document.body).fontFamily, color: colour("ink"), fontSize: 12 });
  const drawn = [];
  const BAR_PX = 20, GAP_PX = 12, FRAME_PX = 40;

  // Long names leave the bars no room on a phone; there they are broken at an underscore.
  const label = (name, width) => (width < 460 && name.length > 13 ? name.replace(/_(?=[^_]*_[^_]*$|[^_]*$)/, "_\n") : name);

  function bars(spec, width) {
    const hues = [["first", "first-pale"], ["second", "second-pale"]];
    const several = spec.series.length > 1;
    const most = Math.max(0, ...spec.series.flatMap((one) => one.bars.map((bar) => bar.length)));
    const least = Math.min(0, ...spec.series.flatMap((one) => one.bars.map((bar) => bar.length)));
    const room = (most - least) * (width < 460 ? 0.42 : 0.2) || 1;
    return {
      animation: false, aria: { enabled: true }, textStyle: font(),
      legend: several ? { top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: font() } : undefined,
      grid: { left: 4, right: 8, top: several ? 30 : 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", min: least < 0 ? least - room : 0, max: most + room, show: false },
      yAxis: {
        type: "category", inverse: true, data: spec.names.map((name) => label(name, width)),
        axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...font(), lineHeight: 13, interval: 0 },
      },
      series: spec.series.map((one, place) => ({
        name: one.name, type: "bar", barGap: "10%", barCategoryGap: "28%", itemStyle: { color: colour(hues[place][several ? 0 : 1]) },
        label: {
          show: true, ...font(), formatter: (point) => one.bars[point.dataIndex].text,
        },
        data: one.bars.map((bar, row) => ({
          value: bar.length, label: { position: bar.length < 0 ? "left" : "right" },
          itemStyle: { color: colour(hues[place][row === spec.booked ? 0 : 1]) },
        })),
      })),
    };
  }

  function heat(spec, width) {
    const most = Math.max(1, ...spec.cells.map((cell) => cell[2]));
    const narrow = width < 700;
    return {
      animation: false, aria: { enabled: true }, textStyle: font(),
      grid: { left: 4, right: 8, top: 4, bottom: 4, containLabel: true },
      // On a phone mechanisms run down and buyers across, as there are fewer of them.
      xAxis: {
        type: "category", position: "top", data: narrow ? spec.buyers : spec.names,
        axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { ...font(), interval: 0, rotate: narrow ? 60 : 30, width: narrow ? 120 : 150, overflow: "truncate" },
      },
      yAxis: {
        type: "category", inverse: true, data: narrow ? spec.names.map((name) => label(name, width)) : spec.buyers,
        axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...font(), lineHeight: 13, interval: 0 },
      },
      visualMap: { show: false, min: 0, max: most, inRange: { color: [colour("heat-low"), colour("heat-high")] } },
      series: [{
        type: "heatmap", itemStyle: { borderColor: colour("raised"), borderWidth: 2 },
        data: spec.cells.map(([mechanism, buyer, length, text]) => ({
          value: narrow ? [buyer, mechanism, length] : [mechanism, buyer, length],
          label: { show: true, formatter: text, fontSize: 12, color: length > most * 0.55 ? colour("paper") : colour("ink") },
        })),
      }],
    };
  }

  function height(spec, width) {
    if (spec.cells) return width < 700 ? spec.names.length * 36 + 150 : spec.buyers.length * 40 + 110;
    return spec.names.length * (spec.series.length * BAR_PX + GAP_PX) + FRAME_PX;
  }

  function draw() {
    drawn.splice(0).forEach((chart) => chart.dispose());
    document.querySelectorAll("[data-chart]").forEach((box) => {
      const spec = specs[box.dataset.chart];
      const width = box.clientWidth;
      box.style.height = `${height(spec, width)}px`;
      const chart = echarts.init(box, null, { renderer: "svg" });
      chart.setOption(spec.cells ? heat(spec, width) : bars(spec, width));
      box.dataset.drawn = "yes";
      drawn.push(chart);
    });
  }

  draw();
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth !== width) { width = window.innerWidth; draw(); }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
