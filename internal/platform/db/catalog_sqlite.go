package db

// catalogOfSQLite reads the columns of all tables, those of a table together
// and in their order.
func catalogOfSQLite(tx *Tx) ([]catalogRow, error) {
	return List(tx, scanCatalog, `select m.name, c.name, c.type, c.pk
		from sqlite_master m join pragma_table_info(m.name) c
		where m.type = 'table' order by m.name, c.cid limit 100000`)
}
