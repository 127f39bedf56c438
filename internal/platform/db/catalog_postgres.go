package db

// catalogOfPostgres reads the columns of all tables, those of a table together
// and in their order.
func catalogOfPostgres(tx *Tx) ([]catalogRow, error) {
	return List(tx, scanCatalog, `select cast(t.relname as text), cast(c.attname as text), format_type(c.atttypid, c.atttypmod),
			coalesce(array_position(cast(i.indkey as int2[]), c.attnum) + 1, 0)
		from pg_class t
		join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
		left join pg_index i on i.indrelid = t.oid and i.indisprimary
		where t.relkind in ('r', 'p') and t.relnamespace = cast(current_schema() as regnamespace)
		order by t.relname collate "C", c.attnum limit 100000`)
}
