package db

// serverTime is PostgreSQL's clock now, in milliseconds: not the one of the
// transaction's beginning.
const serverTime = `select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
