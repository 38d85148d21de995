# A repository's life. git runs programs, so a shell is nothing that its policy can refuse.
needs=(git)
allowed=shell
prepare() {
    export HOME=$PWD GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_PAGER=cat
    unset GIT_DIR GIT_WORK_TREE
}
life() {
    under git init -q -b main "$1"
    for file in {1..20}; do seq "$file" 2000 >"$1/$file"; done
    under git -C "$1" add .
    under git -C "$1" hash-object -w 2 >hash
    under git -C "$1" commit -qm one
    under git -C "$1" mv 1 first
    under git -C "$1" checkout -q -b side
    under git -C "$1" commit -aqm two
    under git -C "$1" rebase -q main
    under git -C "$1" log --stat >log
    under git -C "$1" status >status
    under git -C "$1" gc
    under git clone "$1" "$1.clone"
    under git -C "$1.clone" pull -q
}
recorded() {
    rm -rf first first.clone
    life first
}
again() {
    life second
    under git -C second repack -adf
    under git -C second blame first >blame
    under git -C second grep -c 42 >found
    under git -C second tag one
    under git -C second branch -f other main
    under git -C second fsck
}
attacked() { under git -C second status >status; }
