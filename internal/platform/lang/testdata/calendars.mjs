// Writes the two small tables of dates that the tests always have.
//
//   node testdata/calendars.mjs dates > testdata/dates.tsv
//   node testdata/calendars.mjs years > testdata/solar-hijri-years.tsv
//
// dates.tsv has every 251st day from 1900 to 2100 in three calendars;
// solar-hijri-years.tsv has the Gregorian day on which each of the Solar Hijri
// years 1178 to 1634 begins. Both are Node's Intl (ICU 78.2, CLDR 48.0 when
// they were made), so they hold what ICU says, right or not.
const day = 864e5;
const iso = (t) => new Date(t).toISOString().slice(0, 10);

function reader(calendar) {
  const f = new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, {
    timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric",
  });
  return (t) => {
    const p = Object.fromEntries(f.formatToParts(t).map((x) => [x.type, x.value]));
    return [p.year ?? p.relatedYear, p.month, p.day].join("-");
  };
}

const solar = reader("persian");
const hijri = reader("islamic-umalqura");

if (process.argv[2] === "dates") {
  console.log("iso_date\tpersian\tislamic_umalqura");
  for (let t = Date.UTC(1900, 0, 1); t <= Date.UTC(2100, 11, 31); t += 251 * day) {
    console.log([iso(t), solar(t), hijri(t)].join("\t"));
  }
} else {
  console.log("year\tfirst_day");
  for (let year = 1178; year <= 1634; year++) {
    for (let d = 18; d < 24; d++) {
      const t = Date.UTC(year + 621, 2, d);
      if (solar(t) === `${year}-1-1`) console.log(`${year}\t${iso(t)}`);
    }
  }
}
