-- How many calls stand in the table more than once.
SELECT count(*) AS number
FROM requests_repeated
