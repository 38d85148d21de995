//! The chart of BENCHMARKS.md: for each policy, how long the programs are and how many of their instructions run.

use std::fmt::Write as _;

/// One policy's bars.
pub(crate) struct Group {
    pub(crate) title: String,
    /// Contender, length of its program, mean of executed instructions over all numbers.
    pub(crate) bars: Vec<(String, usize, f64)>,
}

const WIDTH: f64 = 900.0;
const BAR: f64 = 17.0;
const LEFT: f64 = 150.0;
const HALF: f64 = 300.0;
const COLOURS: [&str; 4] = ["#0b6e4f", "#c9a227", "#8a6d1b", "#9b2d30"];

/// Two columns of bars on logarithmic scales, as the longest is a hundred times the shortest.
pub(crate) fn svg(groups: &[Group]) -> String {
    let lines: usize = groups.iter().map(|group| group.bars.len()).sum();
    let height = 96.0 + lines as f64 * BAR + groups.len() as f64 * 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#222\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let second = LEFT + HALF + 60.0;
    text(&mut svg, LEFT, 28.0, "start", "15", "Length of the program, in instructions");
    text(&mut svg, second, 28.0, "start", "15", "Instructions executed for a call");
    text(&mut svg, LEFT, 45.0, "start", "11", "logarithmic, shorter is better");
    text(&mut svg, second, 45.0, "start", "11", "mean over all numbers of the table; logarithmic");
    let mut y = 70.0;
    for group in groups {
        let _infallible = writeln!(
            svg,
            "<text x=\"20\" y=\"{}\" font-size=\"13\" font-weight=\"bold\">{}</text>",
            y + 4.0,
            group.title
        );
        y += 14.0;
        for (at, (name, length, mean)) in group.bars.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            text(&mut svg, LEFT - 8.0, y + 12.0, "end", "12", name);
            bar(&mut svg, LEFT, y, scaled(*length as f64, 5.0, 2000.0), colour, &length.to_string());
            bar(&mut svg, second, y, scaled(*mean, 3.0, 600.0), colour, &format!("{mean:.1}"));
            y += BAR;
        }
        y += 20.0;
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where a value lies between the ends of a logarithmic scale, in the width of a column.
fn scaled(value: f64, least: f64, most: f64) -> f64 {
    ((value / least).ln() / (most / least).ln()).clamp(0.0, 1.0) * (HALF - 40.0)
}

fn bar(svg: &mut String, x: f64, y: f64, length: f64, colour: &str, label: &str) {
    let _infallible = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{}\" rx=\"2\" fill=\"{colour}\"/>",
        BAR - 4.0
    );
    text(svg, x + length + 6.0, y + 11.0, "start", "11", label);
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, size: &str, text: &str) {
    let _infallible = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{text}</text>"
    );
}
