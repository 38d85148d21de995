//! The chart of BENCHMARKS.md: for each policy, how long the programs are and how many of their instructions run.

use std::fmt::Write as _;

/// One policy's rows.
pub(crate) struct Group {
    pub(crate) title: String,
    /// Contender, length of its program, mean of executed instructions over all numbers. The first is ours.
    pub(crate) rows: Vec<(String, usize, f64)>,
}

const WIDTH: f64 = 900.0;
const ROW: f64 = 19.0;
const TOP: f64 = 74.0;

/// One measure on a logarithmic scale, as the most is a hundred times the least. Points and not bars: such a scale has no
/// zero for a bar to begin at.
struct Column {
    left: f64,
    width: f64,
    title: &'static str,
    least: f64,
    most: f64,
    marks: &'static [f64],
}

const LENGTH: Column = Column {
    left: 160.0,
    width: 320.0,
    title: "Length, in instructions",
    least: 7.0,
    most: 2000.0,
    marks: &[10.0, 30.0, 100.0, 300.0, 1000.0],
};
const EXECUTED: Column = Column {
    left: 540.0,
    width: 300.0,
    title: "Executed for a number, on the mean",
    least: 5.0,
    most: 500.0,
    marks: &[5.0, 10.0, 30.0, 100.0, 300.0],
};

/// Legible on a light page and on a dark one: the picture has its own ground in the reader's scheme.
const STYLE: &str = "\
<style>
text { font-family: system-ui, sans-serif; font-size: 12px; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.policy { font-size: 13px; font-weight: 600; }
.mark { font-size: 11px; fill: #59636e; }
.ground { fill: #ffffff; }
.grid { stroke: #d1d9e0; }
.stem { stroke: #b7bfc8; stroke-width: 2; }
.peer { fill: #818b98; }
.ours { fill: #0969da; font-weight: 600; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.mark { fill: #9198a1; }
.ground { fill: #0d1117; }
.grid { stroke: #3d444d; }
.stem { stroke: #59636e; }
.peer { fill: #9198a1; }
.ours { fill: #58a6ff; }
}
</style>
";

pub(crate) fn svg(groups: &[Group]) -> String {
    let rows: usize = groups.iter().map(|group| group.rows.len()).sum();
    let height = TOP + rows as f64 * ROW + groups.len() as f64 * 36.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Length of \
         programs and instructions that they execute, less is better\">\n{STYLE}<rect class=\"ground\" \
         width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n"
    );
    for column in [LENGTH, EXECUTED] {
        column.axis(&mut svg, height);
    }
    text(&mut svg, 20.0, 52.0, "start", "mark", "less is better; logarithmic");
    let mut y = TOP;
    for group in groups {
        text(&mut svg, 20.0, y + 10.0, "start", "policy", &group.title);
        y += 18.0;
        for (at, (name, length, mean)) in group.rows.iter().enumerate() {
            let class = if at == 0 { "ours" } else { "peer" };
            text(&mut svg, LENGTH.left - 10.0, y + 13.0, "end", if at == 0 { "ours" } else { "" }, name);
            LENGTH.point(&mut svg, y + 9.0, *length as f64, class, &length.to_string());
            EXECUTED.point(&mut svg, y + 9.0, *mean, class, &format!("{mean:.1}"));
            y += ROW;
        }
        y += 18.0;
    }
    svg.push_str("</svg>\n");
    svg
}

impl Column {
    fn axis(&self, svg: &mut String, height: f64) {
        text(svg, self.left, 28.0, "start", "title", self.title);
        for mark in self.marks {
            let x = self.at(*mark);
            let (from, to) = (TOP - 14.0, height - 16.0);
            let _infallible =
                writeln!(svg, "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{from}\" x2=\"{x:.1}\" y2=\"{to}\"/>");
            text(svg, x, 52.0, "middle", "mark", &mark.to_string());
        }
    }

    /// Where a value lies.
    fn at(&self, value: f64) -> f64 {
        let share = (value / self.least).ln() / (self.most / self.least).ln();
        self.left + share.clamp(0.0, 1.0) * self.width
    }

    fn point(&self, svg: &mut String, y: f64, value: f64, class: &str, label: &str) {
        let (left, x) = (self.left, self.at(value));
        let _infallible = writeln!(
            svg,
            "<line class=\"stem\" x1=\"{left}\" y1=\"{y:.1}\" x2=\"{x:.1}\" y2=\"{y:.1}\"/>\
             <circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>"
        );
        text(svg, x + 10.0, y + 4.0, "start", if class == "ours" { class } else { "" }, label);
    }
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, class: &str, text: &str) {
    let _infallible = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
    );
}
