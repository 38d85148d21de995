//! Programs, each with lines for a shell that make it do much of what it can. Every line can be run without the others.

/// A program with its lines.
pub(super) type Program = (&'static str, &'static [&'static str]);

/// Programs of the system.
pub(super) const INSTALLED: [Program; 37] = [
    (
        "bash",
        &[
            "bash -c 'echo a | cat; ls & wait; read x < /etc/passwd; ulimit -a; trap : INT; kill -0 $$'",
            "bash -c 'cat <<< a; printf b > f; [[ -r f && -w f ]]; umask 022; cd /; times; ulimit -n 100'",
            "printf 'echo a\\nsleep 0.1\\n' > script; bash script; bash -c 'kill -TERM $$'",
            "bash -ic 'history; jobs; echo $PWD'",
            "bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'; bash -c 'exec true'",
            "bash -c 'for f in /etc/*; do test -d $f; done; coproc cat; mapfile y < /etc/passwd; cat <(echo a)'",
            "bash -c 'read -t 0.1 x < <(sleep 1)'; bash -c 'set -m; sleep 0.1 & fg'",
            "bash -lc 'echo ~root; type ls; hash'",
        ],
    ),
    (
        "busybox",
        &[
            "busybox ls -l",
            "busybox sh -c 'echo a | busybox cat'",
            "busybox find /etc",
            "busybox mkdir b1; busybox touch b1/f; busybox cp -a b1 b2; busybox mv b2 b3; busybox rm -rf b1 b3",
            "busybox tar cf b.tar /etc/passwd; busybox tar xf b.tar; busybox gzip -c b.tar",
            "busybox nc -w 1 127.0.0.1 1; busybox wget -q -T 1 http://127.0.0.1:1/",
            "busybox ps; busybox df; busybox free; busybox uptime; busybox dmesg",
            "busybox ln -s a bl; busybox readlink bl; busybox touch bm; busybox chmod 600 bm; busybox stat /etc/passwd",
            "busybox id; busybox hostname; busybox uname -a; busybox date; busybox sleep 0.01",
            "busybox timeout 1 true; busybox nice true; busybox setsid true; busybox chroot / true",
            "busybox dd if=/etc/passwd of=bd bs=16 conv=fsync; busybox truncate -s 9 bd; busybox mktemp",
            "busybox kill -0 1; busybox ping -c 1 -W 1 127.0.0.1; busybox ifconfig",
        ],
    ),
    (
        "cat",
        &[
            "cat /etc/passwd",
            "cat < /etc/passwd",
            "cat -n /etc/passwd > copy",
            "cat nosuch; cat /etc",
            "echo a | cat -A - > copy",
            "cat --help; cat --nosuch; echo a > own; cat own >> own",
        ],
    ),
    (
        "chmod",
        &[
            "touch f; chmod 600 f",
            "mkdir -p d; chmod -R 700 d",
            "touch f; chmod -v u+x,g=w f; chmod --reference=/etc/passwd f",
            "chmod 600 nosuch; touch g; chmod -c +r g",
        ],
    ),
    (
        "cp",
        &[
            "cp -a /etc/passwd p",
            "cp -r /etc/apt apt",
            "cp /etc/passwd p1; cp -u /etc/group p1; cp -i /etc/group p1 < /dev/null; cp -n /etc/group p1",
            "cp --sparse=always /etc/passwd p2; cp --reflink=auto p2 p3; cp -l p2 p4; cp -s /etc/passwd p5",
            "cp -b /etc/passwd p6; cp -b /etc/group p6; cp --parents /etc/passwd .; cp nosuch p7",
            "mkfifo ff; cp -R ff ff2; ln -s a sl; cp -P sl sl2; cp --preserve=all /etc/passwd p8; cp -f p8 p6",
        ],
    ),
    (
        "curl",
        &[
            "curl -s file:///etc/passwd",
            "curl -sv http://127.0.0.1:1/",
            "curl -sm2 http://localhost:1/",
            "curl -so out -D headers file:///etc/passwd; curl -sT out file://$PWD/sent",
            "curl -sm1 telnet://127.0.0.1:1/; curl -sm1 ftp://127.0.0.1:1/; curl -sm1 tftp://127.0.0.1:1/a",
            "curl -sm1 https://127.0.0.1:1/; curl -V; curl --help all",
            "curl -sm1 --unix-socket nosuch http://a/; curl -sm1 --interface lo http://127.0.0.1:1/",
            "curl -sZm1 http://127.0.0.1:1/ http://[::1]:1/; curl -sm1 -c jar -b jar http://nosuch.invalid/",
        ],
    ),
    (
        "dash",
        &[
            "dash -c 'echo a | cat; ls & wait; ulimit -a'",
            "dash -c 'read x < /etc/passwd; trap : INT; kill -0 $$; umask 022; cd /; times'",
            "dash -c 'cat <<E\na\nE\ntest -r /etc/passwd; test -x /bin/sh; echo /etc/*'; dash -c 'kill -TERM $$'",
            "dash -ic 'jobs; echo'; dash -c 'exec true'; dash nosuch; dash -c 'set -m; sleep 0.1 & fg'",
        ],
    ),
    (
        "date",
        &[
            "date",
            "date -s nosuch",
            "TZ=Europe/Berlin date -d 'next friday' +%c; date -r /etc/passwd -R",
            "echo yesterday | date -f -; date -u; date --resolution",
        ],
    ),
    (
        "dd",
        &[
            "dd if=/etc/passwd of=copy bs=16",
            "dd if=/dev/zero of=zeros count=1 seek=4 conv=fsync",
            "dd if=/etc/passwd of=c2 iflag=direct,fullblock; dd if=/etc/passwd of=c3 conv=notrunc,fdatasync,swab",
            "dd if=/etc/passwd skip=1 bs=64 oflag=sync,nocache of=c4 status=progress; dd if=nosuch; echo a | dd",
        ],
    ),
    (
        "diff",
        &[
            "diff /etc/passwd /etc/group",
            "diff -r /etc/apt /etc/default",
            "diff -u /etc/passwd - < /etc/group; diff nosuch /etc/passwd; diff --color=always /etc/passwd /etc/group",
            "diff -y /etc/passwd /etc/group; diff -q /bin/ls /bin/cat; diff -l /etc/passwd /etc/group",
        ],
    ),
    (
        "env",
        &[
            "env true",
            "env -i sh -c true",
            "env; env -u HOME nosuch; env -C / true",
            "env -S 'true a'; env --ignore-signal=INT true; env --list-signal-handling --block-signal true",
        ],
    ),
    (
        "find",
        &[
            "find /usr/share/doc -newer /etc/passwd",
            "find /etc -maxdepth 1 -exec true {} +",
            "mkdir -p x/y; find x -delete",
            "find /etc -maxdepth 1 -ls; find /etc -user root -printf '%p %l %F'; find / -xdev -maxdepth 1 -empty",
            "find . -maxdepth 1 -execdir true {} ';'; find nosuch; find . -fprint list",
            "find /usr/share/zoneinfo -type l -lname '*a*'; find -L /etc -maxdepth 2 -name 'a*' -readable -samefile /",
        ],
    ),
    (
        "git",
        &[
            "git init -q g",
            "git init -q g; git -C g status",
            "git init -q g; git -C g -c user.name=a -c user.email=a commit -qm a --allow-empty",
            "git init -q g; git -C g -c user.name=a -c user.email=a commit -qm a --allow-empty; git -C g log",
            "git init -q g2; cp -r /etc/apt g2; git -C g2 add .; git -C g2 -c user.name=a -c user.email=a commit -qm b; git -C g2 gc -q; git -C g2 fsck",
            "git init -q g3; git clone -q g3 g4; git -C g4 fetch; git -C g4 branch -a; git -C g4 stash; git -C g4 clean -fd",
            "git config --list; git --version; git help -a; git ls-remote git://127.0.0.1:1/a",
            "git init -q g5; echo a > g5/a; git -C g5 add a; git -C g5 diff --cached; git -C g5 grep --cached a; git -C g5 mv a b; git -C g5 archive --format=tar $(git -C g5 write-tree)",
        ],
    ),
    (
        "grep",
        &[
            "grep -r root /etc",
            "echo a | grep a",
            "grep -c nosuch /etc/passwd; grep -P 'r(?=o)' /etc/passwd; grep a nosuch; grep -f /etc/passwd /etc/group",
            "grep -z a /bin/ls; LC_ALL=C.UTF-8 grep -io ROOT /etc/passwd; grep --color=always -A1 root /etc/passwd",
        ],
    ),
    (
        "gzip",
        &[
            "gzip -k -c /etc/passwd",
            "cp /etc/passwd z; gzip z; gzip -d z.gz",
            "cp /etc/passwd z1; gzip -9fv z1; gzip -l z1.gz; gzip -t z1.gz",
            "cp -r /etc/apt z2; gzip -r z2; gzip nosuch; echo a | gzip | gzip -d; gzip -d /etc/passwd",
        ],
    ),
    (
        "head",
        &[
            "head /etc/passwd",
            "head -c 5 /etc/passwd",
            "head -n -3 /etc/passwd; head -c -3 /etc/passwd; head nosuch",
            "seq 1000 | head -n -5; seq 9 | head -c -3; head -q /etc/passwd /etc/group",
        ],
    ),
    ("id", &["id", "id root", "id -un; id -G nobody; id nosuch", "id -Z; id --help"]),
    (
        "ln",
        &[
            "ln -sf a b",
            "touch l; ln -f l m",
            "mkdir -p ld; ln -srf /etc/passwd ld/x; ln -sT a ld/y; ln nosuch q",
            "touch lb; ln -b lb lc; ln -b lb lc; ln -sv /etc/passwd .",
        ],
    ),
    (
        "ls",
        &[
            "ls -laR /etc",
            "ls --color=always -l /tmp",
            "ls /nonexistent",
            "ls -ldZi /etc; ls -t /; ls -S --block-size=1 /etc; ls -C -w 80 /etc",
            "ls -l --time-style=+%c /; ls -L /; ls -F; ls --group-directories-first /",
            "TZ=Europe/Berlin LC_ALL=C.UTF-8 ls -l /; ls --help",
        ],
    ),
    (
        "make",
        &[
            "make -f /dev/null",
            "printf 'a:\\n\\techo b\\n' > m.mk; make -f m.mk",
            "printf 'a: b c\\nb c:\\n\\tsleep 0.1; touch $@\\n' > n.mk; make -j2 -f n.mk; make -n -f n.mk",
            "printf 'X := $(shell echo a)\\nall: $(wildcard /etc/*)\\n\\t@false\\n' > o.mk; make -k -f o.mk; make -v",
        ],
    ),
    (
        "mkdir",
        &[
            "mkdir -p h/i",
            "mkdir -m 700 j",
            "mkdir -pv h1/i1/j1; mkdir h1; mkdir nosuch/a",
            "mkdir -Z k1; mkdir --help",
        ],
    ),
    (
        "mv",
        &[
            "touch q; mv q r",
            "touch s; mv s /dev/shm/benches-mv; mv /dev/shm/benches-mv s",
            "touch t1 t2; mv -i t1 t2 < /dev/null; mv -b t1 t2; mv nosuch t3; mv -n t2 t4",
            "mkdir -p md; touch md/a; ln -s a md/b; mkfifo md/c; mv md /dev/shm/benches-md; mv -v /dev/shm/benches-md md2",
        ],
    ),
    (
        "openssl",
        &[
            "openssl version -a",
            "openssl rand 10",
            "openssl genrsa 1024",
            "openssl req -x509 -newkey rsa:1024 -nodes -keyout key.pem -out cert.pem -subj /CN=a -days 1",
            "openssl dgst -sha256 /etc/passwd; echo a | openssl enc -aes-128-cbc -k a -pbkdf2 | openssl base64",
            "timeout 1 openssl s_client -connect 127.0.0.1:1; timeout 1 openssl s_server -nocert -port 47113",
        ],
    ),
    (
        "perl",
        &[
            "perl -e 'fork; print 1; open F, \"/etc/passwd\"; print <F>;'",
            "perl -MSocket -e 'socket S, AF_INET, SOCK_STREAM, 0'",
            "perl -e 'print `echo a`; system \"true\"; $SIG{ALRM} = sub {}; alarm 1; pipe A, B; kill 0, $$; print time'",
            "perl -e 'mkdir \"pd\"; opendir D, \"/etc\"; print readdir D; rmdir \"pd\"; unlink \"p\"; chmod 0600, \"p\"; utime 1, 1, \"p\"'",
            "perl -MIO::Socket -e 'IO::Socket::INET->new(PeerAddr => \"127.0.0.1:1\"); getpwnam \"root\"; gethostbyname \"localhost\"'",
            "perl -MFile::Find -MFile::Copy -MFile::Temp=tempfile -e 'find sub {}, \"/etc/apt\"; copy \"/etc/passwd\", \"pc\"; tempfile; rename \"pc\", \"pe\"'",
            "perl -e 'symlink \"a\", \"psl\"; link \"/dev/null\", \"pl\"; readlink \"psl\"; truncate \"psl\", 0; select undef, undef, undef, 0.01; chdir \"/\"; umask 022; sleep 1'",
            "perl -ne 'print if /root/' /etc/passwd; echo a > pi; perl -i -pe s/a/b/ pi; perl -v; perl -e die",
        ],
    ),
    (
        "ps",
        &[
            "ps aux",
            "ps -eLf",
            "ps -o pid,cmd,wchan,label,cgroup -p 1",
            "ps --forest -C sh; ps --sort=-rss -e; ps --info",
        ],
    ),
    (
        "python3",
        &[
            "python3 -c 'import os, socket; socket.socket().close(); print(os.listdir(\"/\"))'",
            "python3 -c 'import subprocess, threading; subprocess.run([\"true\"]); t = threading.Thread(target=print); t.start(); t.join()'",
            "python3 -c 'import tempfile, shutil; d = tempfile.mkdtemp(); shutil.copy(\"/etc/passwd\", d); shutil.rmtree(d)'",
            "python3 -c 'import asyncio; asyncio.run(asyncio.sleep(0.01))'; python3 -m venv --help",
            "python3 -c 'import select, signal, time; signal.alarm(1); select.select([], [], [], 0.01); time.sleep(0.01); select.epoll()'",
            "python3 -c 'import multiprocessing as m; p = m.Process(target=print); p.start(); p.join()'; python3 -c 'raise SystemExit(2)'",
            "python3 -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:1\")'; python3 -c 'import json, sqlite3, ssl; sqlite3.connect(\"py.db\").execute(\"create table a(b)\")'",
            "python3 -c 'import os, mmap, pwd; os.pipe(); os.fork(); os.umask(0); pwd.getpwnam(\"root\"); os.symlink(\"a\", \"pys\"); os.utime(\".\"); mmap.mmap(-1, 9)'",
        ],
    ),
    (
        "rm",
        &[
            "mkdir -p k/l; touch k/l/m; rm -rf k",
            "rm nosuch",
            "touch u v; rm -i u < /dev/null; rm -v v; rm -f nosuch",
            "mkdir n; rm -d n; mkdir n2; rm n2; rm -I --one-file-system nosuch",
        ],
    ),
    (
        "sed",
        &[
            "echo a > t; sed -i s/a/b/ t",
            "sed -n p /etc/passwd",
            "printf 's/a/b/w out\\n' > t.sed; sed -f t.sed /etc/passwd; sed nosuch; sed p nosuch",
            "echo a > t5; sed -i.old --follow-symlinks s/a/b/ t5; sed '1e echo a' t5; sed --debug -E 's/(a|b)/c/' t5; sed 'r /etc/group' t5",
        ],
    ),
    (
        "sort",
        &[
            "sort /etc/passwd",
            "sort -R /etc/services",
            "sort -S 1M /etc/services -o u",
            "seq 300000 | sort -S 100K --parallel=2 -T . --compress-program=gzip | tail -n1",
            "sort -c /etc/passwd; sort -m /etc/passwd /etc/group; sort -u -k2 /etc/passwd; sort nosuch",
            "LC_ALL=C.UTF-8 sort -h /etc/passwd; find /etc/apt -print0 | sort -z --files0-from=-; sort -n --debug /etc/group",
        ],
    ),
    (
        "sqlite3",
        &[
            "sqlite3 t.db 'create table if not exists a(b); insert into a values(1); pragma journal_mode=wal; insert into a values(2); vacuum'",
            "sqlite3 t.db .dump",
            "sqlite3 t2.db 'begin; create table a(b); rollback'; sqlite3 t2.db '.backup t3.db' '.tables' '.databases'",
            "printf 'a,b\\n1,2\\n' > t.csv; sqlite3 :memory: '.mode csv' '.import t.csv x' 'select * from x'; sqlite3 t2.db '.output o' '.shell true'",
            "sqlite3 t4.db 'pragma mmap_size=100000000; pragma synchronous=full; create table a(b); attach \"t5.db\" as c; create table c.a(b)'",
            "sqlite3 t6.db 'create table a(b); with recursive c(x) as (select 1 union all select x+1 from c limit 200000) insert into a select x from c; create index i on a(b); select count(*) from a order by 1'",
        ],
    ),
    (
        "ssh",
        &[
            "ssh -V",
            "ssh -o BatchMode=yes -p 1 localhost",
            "ssh -G localhost; ssh -Q cipher; ssh -o ProxyCommand=true -o BatchMode=yes a",
            "python3 -c 'import socket; s = socket.create_server((\"127.0.0.1\", 47112)); c = s.accept()[0]; c.send(b\"SSH-2.0-a\\r\\n\"); c.recv(9999)' & sleep 1; ssh -o BatchMode=yes -p 47112 127.0.0.1; wait",
        ],
    ),
    (
        "stat",
        &[
            "stat /etc/passwd",
            "stat -f /",
            "stat -c '%U %m %C' /etc/passwd; stat -L /",
            "stat nosuch; stat -t - < /dev/null; stat --cached=always /",
        ],
    ),
    (
        "tail",
        &[
            "tail -n3 /etc/passwd",
            "seq 100000 | tail",
            "timeout 0.5 tail -f /etc/passwd; sleep 0.3 & tail --pid=$! -f /etc/passwd",
            "tail -c 9 /etc/passwd; tail -n +3 /etc/passwd; tail nosuch; timeout 0.5 tail -F nosuch; seq 9 | tail -c 3",
        ],
    ),
    (
        "tar",
        &[
            "tar cf v.tar /etc/passwd",
            "tar cf v.tar /etc/passwd; tar tvf v.tar",
            "tar cf v.tar /etc/passwd; tar xf v.tar",
            "tar czf v.tgz /etc/apt; mkdir -p vx; tar xzf v.tgz -C vx",
            "mkdir -p vd; ln -sf a vd/l; touch vd/b; ln -f vd/b vd/h; mkfifo vd/p; tar cf w.tar vd; tar xpf w.tar; tar rf w.tar /etc/group; tar df w.tar",
            "tar cSf s.tar --xattrs --acls -g snar /etc/apt; tar uf s.tar /etc/passwd; tar xf nosuch; tar cf - /etc/passwd | tar xf - --to-command=cat",
        ],
    ),
    (
        "touch",
        &[
            "touch w",
            "touch -d yesterday w",
            "touch -c nosuch; touch -r /etc/passwd w; touch -m w",
            "touch -h w; touch nosuch/b; touch -t 202001010000 w; touch -",
        ],
    ),
    (
        "wc",
        &[
            "wc /etc/passwd",
            "seq 10 | wc",
            "wc -m /etc/passwd; wc -c /etc/passwd; wc nosuch",
            "LC_ALL=C.UTF-8 wc -Lw /etc/passwd; echo /etc/passwd | tr '\\n' '\\0' | wc --files0-from=-",
        ],
    ),
    (
        "xargs",
        &[
            "echo a | xargs echo",
            "seq 9 | xargs -n1 -P3 true",
            "echo a | xargs -I{} false {}; echo a | xargs nosuch; xargs -a /etc/passwd -d: echo",
            "echo a | xargs -t -r sh -c 'kill $$'; echo a | xargs -p true; xargs --show-limits < /dev/null",
        ],
    ),
];

/// Programs of the public registry, as `cargo install` builds them.
pub(super) const OF_THE_REGISTRY: [Program; 8] = [
    (
        "fd",
        &[
            "fd passwd /etc",
            "fd -e conf . /etc -x true",
            "fd -HI -t f -S +1k --changed-within 1d . /etc -l; fd -1 a /etc",
            "fd --owner root . /etc -d 1; fd -j1 -X echo . ; fd a nosuch; fd --gen-completions bash; fd -L -tl . /etc",
        ],
    ),
    (
        "hexyl",
        &[
            "hexyl /etc/passwd",
            "echo a | hexyl",
            "hexyl -n 9 -s 2 /etc/passwd; hexyl -s -9 /bin/ls",
            "hexyl nosuch; hexyl --color=always --border=none /etc/group; hexyl --help",
        ],
    ),
    (
        "hyperfine",
        &[
            "hyperfine -r 2 true",
            "hyperfine -N -r 2 true --export-json h.json",
            "hyperfine -w 1 -r 2 'sleep 0.01' 'sleep 0.02' --export-markdown h.md",
            "hyperfine -r 2 -p true -c true --show-output 'echo a'; hyperfine -r 2 nosuch; hyperfine -i -r 2 -P x 1 2 'exit {x}'",
        ],
    ),
    (
        "just",
        &[
            "printf 'a:\\n  echo b\\n' > justfile; just a",
            "printf 'x := `echo a`\\na:\\n  #!/bin/sh\\n  echo {{x}}\\n' > j.just; just -f j.just a",
            "printf 'a:\\n  false\\n' > k.just; just -f k.just; just -f k.just --list; just -f k.just --dump; just nosuch",
            "just --init --justfile l.just; just --fmt --unstable --justfile l.just; just --summary; just --completions bash; printf 'set dotenv-load\\na: b\\nb:\\n  @sleep 0.01\\n' > m.just; just -f m.just",
        ],
    ),
    (
        "rg",
        &[
            "rg root /etc",
            "echo a | rg a",
            "rg -uu -c root /etc; rg --files /etc; rg -z a nosuch; rg --mmap root /etc/passwd; rg -j1 root /etc",
            "rg --json root /etc/passwd; rg --pre cat root /etc/passwd; rg --type-list; rg -U 'a\\nb' /etc; rg --sort modified root /etc; rg --follow root /etc/apt",
        ],
    ),
    (
        "sd",
        &[
            "echo a | sd a b",
            "echo a > sd1; sd a b sd1",
            "echo a > sd2; sd -p a b sd2; sd a b nosuch",
            "seq 9999 > sd3; sd -F 1 2 sd3; sd '(' a sd3; sd --help",
        ],
    ),
    (
        "sfz",
        &[
            "timeout 1 sfz -p 47114 .",
            "timeout 2 sfz -p 47115 /etc & sleep 0.7; curl -s http://127.0.0.1:47115/passwd; wait",
            "timeout 2 sfz -p 47116 --cors --render-index / & sleep 0.7; curl -sr 1-9 http://127.0.0.1:47116/etc/passwd; curl -s http://127.0.0.1:47116/etc/; wait",
            "sfz nosuch; sfz --help; timeout 2 sfz -p 47117 -C / & sleep 0.7; curl -s --compressed http://127.0.0.1:47117/etc/services; curl -s 'http://127.0.0.1:47117/etc/apt?action=zip'; wait",
        ],
    ),
    (
        "zoxide",
        &[
            "_ZO_DATA_DIR=$PWD/zo zoxide add /etc; _ZO_DATA_DIR=$PWD/zo zoxide query etc",
            "zoxide init bash; zoxide query nosuch",
            "_ZO_DATA_DIR=$PWD/zp zoxide add /etc /usr; _ZO_DATA_DIR=$PWD/zp zoxide query -ls; _ZO_DATA_DIR=$PWD/zp zoxide remove /etc",
            "echo '/etc|1|1' > z.txt; _ZO_DATA_DIR=$PWD/zq zoxide import --from z z.txt; _ZO_DATA_DIR=$PWD/zq zoxide edit; zoxide --help",
        ],
    ),
];
