package db

import "time"

func examinePostgres(tx *Tx, now func() time.Time) (h Health, err error) {
	before := now()
	theirs, err := Find(tx, Value[int64], serverTime)
	if err != nil {
		return h, err
	}
	// The answer was made about half-way between.
	ours := before.Add(now().Sub(before) / 2)
	h.Skew = ours.Sub(time.UnixMilli(theirs))
	return Find(tx, func(r Row) (Health, error) {
		err := r.Scan(&h.Release, &h.Encoding, &h.Connections, &h.MostConnections)
		return h, err
	}, `select cast(current_setting('server_version_num') as bigint), current_setting('server_encoding'),
			(select count(*) from pg_stat_activity where backend_type = 'client backend'), cast(current_setting('max_connections') as bigint)`)
}
