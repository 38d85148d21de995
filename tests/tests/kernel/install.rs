//! Which threads a filter is on, for whom, and what else installing it changes.

use std::sync::{Arc, Barrier, mpsc};
use std::thread::{self, JoinHandle};

use seccomp_runtime::{Errno, Filter, InstallError, ThreadId, include_policy};
use seccomp_tests::kernel::{become_ordinary_user, dies_of_sigsys, getppid, gettid, passes};

use crate::status::{Status, is_administrator};

static REFUSES: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}");
static WITHOUT_TSYNC: Filter = include_policy!(
    yaml = "{flags: [], default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}"
);
static WITHOUT_NO_NEW_PRIVS: Filter = include_policy!(
    yaml =
        "{no_new_privs: false, default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}"
);
static DISABLED: Filter = include_policy!(
    yaml = "{enabled: false, default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}"
);
static LOGGED: Filter = include_policy!(
    yaml = "{flags: [tsync, log, spec_allow], default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}"
);
static OF_ONE_THREAD: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno, names: [ptrace]}]}");

const REFUSED: Result<libc::c_long, Errno> = Err(Errno(libc::EXDEV));

/// Threads that run before the filter is installed, and make their call when told to.
struct Running {
    go: Arc<Barrier>,
    threads: Vec<JoinHandle<Result<libc::c_long, Errno>>>,
}

impl Running {
    fn new(count: usize) -> Self {
        let (running, go) = (Arc::new(Barrier::new(count + 1)), Arc::new(Barrier::new(count + 1)));
        let thread = |_| {
            let (running, go) = (running.clone(), go.clone());
            thread::spawn(move || {
                running.wait();
                go.wait();
                getppid()
            })
        };
        let threads = (0..count).map(thread).collect();
        running.wait();
        Self { go, threads }
    }

    fn answers(self) -> Vec<Result<libc::c_long, Errno>> {
        self.go.wait();
        self.threads.into_iter().map(|thread| thread.join().expect("the thread does not panic")).collect()
    }
}

#[test]
fn install_filters_all_threads_that_already_run() {
    passes(|| {
        let others = Running::new(8);
        assert_eq!(REFUSES.install(), Ok(()));
        assert_eq!(getppid(), REFUSED);
        assert_eq!(others.answers(), [REFUSED; 8]);
    });
}

#[test]
fn install_on_current_thread_leaves_the_others_alone() {
    passes(|| {
        let before = getppid();
        let others = Running::new(8);
        assert_eq!(REFUSES.install_on_current_thread(), Ok(()));
        assert_eq!(getppid(), REFUSED);
        assert_eq!(others.answers(), [before; 8]);
    });
}

#[test]
fn without_the_flag_tsync_install_leaves_the_others_alone() {
    passes(|| {
        let before = getppid();
        let others = Running::new(2);
        assert_eq!(WITHOUT_TSYNC.install(), Ok(()));
        assert_eq!(getppid(), REFUSED);
        assert_eq!(others.answers(), [before; 2]);
    });
}

#[test]
fn threads_that_start_later_have_their_starter_s_filter() {
    passes(|| {
        assert_eq!(REFUSES.install_on_current_thread(), Ok(()));
        assert_eq!(thread::spawn(getppid).join().expect("it does not panic"), REFUSED);
    });
}

#[test]
fn a_thread_with_a_filter_of_its_own_is_named_and_nothing_is_filtered() {
    passes(|| {
        let (before, status) = (getppid(), Status::now());
        let (tell, told) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let diverging = thread::spawn(move || {
            let installed = OF_ONE_THREAD.install_on_current_thread();
            tell.send((installed, gettid())).expect("the main thread waits");
            let _end = ended.recv();
            getppid()
        });
        let (installed, thread) = told.recv().expect("the thread tells");
        assert_eq!(installed, Ok(()));
        let others = Running::new(2);

        assert_eq!(REFUSES.install(), Err(InstallError::ThreadSync(ThreadId(thread))));

        // But no_new_privs stays set, as documented.
        assert_eq!(Status::now(), Status { no_new_privs: true, ..status });
        assert_eq!(getppid(), before);
        assert_eq!(others.answers(), [before; 2]);
        drop(end);
        assert_eq!(diverging.join().expect("it does not panic"), before);
    });
}

#[test]
fn an_installed_filter_shows_in_proc() {
    passes(|| {
        assert_eq!(REFUSES.install(), Ok(()));
        assert_eq!(Status::now(), Status { seccomp: 2, no_new_privs: true });
    });
}

#[test]
fn the_flags_of_a_policy_are_taken_by_the_kernel() {
    passes(|| {
        let others = Running::new(2);
        assert_eq!(LOGGED.install(), Ok(()));
        assert_eq!(others.answers(), [REFUSED; 2]);
    });
}

#[test]
fn an_ordinary_user_installs_and_keeps_no_new_privs() {
    passes(|| {
        become_ordinary_user();
        assert_eq!(REFUSES.install(), Ok(()));
        assert_eq!(getppid(), REFUSED);
        assert!(Status::now().no_new_privs);
    });
}

#[test]
fn without_no_new_privs_an_ordinary_user_is_denied_and_unfiltered() {
    if Status::now().no_new_privs {
        seccomp_tests::skipped(
            "no_new_privs was set before the tests began, and allows what is to be denied",
        );
        return;
    }
    passes(|| {
        become_ordinary_user();
        let before = (getppid(), Status::now());
        assert_eq!(WITHOUT_NO_NEW_PRIVS.install(), Err(InstallError::PermissionDenied));
        assert_eq!(WITHOUT_NO_NEW_PRIVS.install_on_current_thread(), Err(InstallError::PermissionDenied));
        assert_eq!((getppid(), Status::now()), before);
    });
}

/// An ordinary user needs it to have been set by another.
#[test]
fn a_policy_without_no_new_privs_does_not_set_it() {
    passes(|| {
        if !is_administrator() {
            assert_eq!(OF_ONE_THREAD.install(), Ok(()));
        }
        let before = Status::now().no_new_privs;
        assert_eq!(WITHOUT_NO_NEW_PRIVS.install(), Ok(()));
        assert_eq!(getppid(), REFUSED);
        assert_eq!(Status::now().no_new_privs, before);
    });
}

/// What every refusal becomes with `refusals`, in the kernel.
#[test]
fn refusals_become_what_the_macro_says() {
    static TRAPS: Filter = include_policy!(
        yaml = "{default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}",
        refusals = "trap"
    );
    static KILLS: Filter = include_policy!(
        yaml = "{default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}",
        refusals = "kill_process"
    );
    static LOGS: Filter = include_policy!(
        yaml = "{default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}",
        refusals = "log"
    );
    let call = |filter: &Filter| {
        assert_eq!(filter.install(), Ok(()));
        let _result = getppid();
    };
    dies_of_sigsys(|| call(&TRAPS));
    dies_of_sigsys(|| call(&KILLS));
    passes(|| {
        let before = getppid();
        assert_eq!(LOGS.install(), Ok(()));
        assert_eq!(getppid(), before);
    });
}

#[test]
fn a_disabled_policy_installs_nothing_and_says_so() {
    assert!(REFUSES.is_enabled() && !REFUSES.instructions().is_empty());
    assert!(!DISABLED.is_enabled() && DISABLED.instructions().is_empty());
    passes(|| {
        let before = (getppid(), Status::now());
        assert_eq!(DISABLED.install(), Ok(()));
        assert_eq!(DISABLED.install_on_current_thread(), Ok(()));
        assert_eq!((getppid(), Status::now()), before);
    });
}
