//! Policies to start from, as files of their own in the project's folder `policies`.

/// A policy to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ready {
    /// Its name, as of its file without the extension.
    pub name: &'static str,
    text: &'static str,
}

/// The constants, with their policies as documentation, and the list of them.
macro_rules! ready {
    ($($constant:ident $name:literal,)*) => {
        $(
            #[doc = concat!("```yaml\n", include_str!(concat!("../policies/", $name, ".yaml")), "```")]
            pub const $constant: Ready =
                Ready { name: $name, text: include_str!(concat!("../policies/", $name, ".yaml")) };
        )*

        /// Every policy to start from, the strictest first.
        pub const READY: &[Ready] = &[$($constant),*];
    };
}

ready! {
    MINIMAL "minimal",
    CLI_TOOL "cli-tool",
    NETWORK_SERVER "network-server",
    NO_EXEC "no-exec",
    NO_NETWORK "no-network",
    CONTAINER_DEFAULT "container-default",
}

impl Ready {
    /// The policy of this name.
    pub fn find(name: &str) -> Option<Self> {
        READY.iter().copied().find(|ready| ready.name == name)
    }

    /// The policy, without the line that leads editors to the schema, which is only in the project's folder.
    pub fn text(&self) -> &'static str {
        match self.text.split_once('\n') {
            Some((first, rest)) if first.starts_with("# yaml-language-server:") => rest,
            _ => self.text,
        }
    }

    /// What it guarantees: the first sentence of the comment that it begins with.
    pub fn summary(&self) -> String {
        let comment = self.text().lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
        let comment = comment.collect::<Vec<_>>().join(" ");
        comment.split_once(". ").map_or(comment.trim_end_matches('.'), |(first, _)| first).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use seccomp_compiler::{Architecture, Compiler, SourceFile};

    use super::READY;

    #[test]
    fn each_is_a_whole_policy_without_warnings_on_every_architecture() {
        for ready in READY {
            let file = SourceFile::new(ready.name, ready.text());
            for architecture in Architecture::all() {
                let compiled = Compiler::for_architecture(architecture).compile(&file);
                let compiled = compiled.unwrap_or_else(|errors| panic!("{}: {errors}", ready.name));
                assert!(compiled.warnings().is_empty(), "{} on {architecture}", ready.name);
            }
        }
    }

    #[test]
    fn each_has_a_name_and_a_summary_of_its_own() {
        let names: BTreeSet<&str> = READY.iter().map(|ready| ready.name).collect();
        let summaries: BTreeSet<String> = READY.iter().map(super::Ready::summary).collect();
        assert_eq!((names.len(), summaries.len()), (READY.len(), READY.len()));
        for summary in summaries {
            assert!((20..200).contains(&summary.len()) && !summary.contains('\n'), "{summary}");
        }
    }
}
