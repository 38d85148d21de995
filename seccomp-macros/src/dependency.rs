//! Whether `Cargo.toml` gives the runtime crate another name.

/// The name of the runtime crate in this crate, if it is not its own. rustc is told the names and files of all
/// dependencies with `--extern NAME=…/libseccomp_runtime-HASH.rmeta`. `None` if it cannot be told.
pub(crate) fn renamed() -> Option<String> {
    renamed_in(std::env::args_os().filter_map(|argument| argument.into_string().ok()))
}

fn renamed_in(arguments: impl Iterator<Item = String>) -> Option<String> {
    let mut renamed = None;
    for argument in arguments {
        let Some((name, file)) = argument.split_once('=') else { continue };
        // `--extern=NAME=FILE` is one argument, `--extern NAME=FILE` are two; options may precede the name.
        let (name, file) =
            if name == "--extern" { file.split_once('=').unwrap_or((file, "")) } else { (name, file) };
        let name = name.rsplit(':').next().unwrap_or(name);
        if file.rsplit(['/', '\\']).next().is_some_and(|file| file.starts_with("libseccomp_runtime-")) {
            if name == "seccomp_runtime" {
                return None;
            }
            renamed = Some(name.to_owned());
        }
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::renamed_in;

    fn renamed(arguments: &[&str]) -> Option<String> {
        renamed_in(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn a_renamed_crate_is_found_by_its_file() {
        let file = "/t/debug/deps/libseccomp_runtime-0123.rmeta";
        assert_eq!(renamed(&["--extern", &format!("sandbox={file}")]), Some("sandbox".to_owned()));
        assert_eq!(renamed(&[&format!("--extern=sandbox={file}")]), Some("sandbox".to_owned()));
        assert_eq!(
            renamed(&["--extern", &format!("priv,noprelude:sandbox={file}")]),
            Some("sandbox".to_owned())
        );
        assert_eq!(renamed(&["--extern", "other=/t/libother-1.rmeta", "--cfg", "feature=\"std\""]), None);
    }

    #[test]
    fn a_crate_that_also_has_its_own_name_is_not_renamed() {
        let file = "/t/libseccomp_runtime-0123.rlib";
        let both = ["--extern", &format!("sandbox={file}"), "--extern", &format!("seccomp_runtime={file}")];
        assert_eq!(renamed(&both), None);
        assert_eq!(renamed(&both[2..]), None);
    }
}
