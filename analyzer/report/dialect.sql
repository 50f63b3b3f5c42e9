-- Texts for CSV. A spreadsheet takes what begins with one of = + - @, or their full-width forms, for a formula, also after
-- blanks that it drops, and in a file that it splits by another delimiter after that one. An apostrophe makes it a text.
-- A text that begins with a control character (tab, line end, NUL) gets one, too.
CREATE OR REPLACE TEMP MACRO tamed(t) AS
    CASE WHEN regexp_matches(t, '^\p{Cc}') AND NOT regexp_matches(t, '^[\p{Z}\p{Cc}\p{Cf}]*[=+@＝＋－＠-]') THEN '''' ELSE '' END
    || regexp_replace(t, '(^|[,;|\t])([\p{Z}\p{Cc}\p{Cf}]*)([=+@＝＋－＠-])', '\1''\2\3', 'g');
-- Control characters, line and paragraph separators and bidi controls are spelled out: none acts on what reads the file.
CREATE OR REPLACE TEMP MACRO unseen(t) AS
    regexp_matches(t, '[\x{00}-\x{1f}\x{7f}-\x{9f}\x{ad}\x{61c}\x{115f}\x{1160}\x{180b}-\x{180f}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{3164}\x{feff}\x{ffa0}\x{fff9}-\x{fffb}\x{e0000}-\x{e007f}]');
CREATE OR REPLACE TEMP MACRO spelled(t) AS CASE WHEN unseen(t)
    THEN array_to_string(list_transform(regexp_extract_all(t, '(?s).'),
        lambda c: CASE WHEN unseen(c) THEN printf(CASE WHEN unicode(c) > 65535 THEN '\U%08x' ELSE '\u%04x' END, unicode(c)) ELSE c END), '')
    ELSE t END;
-- Nearly all names are plain: they are looked at once.
CREATE OR REPLACE TEMP MACRO csv_text(t) AS
    CASE WHEN t IS NULL OR regexp_full_match(t, '[A-Za-z0-9/_.:][A-Za-z0-9/_.: -]*') THEN t ELSE spelled(tamed(t)) END;
-- An exact number in plain notation, without zeros at its end.
CREATE OR REPLACE TEMP MACRO csv_decimal(n) AS rtrim(rtrim(CAST(n AS VARCHAR), '0'), '.');
-- The same, never without a decimal: what would read like a count would be taken for one.
CREATE OR REPLACE TEMP MACRO csv_pointed(n) AS
    CASE WHEN ends_with(rtrim(CAST(n AS VARCHAR), '0'), '.') THEN rtrim(CAST(n AS VARCHAR), '0') || '0' ELSE rtrim(CAST(n AS VARCHAR), '0') END;
-- Instants as ISO 8601: with a Z those in UTC, without those on a local clock.
CREATE OR REPLACE TEMP MACRO csv_clock(t) AS replace(strftime(t, '%Y-%m-%dT%H:%M:%S.%f'), '.000000', '');
CREATE OR REPLACE TEMP MACRO csv_instant(t) AS csv_clock(t AT TIME ZONE 'UTC') || 'Z';
