-- +goose Up
-- By what a person signs in. password is an Argon2id hash in the PHC form, totp the
-- secret of RFC 6238 in base32, recovery a JSON array of SHA-256 hashes, passkeys one of
-- WebAuthn keys; each empty where there is none. step is the last time step of a code
-- that was taken; misses counts wrong passwords and codes since missed_at.
create table credential (
	staff bigint primary key,
	password text not null,
	totp text not null,
	step bigint not null,
	recovery text not null,
	passkeys text not null,
	misses bigint not null,
	missed_at bigint not null,
	changed_at bigint not null
);

-- Who is signed in, where. Only the SHA-256 of what the browser holds is kept. device
-- is the browser's, and ended_at is 0 while the session is good.
create table desk_session (
	id bigint primary key,
	hash text not null,
	staff bigint not null,
	device bigint not null,
	created_at bigint not null,
	seen_at bigint not null,
	confirmed_at bigint not null,
	ended_at bigint not null
);
create unique index desk_session_hash on desk_session (hash);
create index desk_session_staff on desk_session (staff, ended_at);

-- Browsers from which people have signed in. secret encrypts what a browser keeps of
-- what they write: it is given back after a sign-in, and empty once it was revoked.
create table device (
	id bigint primary key,
	hash text not null,
	staff bigint not null,
	label text not null,
	secret text not null,
	created_at bigint not null,
	seen_at bigint not null
);
create unique index device_hash on device (hash, staff);
create index device_staff on device (staff);

-- Links by which somebody comes to the desk, or comes back with new credentials: good
-- once, until a time.
create table invitation (
	id bigint primary key,
	hash text not null,
	staff bigint not null,
	by bigint not null,
	created_at bigint not null,
	expires_at bigint not null,
	used_at bigint not null
);
create unique index invitation_hash on invitation (hash);
create index invitation_staff on invitation (staff);

-- What a browser was asked to sign, for some minutes.
create table challenge (
	hash text primary key,
	content text not null,
	expires_at bigint not null
);

-- Where an unpublished story is on its way, and with whom. deadline is 0 for none.
create table plan (
	story bigint primary key,
	stage text not null,
	writer bigint not null,
	editor bigint not null,
	deadline bigint not null,
	guarded boolean not null,
	changed_at bigint not null,
	by bigint not null
);

-- Notes on a place of a story: block is the key of the block, quote the words that are
-- meant; parent is the note that is answered, done_at 0 while it is open.
create table story_note (
	id bigint primary key,
	story bigint not null,
	parent bigint not null,
	block text not null,
	quote text not null,
	text text not null,
	by bigint not null,
	at bigint not null,
	done_at bigint not null,
	done_by bigint not null
);
create index story_note_story on story_note (story, id);

-- Lists of stories that somebody keeps: the query of the page.
create table saved_view (
	id bigint primary key,
	staff bigint not null,
	name text not null,
	query text not null
);
create index saved_view_staff on saved_view (staff, id);

-- What came with an embargo, and who signed that it holds.
create table embargo_terms (
	story bigint primary key,
	source text not null,
	terms text not null,
	by bigint not null,
	at bigint not null,
	second bigint not null,
	second_at bigint not null
);

-- A publication that went out before its checks were met: which, why, by when it is to
-- be mended, and who hears the alarm. mended_at is 0 until it was.
create table waiver (
	id bigint primary key,
	story bigint not null,
	checks text not null,
	reason text not null,
	by bigint not null,
	at bigint not null,
	until bigint not null,
	watcher bigint not null,
	mended_at bigint not null
);
create index waiver_open on waiver (mended_at, until);

-- A story in a list of the desk: what it is, what was agreed about it, and how it stands
-- with readers. saved_by saved it last; behind says that what was saved since is not live.
create view work as
select s.id as story, coalesce(p.stage, 'writing') as stage, coalesce(p.writer, 0) as writer, coalesce(p.editor, 0) as editor, coalesce(p.deadline, 0) as deadline,
	coalesce(p.guarded, false) as guarded, coalesce(p.changed_at, 0) as changed_at, coalesce(p.by, 0) as planned_by, s.edition, s.state, s.sequence,
	coalesce(json_extract(r.content, '$.headline'), '') as headline, coalesce(json_extract(r.content, '$.genre'), '') as genre, coalesce(json_extract(r.content, '$.section'), '0') as section,
	s.embargo, r.at as saved_at, r.by as saved_by, coalesce(l.published, 0) as published, coalesce(l.updated, 0) as updated,
	coalesce(l.revision, 0) <> 0 and l.revision <> s.head as behind, coalesce(d.at, 0) as due, coalesce(d.failure, '') as failure,
	(select count(*) from story_note n where n.story = s.id and n.parent = 0 and n.done_at = 0) as notes
from story s join revision r on r.id = s.head left join plan p on p.story = s.id left join live l on l.story = s.id left join planned d on d.story = s.id
where s.batch not in (select id from batch where state <> 'live');
