//! What a record does not say about its process, as journald or `/proc` still know it.

/// What is known of a process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Process {
    /// The parent's process ID.
    pub parent: Option<u32>,
    /// The parent's name.
    pub parent_name: Option<String>,
    /// The command line, its arguments joined by spaces.
    pub command_line: Option<String>,
    /// The systemd unit.
    pub unit: Option<String>,
    /// The ID of the container.
    pub container: Option<String>,
    /// The file that contains the instruction, and the offset in it.
    pub module: Option<String>,
    /// The function that contains it.
    pub function: Option<String>,
}

impl Process {
    /// Takes over what the other knows in addition.
    pub(crate) fn complete(&mut self, other: &mut Self) {
        let take =
            |place: &mut Option<String>, other: &mut Option<String>| *place = place.take().or(other.take());
        self.parent = self.parent.or(other.parent);
        take(&mut self.parent_name, &mut other.parent_name);
        take(&mut self.command_line, &mut other.command_line);
        take(&mut self.unit, &mut other.unit);
        take(&mut self.container, &mut other.container);
        take(&mut self.module, &mut other.module);
        take(&mut self.function, &mut other.function);
    }
}

/// The container of a process in this control group: the engines name the group after its ID, 64 hexadecimal digits.
pub(crate) fn container(cgroup: &str) -> Option<String> {
    let words = cgroup.rsplit(|c: char| !c.is_ascii_alphanumeric());
    let is_id = |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    words.into_iter().find(is_id).map(str::to_owned)
}

/// The systemd unit of a process in this control group: the first part of the path that is not a slice.
pub(crate) fn unit(cgroup: &str) -> Option<String> {
    let unit = cgroup.split('/').find(|part| !part.is_empty() && !part.ends_with(".slice"))?;
    [".service", ".scope", ".socket", ".mount"].iter().any(|end| unit.ends_with(end)).then(|| unit.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{container, unit};

    #[test]
    fn a_control_group_names_the_unit_and_the_container() {
        let id = "0123456789abcdef".repeat(4);
        for (cgroup, expected_unit, is_container) in [
            ("/system.slice/nginx.service".to_owned(), Some("nginx.service"), false),
            ("/user.slice/user-1000.slice/session-3.scope".to_owned(), Some("session-3.scope"), false),
            (format!("/system.slice/docker-{id}.scope"), None, true),
            (format!("/docker/{id}"), None, true),
            (format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{id}.scope"), None, true),
            ("/".to_owned(), None, false),
            (format!("/x{id}"), None, false),
        ] {
            assert_eq!(container(&cgroup), is_container.then(|| id.clone()), "{cgroup}");
            if let Some(expected) = expected_unit {
                assert_eq!(unit(&cgroup).as_deref(), Some(expected));
            }
        }
        assert_eq!(unit("/init"), None);
    }
}
