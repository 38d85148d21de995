# A database with transactions, in both kinds of journal, and in memory.
needs=(sqlite3)
prepare() { :; }
recorded() {
    under sqlite3 one.db "create table t(a, b); insert into t values (1, 2), (3, 4); create index i on t(a); select * from t" >answer
    under sqlite3 one.db "pragma journal_mode = wal; begin; insert into t select a + 1, b from t; commit; vacuum; select count(*) from t" >answer
    echo ".dump" | under sqlite3 one.db >dump
    under sqlite3 no-such-folder/one.db "select 1" || [ $? = 1 ]
}
again() {
    under sqlite3 two.db <dump
    under sqlite3 two.db "pragma journal_mode = wal; create table x(y); insert into x values (zeroblob(1000000)); drop table x; pragma integrity_check" >answer
    under sqlite3 :memory: "create table a(b); insert into a values (1); rollback" || [ $? = 1 ]
}
attacked() { under sqlite3 two.db "select count(*) from t" >answer; }
