pub fn extract(_: &std::path::Path, _: &std::path::Path) -> Vec<String> {
    vec![]
}
