package readership
import ("testing";"time";"broadsheet/internal/platform/db";"broadsheet/internal/platform/db/dbtest";"broadsheet/internal/news/ref")
func TestScale(t *testing.T){
 r:=newRoom(t,dbtest.Postgres(t)); r.fill(90000,3000000); k:=NewRanker(r.db,r.now); r.rank(k)
 for range 2 {
 for range 2 {
 r.must(r.db.View(t.Context(),func(tx *db.Tx) error {
  a:=time.Now(); v,err:=r2(k,tx,r.hour()); r.must(err); b:=time.Now(); c,err:=candidates(tx,v); r.must(err); t.Log("sum",b.Sub(a),"cand",time.Since(b),len(v),len(c))
  rows,err:=db.List(tx, db.Value[string], `explain analyze select story, cast(sum(case when hour > $3 then n else 0 end) as bigint), cast(sum(case when hour > $4 then n else 0 end) as bigint), cast(sum(n) as bigint)
		from view_hour where hour >= $1 and hour <= $2 group by story order by story limit 10000000`, r.hour()-2,r.hour(),r.hour()-24,r.hour()-168)
  r.must(err); for _,x:=range rows {t.Log(x)}
  ids,_:=db.Pack(keys(v))
  rows,err=db.List(tx, db.Value[string], `explain analyze select story, edition, section, genre, published from published
		where story in (select cast(value as bigint) from json_each(cast($1 as text))) and genre <> 'page'
			and story not in (select story from view_excluded)
		order by story limit 10000000`, ids)
  r.must(err); for _,x:=range rows {t.Log(x)}
  return nil}))
 }
 r.do(`analyze view_hour`); r.do(`analyze live`)
 }
}
func r2(k *Ranker, tx *db.Tx, h int64)(map[ref.Story]sums,error){return k.sum(tx,h)}
func keys(m map[ref.Story]sums)(l []ref.Story){for k:=range m{l=append(l,k)};return}
