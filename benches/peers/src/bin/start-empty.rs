//! A program without a filter.
fn main() {
    let start = std::time::Instant::now();
    peers::report(start);
}
